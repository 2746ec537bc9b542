"""Drift: what the store keeps of a source, held against the hub's own log, entry by entry."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from consumers.core.chain import Chain
from consumers.core.event import note_subject
from consumers.core.model import Context, Head
from consumers.core.verdicts import Verdict
from consumers.core.world import World
from consumers.store import log
from consumers.store.load import Loader
from consumers.store.queries.logged import PAGE
from schemas.city import city_word
from schemas.envelope import Envelope, as_unknown, read_envelope
from schemas.tables import store as t


@dataclass(slots=True)
class _Applied:
    version: int
    hash: str


def drift(loader: Loader, source: str) -> dict[str, Any]:
    """`hub check-source`: differences between log and store for one city, in the shape `{object, key, field, before, after}`.

    `before` is what the store has, `after` what the log says. Compared are the version and hash sent last of every entry,
    and those applied last of every listing.
    """
    world, applied = World(source, Context(), Chain()), dict[str, _Applied]()
    for leaf, value in _events(loader, source):
        envelope = _as_then(read_envelope(value), leaf)
        verdict = Verdict(leaf["outcome"])
        note_subject(world, envelope, leaf["sequence"], verdict, released="released_by" in leaf)
        if leaf["outcome"] == "applied" and envelope.entry_hash is not None and envelope.entry_version is not None:
            applied[envelope.subject] = _Applied(envelope.entry_version, envelope.entry_hash)
    differences = [*_heads(loader, source, world.heads), *_listings(loader, source, applied)]
    return {
        "source": source,
        "log_size": log.size(loader.connection),
        "entries": sum(head.sent_version is not None for head in world.heads.values()),
        "equal": not differences,
        "differences": differences,
        "last_statement": last_finding(loader, source),
    }


def last_finding(loader: Loader, source: str) -> dict[str, Any] | None:
    """What was found by itself when the last statement differed: its sequence, the log size then, and the differences named."""
    row = loader.connection.execute(select(t.drift).where(t.drift.c.source == source)).mappings().one_or_none()
    if row is None:
        return None
    counts = {name: row[name] for name in ("sequence", "log_size", "entries", "total")}
    return counts | {"differences": json.loads(row["differences"])}


def _events(loader: Loader, source: str) -> Iterator[tuple[dict[str, Any], bytes | None]]:
    """Leaf and record of each event of the source, page by page: a log is larger than memory."""
    joined = t.audit_entry.outerjoin(t.audit_record, t.audit_record.c.idx == t.audit_entry.c.idx)
    query = select(t.audit_entry.c.idx, t.audit_entry.c.leaf, t.audit_record.c.value).select_from(joined)
    after = -1
    while rows := loader.connection.execute(
        query.where(t.audit_entry.c.idx > after).order_by(t.audit_entry.c.idx).limit(PAGE)
    ).all():
        for row in rows:
            leaf = json.loads(bytes(row.leaf))
            if leaf["source"] == source and leaf["outcome"] not in ("refused", "duplicate"):
                yield leaf, None if row.value is None else bytes(row.value)
        after = rows[-1].idx


def _as_then(envelope: Envelope, leaf: dict[str, Any]) -> Envelope:
    """What the hub of that time could not read, it could not note either."""
    unread = (leaf["outcome"], leaf.get("reason")) == ("parked", "schema_unknown")
    return as_unknown(envelope, "") if unread and envelope.problem is None else envelope


def _heads(loader: Loader, source: str, logged: dict[str, Head]) -> list[dict[str, Any]]:
    stored = loader.heads(source, None)
    found = []
    for subject in sorted({*stored, *logged}):
        ours, theirs = stored.get(subject), logged.get(subject)
        for field in ("sent_version", "sent_hash", "last_sequence", "rejected_sequence"):
            found += _difference("entry_head", subject, field, getattr(ours, field, None), getattr(theirs, field, None))
    return found


def _listings(loader: Loader, source: str, applied: dict[str, _Applied]) -> list[dict[str, Any]]:
    city = city_word(source)
    stored = {} if city is None else {one.certificate_no: one for one in loader.listings_of(city)}
    found = []
    for number in sorted({*stored, *applied}):
        ours, theirs = stored.get(number), applied.get(number)
        version, wanted = ours.entry_version if ours else None, theirs.version if theirs else None
        found += _difference("listing", number, "entry_version", version, wanted)
        found += _difference("listing", number, "entry_hash", ours.entry_hash if ours else None, theirs.hash if theirs else None)
    return found


def _difference(object_: str, key: str, field: str, before: Any, after: Any) -> list[dict[str, Any]]:
    return [] if before == after else [{"object": object_, "key": key, "field": field, "before": before, "after": after}]
