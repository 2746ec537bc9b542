"""The AsyncAPI 3 document: every topic, what is published on it and by whom, as one file that other programs can read.

Payloads are the published schemas in the JSON Schema of draft 7, the only one that every AsyncAPI reader must know.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.city import JOINT_OFFICE, WORD_PATTERN
from schemas.events import CITY_TYPES, JOINT_TYPES, PRODUCT_PUBLISHED
from schemas.outgoing import OUTGOING_TYPES
from schemas.topics import CHECKPOINTS, DEAD_LETTERS, JOINT, PRODUCTS, TopicSpec

Schema = dict[str, Any]

VERSION = "1.0.0"
"""Of the document: its major version rises when a type's does."""

DRAFT_07 = "application/schema+json;version=draft-07"
CLOUDEVENTS = "application/cloudevents+json"

_ABOUT = """\
Cities' registers of two-type products (两型产品) and the shared store that recognises them (长株潭两型产品互认).

Records are CloudEvents 1.0 in structured JSON; the record key is ignored, `subject` counts. Sources sign: an Ed25519 signature
over the value vouches for the chain of `previoushash` up to it. Events of the shared store are unsigned; the audit index that
they name, under a signed checkpoint, is their proof. Operations are those of the shared store. Recognition is a preference under
equal conditions (同等条件下优先), never a condition of entry to procurement."""


def document(events: Mapping[str, Schema]) -> Schema:
    """The document over the published schemas, by type. Raises ValueError when two types mean different things by one name."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "czt",
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CLOUDEVENTS,
        "servers": _servers(),
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "schemas": _shared(events),
            "messages": {**{name: _message(name, schema) for name, schema in events.items()}, **_other_messages()},
            "messageTraits": {"sealed": _sealed(), "plain": {"headers": _headers({})}},
            "securitySchemes": {"account": {"type": "scramSha512", "description": "one account for each party"}},
        },
    }


def _servers() -> Schema:
    variables = {"bootstrap": {"description": "host:port of a broker, as in CZT_BROKER_URL"}}
    plain: Schema = {"host": "{bootstrap}", "variables": variables}
    account = [{"$ref": "#/components/securitySchemes/account"}]
    return {
        "secure": {**plain, "protocol": "kafka-secure", "description": "TLS and SCRAM-SHA-512", "security": account},
        "plaintext": {**plain, "protocol": "kafka", "description": "for trials on one machine"},
    }


def _channels() -> Schema:
    answers = [name for name in OUTGOING_TYPES if name != PRODUCT_PUBLISHED]
    return {
        "register": {
            **_channel(
                TopicSpec("czt.register.{city}"), CITY_TYPES, "A city's register: written by that city alone, kept for ever."
            ),
            "parameters": {"city": {"description": f"a city's word, {WORD_PATTERN}", "examples": ["changsha"]}},
        },
        "joint": _channel(TopicSpec(JOINT), JOINT_TYPES, f"Decisions of {JOINT_OFFICE}, kept for ever."),
        "receipts": {
            **_channel(
                TopicSpec("czt.receipts.{source}"), answers, "What became of each event of a source, and what it is asked for."
            ),
            "parameters": {"source": {"description": "a city's word, or joint-office", "examples": ["changsha", "joint-office"]}},
        },
        "recognizedProducts": _channel(
            PRODUCTS,
            [PRODUCT_PUBLISHED],
            "Each product as it is: the record with the highest log size of a key counts. Compacted, never a tombstone.",
        ),
        "deadLetters": _channel(TopicSpec(DEAD_LETTERS), ["deadLetter"], "Refused records, kept for ever."),
        "checkpoints": _channel(TopicSpec(CHECKPOINTS), ["checkpoint"], "Signed size and root of the audit log, kept for ever."),
    }


def _channel(spec: TopicSpec, messages: Iterable[str], description: str) -> Schema:
    return {
        "address": spec.name,
        "description": description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"kafka": _kafka(spec)},
    }


def _kafka(spec: TopicSpec) -> Schema:
    policy: Schema = {"cleanup.policy": ["compact"]} if spec.compacted else {"cleanup.policy": ["delete"], "retention.ms": -1}
    return {"partitions": spec.partitions, "topicConfiguration": policy}


def _operations() -> Schema:
    """What the shared store does."""
    written = {
        "sendReceipts": "receipts",
        "sendProducts": "recognizedProducts",
        "sendDeadLetters": "deadLetters",
        "sendCheckpoints": "checkpoints",
    }
    read = {"readRegisters": "register", "readDecisions": "joint"}
    return {
        **{name: {"action": "receive", "channel": {"$ref": f"#/channels/{channel}"}} for name, channel in read.items()},
        **{name: {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}} for name, channel in written.items()},
    }


def _message(name: str, schema: Schema) -> Schema:
    trait = "plain" if name in OUTGOING_TYPES else "sealed"
    left_out = ("$schema", "$id", "$defs", "title")
    return {
        "name": name,
        "title": name,
        "contentType": CLOUDEVENTS,
        "traits": [{"$ref": f"#/components/messageTraits/{trait}"}],
        "payload": {
            "schemaFormat": DRAFT_07,
            "schema": _draft_07({key: value for key, value in schema.items() if key not in left_out}),
        },
    }


def _other_messages() -> Schema:
    """What is no CloudEvent."""
    refused = {
        "topic": "where the record was read",
        "partition": "the same",
        "offset": "the same",
        "reason": "reason code",
        "audit-index": "its entry in the audit log",
        "null-value": "`true` where there was no value",
    }
    return {
        "deadLetter": {
            "title": "a refused record: its own bytes and headers, and why it was refused",
            "contentType": "application/octet-stream",
            "headers": _headers(refused),
            "payload": {"type": "string", "format": "binary"},
        },
        "checkpoint": {
            "title": "a C2SP tlog-checkpoint",
            "contentType": "text/plain; charset=utf-8",
            "payload": {"type": "string"},
        },
    }


def _sealed() -> Schema:
    """The last record of each publish batch and every 64th at least carry a signature."""
    return {
        "headers": _headers(
            {"signature": "Ed25519 over the value bytes, base64", "keyid": "first 16 hex digits of the key's SHA-256"}
        )
    }


def _headers(own: Mapping[str, str]) -> Schema:
    names = {"content-type": CLOUDEVENTS, **own}
    return {"type": "object", "properties": {name: {"type": "string", "description": text} for name, text in names.items()}}


def _shared(events: Mapping[str, Schema]) -> Schema:
    """Every definition, once, under its name. Raises ValueError when two differ."""
    found: Schema = {}
    for schema in events.values():
        for name, definition in schema["$defs"].items():
            if found.setdefault(name, definition) != definition:
                raise ValueError(f"two published schemas mean different things by {name}")
    return {name: {"schemaFormat": DRAFT_07, "schema": _draft_07(found[name])} for name in sorted(found)}


def _draft_07(schema: Any) -> Any:
    """The same schema in the words of draft 7; definitions are looked for among the document's components."""
    if isinstance(schema, list):
        return [_draft_07(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _draft_07(value) for key, value in schema.items()}
    if isinstance(made.get("$ref"), str):
        made["$ref"] = f"{made['$ref'].replace('#/$defs/', '#/components/schemas/')}/schema"
    if "prefixItems" in made:
        made["items"] = made.pop("prefixItems")
    return made
