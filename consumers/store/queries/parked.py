"""What waits: parked events with their age, and what releasing each would bring."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from consumers.core.release import released
from consumers.store import log
from consumers.store.load import Loader
from consumers.store.queries.logged import record_of
from consumers.store.queues import queue
from schemas.envelope import read_envelope
from schemas.tables import store as t


def parked(
    loader: Loader,
    now: datetime,
    *,
    source: str | None = None,
    subject: str | None = None,
    reason: str | None = None,
    limit: int = 100,
    cursor: int = 0,
) -> dict[str, Any]:
    """`hub parked list`: the first waiting event of each subject, oldest entry first, with how many wait behind it."""
    query = _heads(source, subject, reason).where(t.parked.c.audit_index >= cursor)
    rows = loader.connection.execute(query.order_by(t.parked.c.audit_index).limit(limit + 1)).mappings().all()
    found = [_shown(loader, row, now) for row in rows[:limit]]
    return {"parked": found, "next": rows[limit]["audit_index"] if len(rows) > limit else None}


def _heads(source: str | None, subject: str | None, reason: str | None) -> Select[Any]:
    table = t.parked
    first = (
        select(table.c.source, table.c.subject, func.min(table.c.sequence).label("first"), func.count().label("count"))
        .group_by(table.c.source, table.c.subject)
        .subquery()
    )
    head = (first.c.source == table.c.source) & (first.c.subject == table.c.subject) & (first.c.first == table.c.sequence)
    query = select(table, first.c.count, t.audit_entry.c.recorded_us).join(first, head)
    query = query.join(t.audit_entry, t.audit_entry.c.idx == table.c.audit_index)
    for column, wanted in ((table.c.source, source), (table.c.subject, subject), (table.c.reason, reason)):
        query = query if wanted is None else query.where(column == wanted)
    return query


def _shown(loader: Loader, row: Any, now: datetime) -> dict[str, Any]:
    record = record_of(loader, row["audit_index"])
    envelope = read_envelope(record["value"] if record else None)
    return {
        "source": row["source"],
        "sequence": row["sequence"],
        "subject": row["subject"],
        "type": envelope.type,
        "reason": row["reason"],
        "audit_index": row["audit_index"],
        "recorded_at": log.recorded_at(row["recorded_us"]),
        "age_seconds": max(0, (log.micros(now) - row["recorded_us"]) // 1_000_000),
        "behind": row["count"] - 1,
    }


def would_become(loader: Loader, source: str, sequence: int) -> list[dict[str, Any]] | None:
    """What releasing an event would make of it and of those behind it; None when it isn't parked. Writes nothing."""
    found = queue(loader, source, sequence, loader.context(exclusive=False, lock=False))
    if found is None:
        return None
    done = released(found, 0)
    outcomes = {one.sequence: (one.verdict.outcome, one.verdict.reason) for one in done.decided}
    events = []
    for event in found.events:
        outcome, reason = outcomes.get(event.sequence, ("parked", done.waiting.get(event.sequence, event.reason)))
        events.append({"sequence": event.sequence, "type": event.read.envelope.type, "outcome": outcome, "reason": reason})
    return events


def parked_event(loader: Loader, source: str, sequence: int, now: datetime) -> dict[str, Any] | None:
    """`hub parked show`: one waiting event as it came, and what a release would bring; None when it isn't parked.

    `waits_behind`: the sequence of the first event of its subject, which is the one to release; none where it is that itself.
    """
    table = t.parked
    query = select(table, t.audit_entry.c.recorded_us).join(t.audit_entry, t.audit_entry.c.idx == table.c.audit_index)
    row = loader.connection.execute(query.where(table.c.source == source, table.c.sequence == sequence)).mappings().one_or_none()
    if row is None:
        return None
    same = select(table.c.sequence).where(table.c.source == source, table.c.subject == row["subject"]).order_by(table.c.sequence)
    waiting = loader.connection.execute(same).scalars().all()
    record = record_of(loader, row["audit_index"])
    return _shown(loader, {**row, "count": sum(other >= sequence for other in waiting)}, now) | {
        "waits_behind": None if waiting[0] == sequence else waiting[0],
        "value": bytes(record["value"]).decode("utf-8", "replace") if record else "",
        "would_become": would_become(loader, source, waiting[0]),
    }
