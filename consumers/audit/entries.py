"""Entries of the log read back: the row, the leaf in it, the record behind it; whatever is wrong has a sentence."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from consumers.audit.rows import paired, stream
from consumers.core.leaf import LEAF_VERSION, MAX_LEAF_BYTES, headers_json
from consumers.core.verdicts import EVENT_OUTCOMES
from consumers.core.vouch import Read
from schemas.codec import canonical, utc_micros
from schemas.envelope import MAX_INTEGER, read_envelope
from schemas.ports import Headers, Record
from schemas.tables import store as t

RECORDS_AT_ONCE = 200
"""A record may have 256 KiB, so fewer are fetched at a time."""

OUTCOMES = EVENT_OUTCOMES | {"duplicate", "refused"}
FORKS = ("sequence_reused", "chain_broken")
"""Reasons of refused records that were vouched for: they contradict the chain."""

_TEXTS = ("source", "id", "type", "subject", "topic", "record_hash", "headers_hash", "outcome", "recorded_at")
_NUMBERS = ("v", "partition", "offset", "rule_set")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_US = 253_402_300_799_999_999  # the end of the year 9999, where datetime ends

Leaf = dict[str, Any]


class NotAsWritten(ValueError):
    """What a row holds can't have been written by the hub. The message says what was expected and what is there."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One index as it stands in the tables, values of any type.

    `entry`: (leaf, recorded_us); `record`: (value, headers); None where the table has no such row.
    """

    index: Any
    entry: tuple[Any, Any] | None
    record: tuple[Any, Any] | None


def stored_entries(connection: Connection) -> Iterator[Stored]:
    """Every index that has an entry or a record, rising."""
    entries = stream(connection, t.audit_entry)
    records = stream(connection, t.audit_record, RECORDS_AT_ONCE)
    for entry, record in paired(entries, records, 1):
        index = entry[0] if entry is not None else record[0] if record is not None else None
        yield Stored(index, None if entry is None else (entry[1], entry[2]), None if record is None else (record[1], record[2]))


def time_text(recorded_us: Any) -> str | None:
    """`recorded_at` for the column's value; None when it can't be one."""
    if type(recorded_us) is not int or not 0 <= recorded_us <= _LAST_US:
        return None
    return utc_micros(_EPOCH + timedelta(microseconds=recorded_us))


def leaf_of(raw: Any) -> Leaf:
    """The leaf of its bytes. Raises NotAsWritten unless they are canonical JSON with the fields every leaf has."""
    if not isinstance(raw, bytes):
        raise NotAsWritten(f"expected a leaf as bytes, got {type(raw).__name__}")
    if len(raw) > MAX_LEAF_BYTES:
        raise NotAsWritten(f"expected a leaf of at most {MAX_LEAF_BYTES} bytes, got {len(raw)}")
    try:
        leaf = json.loads(raw)
        same = canonical(leaf) == raw
    except (ValueError, RecursionError):
        raise NotAsWritten("expected canonical JSON, got something else") from None
    if not same or not isinstance(leaf, dict):
        raise NotAsWritten("expected a canonical JSON object, got other JSON")
    _check_fields(leaf)
    return leaf


def _check_fields(leaf: Leaf) -> None:
    for name, value in leaf.items():
        if type(value) is not str and not (type(value) is int and abs(value) <= MAX_INTEGER):
            raise NotAsWritten(f"expected strings and integers only, got {name[:40]!r} of another type")
    for names, kind in ((_TEXTS, str), (_NUMBERS, int)):
        for name in names:
            if type(leaf.get(name)) is not kind:
                raise NotAsWritten(f"expected {name}, got a leaf without it")
    if leaf["v"] != LEAF_VERSION or leaf["outcome"] not in OUTCOMES:
        raise NotAsWritten(f"expected version {LEAF_VERSION} and a known outcome, got others")
    place = place_field(leaf)
    if place is not None and not (type(leaf.get(place)) is int and leaf[place] >= 1):
        raise NotAsWritten(f"expected {place}, which {leaf['outcome']} has, got a leaf without it")


def place_field(leaf: Leaf) -> str | None:
    """The field that says where in its source's chain the record stands; None for one nobody vouched for."""
    if leaf["outcome"] != "refused":
        return "sequence"
    return "forked_at" if leaf.get("reason") in FORKS else None


def headers_of(raw: Any) -> Headers:
    """The headers of their JSON text. Raises NotAsWritten unless it is exactly as the hub writes them."""
    try:
        found = json.loads(raw) if isinstance(raw, str) else None
        pairs = [(name, base64.b64decode(value)) for name, value in found or ()]
        headers = tuple((name, value) for name, value in pairs if isinstance(name, str))
        same = headers_json(headers) == raw
    except (ValueError, TypeError, RecursionError):
        same = False
    if not same:
        raise NotAsWritten("expected headers as a JSON list of [name, base64], got something else")
    return headers


def read_of(leaf: Leaf, value: Any, headers: Headers) -> Read:
    """The record as the hub read it, without key and time, which decide nothing.

    Raises NotAsWritten for a value that isn't bytes.
    """
    if value is not None and not isinstance(value, bytes):
        raise NotAsWritten(f"expected a value as bytes, got {type(value).__name__}")
    record = Record(leaf["topic"], leaf["partition"], leaf["offset"], 0, None, value, headers)
    return Read(record, read_envelope(value))
