"""Reading the bytes of a source's record: JSON, CloudEvents attributes, place in the chain, data.

A record that can't be read as an event is not an exception but a value: `Envelope.problem` holds the reason code, and
what could be read of its place in the chain is kept, because a vouched record takes its sequence even when its data is bad.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, NoReturn

import orjson
from pydantic import BaseModel, ValidationError

from schemas.codec import sha256_hex
from schemas.entry import RegisterEntry, entry_hash
from schemas.events import ALL_TYPES, EntryData, EventType
from schemas.text import printable
from schemas.values import value

MAX_SEALED_BYTES = 64 * 1024
"""A relay seals nothing larger: the largest honest entry is some 20 KiB."""
MAX_RECORD_BYTES = 256 * 1024
"""The hub reads nothing larger: parsing hostile megabytes would delay other cities."""
MAX_INTEGER = 2**53
MAX_TIME_LENGTH = 40
"""RFC 3339 with nanoseconds and an offset has 35 characters."""
MAX_ATTRIBUTE_CHARACTERS = 100
"""Subjects are certificate numbers (64), keys or ids; each stands twice in a leaf of 4 KiB, where JSON may need 6 bytes for one."""

_BOUNDED = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
"""As `canonical` writes it, and an error where an integer has more than 53 bits."""
_SEQUENCE = re.compile(r"\d{20}\Z", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_ESCAPED_TROUBLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_STEMS = {kind.stem for kind in ALL_TYPES.values()}
_VERSIONED = re.compile(r"(?P<stem>.+)\.v(?P<major>[1-9]\d{0,3})\Z", re.ASCII)


@value
class Envelope:
    """What could be read of a record. `problem` None means: an event of a published type, whole and valid.

    Of an entry event also the entry, as a value and as received, and its hash as received.
    """

    record_hash: str
    problem: str | None = None
    detail: str = ""
    id: str = ""
    source: str = ""
    type: str = ""
    subject: str = ""
    time: str = ""
    sequence: int | None = None
    previous_hash: str | None = None
    entry_version: int | None = None
    kind: EventType | None = None
    data: BaseModel | None = None
    entry: RegisterEntry | None = None
    entry_json: dict[str, Any] | None = None
    entry_hash: str | None = None


class _Invalid(ValueError):
    """JSON that breaks a rule of the contract; raised by the hooks of the parser."""


def _refuse_float(text: str) -> NoReturn:
    raise _Invalid(f"the number {text[:40]} is not an integer")


def _bounded_integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        raise _Invalid(f"the number {text[:40]} is beyond 2^53")
    return int(text)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Invalid("a key is repeated")
    return found


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_keys,
    parse_float=_refuse_float,
    parse_int=_bounded_integer,
    parse_constant=_refuse_float,
)


def read_envelope(value: bytes | None) -> Envelope:
    """Everything that can be said of a record from its value bytes alone. Never raises for any bytes."""
    if value is None:
        return Envelope(sha256_hex(b""), "not_json", "the value is null")
    digest = sha256_hex(value)
    if len(value) > MAX_RECORD_BYTES:
        return Envelope(digest, "too_large", f"{len(value)} bytes, at most {MAX_RECORD_BYTES} are read")
    event = _canonical_event(value)
    return _read_event(digest, event) if event is not None else _read_text(digest, value)


def _canonical_event(value: bytes) -> dict[str, Any] | None:
    """The event of a record in the very bytes that our relays seal; None for any other, which is read with more care.

    Bytes that come back the same can't repeat a key; what else the contract forbids is looked for.
    """
    try:
        event = orjson.loads(value)
        same = isinstance(event, dict) and b"\\u0000" not in value and orjson.dumps(event, option=_BOUNDED) == value
        return event if same and not _has_float(event.values()) else None
    except (ValueError, RecursionError, orjson.JSONEncodeError):
        return None


def _has_float(values: Iterable[Any]) -> bool:
    """Whether one of these values of JSON, or one inside them, is a number with a fraction or an exponent."""
    for one in values:
        kind = type(one)
        if kind is str:  # nearly all of them are
            continue
        if kind is float or (kind is list and _has_float(one)) or (kind is dict and _has_float(one.values())):
            return True
    return False


def _read_text(digest: str, value: bytes) -> Envelope:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return Envelope(digest, "not_json", "not UTF-8")
    try:
        event = _DECODER.decode(text)
    except _Invalid as problem:
        return _with_place(digest, _lenient(text), "schema_invalid", str(problem))
    except (ValueError, RecursionError):
        return Envelope(digest, "not_json", "not JSON")
    if not isinstance(event, dict):
        return Envelope(digest, "not_cloudevent", "not a JSON object")
    if _ESCAPED_TROUBLE.search(text) and _has_trouble(event):
        return _with_place(digest, event, "schema_invalid", "NUL or a lone surrogate in a string")
    return _read_event(digest, event)


def _lenient(text: str) -> Any:
    """The event as plain JSON reads it, only to find its place in the chain."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _has_trouble(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value or any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return any(_has_trouble(key) or _has_trouble(item) for key, item in value.items())
    return isinstance(value, list) and any(_has_trouble(item) for item in value)


