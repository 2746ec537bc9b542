"""Leaves of the audit log: the exact bytes that are hashed into the tree, prepared before the log is locked.

A leaf is an RFC 8785 JSON object of integers and strings. Of a refused record nothing but hashes and at most 200 printable
characters gets in: whoever can write to a topic must not be able to write into the log.
"""

import base64
import json
from functools import lru_cache
from typing import Any

from consumers.core.event import Decided, is_event
from schemas.city import city_word
from schemas.codec import canonical, sha256_hex
from schemas.ports import Headers
from schemas.signing import claimed_signature
from schemas.text import printable

LEAF_VERSION = 1
MAX_LEAF_BYTES = 4096
"""A larger leaf is a defect of this program: everything in it is bounded."""
MAX_DETAIL_BYTES = 400
RECORDED_AT_BYTES = 27

_SLOT = b'"recorded_at":""'


@lru_cache(maxsize=64)
def headers_json(headers: Headers) -> str:
    """Headers as they are kept beside the log: a JSON list of [name, base64]. Nearly all records have the same ones."""
    return json.dumps([[name, base64.b64encode(value).decode()] for name, value in headers], separators=(",", ":"))


@lru_cache(maxsize=64)
def _headers_hash(headers: str) -> str:
    return sha256_hex(headers.encode())


def headers_of(text: str) -> Headers:
    """The headers that `headers_json` wrote."""
    return tuple((name, base64.b64decode(value)) for name, value in json.loads(text))


def prepared_leaf(source: str, decided: Decided, headers: str) -> tuple[bytes, bytes]:
    """The leaf's bytes before and after the place where `recorded_at` goes. `headers` is their JSON text."""
    record, envelope, verdict = decided.read.record, decided.read.envelope, decided.verdict
    leaf: dict[str, Any] = {
        "v": LEAF_VERSION,
        "source": source,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "record_hash": envelope.record_hash,
        "headers_hash": _headers_hash(headers),
        "outcome": verdict.outcome,
        "rule_set": decided.rule_set,
        "recorded_at": "",
    }
    if decided.sequence is not None:
        leaf["id"], leaf["sequence"] = str(decided.sequence), decided.sequence
        leaf["type"], leaf["subject"] = envelope.type, envelope.subject
    else:
        leaf["id"], leaf["type"], leaf["subject"] = envelope.id[:40], envelope.type[:80], envelope.subject[:80]
    if is_event(verdict) or verdict.outcome == "duplicate":
        leaf["entry_key"] = _entry_key(source, decided)
    claimed = claimed_signature(record.headers)
    if claimed is not None:
        leaf["keyid"], leaf["signature"] = printable(claimed[0], 64), printable(claimed[1], 128)
    for name, value in (
        ("reason", verdict.reason),
        ("detail", (_cut(printable(verdict.detail, 300)) or None) if verdict.detail else None),
        ("forked_at", decided.forked_at),
        ("released_by", decided.released_by),
        ("parked_at", decided.parked_at),
        ("null", 1 if record.value is None else None),
        ("before", verdict.before),
        ("after", verdict.after),
        ("previous", verdict.previous),
    ):
        if value is not None:
            leaf[name] = value
    head, slot, tail = canonical(leaf).partition(_SLOT)
    size = len(head) + len(slot) + RECORDED_AT_BYTES + len(tail)
    if not slot or size > MAX_LEAF_BYTES:
        raise ValueError(f"a leaf of {size} bytes, at most {MAX_LEAF_BYTES} are allowed")
    return head + b'"recorded_at":"', b'"' + tail


def _cut(detail: str) -> str:
    """At most so many bytes: 300 characters may be 1,200 bytes, and other fields need room too."""
    return detail.encode()[:MAX_DETAIL_BYTES].decode(errors="ignore")


def _entry_key(source: str, decided: Decided) -> str:
    """`changsha/CSLX-00112` for an entry event; otherwise the object that the subject names."""
    envelope, city = decided.read.envelope, city_word(source)
    if city is not None and envelope.type.startswith("cn.czt.entry."):
        return f"{city}/{envelope.subject}"
    return envelope.subject
