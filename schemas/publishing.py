"""What `schemas/published/` holds: the JSON Schema 2020-12 of every type of event, and one AsyncAPI 3 document over them.

The schemas are of whole CloudEvents, attributes included.

A schema says what a reader checks of one event by itself. What needs more than that (hashes, signatures, check digits, that
two people differ) is in the code and in no schema.
"""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from schemas import asyncapi
from schemas.city import JOINT_OFFICE, SHARED_STORE
from schemas.envelope import MAX_ATTRIBUTE_CHARACTERS
from schemas.events import (
    CITY_TYPES,
    JOINT_TYPES,
    PRODUCT_PUBLISHED,
    RECEIPT_ISSUED,
    RESEND_REQUESTED,
    STATEMENT_REQUESTED,
    EventType,
    WithdrawnData,
)
from schemas.outgoing import OUTGOING_TYPES

Schema = dict[str, Any]

ASYNCAPI = "asyncapi"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$"
CITY_SOURCE = "^/registers/[a-z]{1,40}$"

_NUMBER = "(0|[1-9][0-9]{0,15})"
_SOURCE = "[a-z-]{1,40}"
_OUTGOING_ID = {
    RECEIPT_ISSUED: f"^{_NUMBER}/receipt$",
    PRODUCT_PUBLISHED: f"^{_NUMBER}/[0-9a-f]{{20}}$",
    RESEND_REQUESTED: f"^resend/{_SOURCE}/{_NUMBER}-{_NUMBER}/{_NUMBER}$",
    STATEMENT_REQUESTED: f"^statement/{_SOURCE}/{_NUMBER}/{_NUMBER}$",
}


class _Generator(GenerateJsonSchema):
    """pydantic's, without a title for each field, and with a form for days: `format` alone binds no validator."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def date_schema(self, schema: Any) -> Schema:
        return {"type": "string", "format": "date", "pattern": DAY}


def documents() -> dict[str, str]:
    """File name → JSON text of what is published: each type's schema, `cn.czt.entry.listed.v1.json` and so on, and AsyncAPI."""
    schemas = event_schemas()
    found = {**schemas, ASYNCAPI: asyncapi.document(schemas)}
    return {f"{name}.json": json.dumps(schema, ensure_ascii=False, indent=2) + "\n" for name, schema in found.items()}


def event_schemas() -> dict[str, Schema]:
    """The schema of each type, by its name."""
    found = {kind.name: _sealed(kind, {"pattern": CITY_SOURCE}) for kind in CITY_TYPES.values()}
    found |= {kind.name: _sealed(kind, {"const": JOINT_OFFICE}) for kind in JOINT_TYPES.values()}
    found |= {kind.name: _outgoing(kind) for kind in OUTGOING_TYPES.values()}
    return {name: found[name] for name in sorted(found)}


def _sealed(kind: EventType, source: Schema) -> Schema:
    """An event with a place in its source's chain."""
    attributes: Schema = {
        "id": _text("the sequence in decimal", pattern="^[1-9][0-9]{0,15}$"),
        "source": {"type": "string", **source},
        "sequence": _text("the same number, zero-padded to 20 digits", pattern="^[0-9]{20}$"),
        "previoushash": _text("hash of the source's previous record value; zeros for the first", pattern="^[0-9a-f]{64}$"),
    }
    if kind.is_entry:
        version = {"type": "integer", "minimum": 1, "description": "rises with every change or correction of the entry"}
        attributes |= {"subject": _text("the entry's certificate number", minLength=1, maxLength=64), "entryversion": version}
    return _event(kind, attributes)


def _outgoing(kind: EventType) -> Schema:
    """An event of the shared store."""
    named = _text("unique within the source", pattern=_OUTGOING_ID[kind.name])
    return _event(kind, {"id": named, "source": {"const": SHARED_STORE}})


def _event(kind: EventType, attributes: Schema) -> Schema:
    data, definitions = _data(kind)
    properties: Schema = {
        "specversion": {"const": "1.0"},
        "type": {"const": kind.name},
        "subject": _text("what the event is about", maxLength=MAX_ATTRIBUTE_CHARACTERS),
        "time": _text("when it took effect: RFC 3339 with an offset", format="date-time", pattern=TIME),
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"const": kind.dataschema},
        **attributes,
        "data": data,
    }
    return {
        "$schema": DIALECT,
        "$id": f"urn:czt:event:{kind.name}",
        "title": kind.name,
        "type": "object",
        "properties": properties,
        "required": sorted(properties.keys() - {"datacontenttype"}),
        "$defs": definitions,
    }


def _data(kind: EventType) -> tuple[Schema, Schema]:
    schema = kind.data.model_json_schema(schema_generator=_Generator)
    definitions: Schema = schema.pop("$defs", {})
    if issubclass(kind.data, WithdrawnData):
        told = {"properties": {"status_reason": {"type": "object"}}, "required": ["status_reason"]}
        schema["allOf"] = [{"properties": {"entry": told}}]
    return schema, definitions


def _text(description: str, **rules: Any) -> Schema:
    return {"type": "string", "description": description, **rules}