def as_unknown(envelope: Envelope, detail: str) -> Envelope:
    """The event as a program reads it that doesn't know its schema version."""
    unread = replace(envelope, problem="schema_unknown", detail=detail)
    return replace(unread, entry_version=None, kind=None, data=None, entry=None, entry_json=None, entry_hash=None)


def _text_of(event: dict[str, Any], name: str) -> str:
    found = event.get(name)
    return printable(found) if isinstance(found, str) else ""


def _with_place(digest: str, event: Any, problem: str, detail: str) -> Envelope:
    """A record that can't be read as an event, with what is known of its place in the chain."""
    if not isinstance(event, dict):
        return Envelope(digest, problem, printable(detail))
    sequence, previous = event.get("sequence"), event.get("previoushash")
    placed = isinstance(sequence, str) and _SEQUENCE.match(sequence) and 1 <= int(sequence) <= MAX_INTEGER
    chained = isinstance(previous, str) and _HASH.match(previous)
    return Envelope(
        digest,
        problem,
        printable(detail),
        id=_text_of(event, "id"),
        source=_text_of(event, "source"),
        type=_text_of(event, "type"),
        subject=_text_of(event, "subject"),
        time=_text_of(event, "time"),
        sequence=int(sequence) if placed and isinstance(sequence, str) else None,
        previous_hash=previous if chained else None,
    )


def _attribute_problem(event: dict[str, Any]) -> tuple[str, str] | None:
    """Reason code and detail of the first CloudEvents or chain attribute that is not as the contract says."""
    if event.get("specversion") != "1.0":
        return "not_cloudevent", "specversion is not 1.0"
    for name in ("id", "source", "type"):
        if not isinstance(event.get(name), str) or not event[name]:
            return "not_cloudevent", f"{name} is missing"
    for name in ("subject", "time", "dataschema", "sequence", "previoushash"):
        if not isinstance(event.get(name), str) or len(event[name]) > MAX_ATTRIBUTE_CHARACTERS:
            return "schema_invalid", f"{name} is missing or not a short text"
    number = int(event["sequence"]) if _SEQUENCE.match(event["sequence"]) else 0
    if str(number) != event["id"]:
        return "schema_invalid", "sequence and id do not name the same number"
    if not 1 <= number <= MAX_INTEGER or not _HASH.match(event["previoushash"]):
        return "schema_invalid", "sequence or previoushash has the wrong form"
    if not _is_time(event["time"]):
        return "schema_invalid", "time is not RFC 3339 with an offset"
    return None


def _is_time(text: str) -> bool:
    if "T" not in text or len(text) > MAX_TIME_LENGTH:
        return False
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _type_problem(event: dict[str, Any]) -> str | None:
    """`schema_unknown` for a newer version of a known type, `type_unknown` for anything else not published."""
    kind = ALL_TYPES.get(event["type"])
    if kind is not None:
        if event["dataschema"] == kind.dataschema:
            return None
        same_schema = event["dataschema"].rpartition(":")[0] == kind.dataschema.rpartition(":")[0]
        return "schema_unknown" if same_schema else "schema_invalid"
    versioned = _VERSIONED.match(event["type"])
    newer = versioned is not None and versioned["stem"] in _STEMS
    return "schema_unknown" if newer else "type_unknown"


def _read_event(digest: str, event: dict[str, Any]) -> Envelope:
    wrong = _attribute_problem(event)
    if wrong is not None:
        return _with_place(digest, event, *wrong)
    unknown = _type_problem(event)
    if unknown is not None:
        return _with_place(digest, event, unknown, f"{event['type']} under {event['dataschema']}")
    kind = ALL_TYPES[event["type"]]
    version = event.get("entryversion")
    if kind.is_entry and not (type(version) is int and version >= 1):
        return _with_place(digest, event, "schema_invalid", "entryversion is missing or not a positive integer")
    try:
        data = kind.data.model_validate(event.get("data"))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return _with_place(digest, event, "schema_invalid", f"data.{where}: {first['msg']}")
    entry = data.entry if isinstance(data, EntryData) else None
    if entry is not None and entry.certificate_no != event["subject"]:
        return _with_place(digest, event, "schema_invalid", "subject is not the entry's certificate number")
    received = event["data"]["entry"] if kind.is_entry else None
    return Envelope(
        digest,
        id=event["id"],
        source=event["source"],
        type=event["type"],
        subject=event["subject"],
        time=event["time"],
        sequence=int(event["sequence"]),
        previous_hash=event["previoushash"],
        entry_version=version if kind.is_entry else None,
        kind=kind,
        data=data,
        entry=entry,
        entry_json=received,
        entry_hash=None if received is None else entry_hash(received),
    )
