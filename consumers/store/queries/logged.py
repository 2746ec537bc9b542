"""Pages of the audit log: entries, events with their outcome, refused records."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import RowMapping, select

from consumers.store.load import Loader
from schemas.tables import store as t

PAGE = 1_000
Leaf = dict[str, Any]


def leaves(loader: Loader, start: int, end: int | None = None) -> Iterator[tuple[int, Leaf]]:
    """(index, leaf) from `start` on, page by page."""
    while True:
        query = select(t.audit_entry.c.idx, t.audit_entry.c.leaf).where(t.audit_entry.c.idx >= start)
        if end is not None:
            query = query.where(t.audit_entry.c.idx < end)
        rows = loader.connection.execute(query.order_by(t.audit_entry.c.idx).limit(PAGE)).all()
        for row in rows:
            yield row.idx, json.loads(bytes(row.leaf))
        if len(rows) < PAGE:
            return
        start = rows[-1].idx + 1


def _page(
    loader: Loader,
    cursor: int,
    limit: int,
    wanted: Callable[[Leaf], bool],
    shape: Callable[[int, Leaf], dict[str, Any]],
) -> tuple[list[dict[str, Any]], int | None]:
    """At most `limit` shaped leaves from index `cursor` on, and the index to go on from, None at the end."""
    found: list[dict[str, Any]] = []
    for index, leaf in leaves(loader, cursor):
        if not wanted(leaf):
            continue
        if len(found) == limit:
            return found, index
        found.append(shape(index, leaf))
    return found, None


def audit_log(loader: Loader, limit: int = 100, cursor: int = 0) -> dict[str, Any]:
    """`audit log`: entries with their leaf as JSON."""
    entries, following = _page(
        loader,
        cursor,
        limit,
        lambda _: True,
        lambda index, leaf: {"index": index, "leaf": leaf, "record_hash": leaf["record_hash"]},
    )
    return {"entries": entries, "next": following}


def shown_event(index: int, leaf: Leaf) -> dict[str, Any]:
    """A decided record as `hub events` lists it."""
    return {
        "source": leaf["source"],
        "sequence": leaf.get("sequence"),
        "type": leaf["type"],
        "subject": leaf["subject"],
        "outcome": leaf["outcome"],
        "reason": leaf.get("reason"),
        "detail": leaf.get("detail"),
        "audit_index": index,
        "rule_set": leaf["rule_set"],
        "recorded_at": leaf["recorded_at"],
    }


def events(
    loader: Loader,
    *,
    source: str | None = None,
    outcome: str | None = None,
    since: str | None = None,
    limit: int = 100,
    cursor: int = 0,
) -> dict[str, Any]:
    """`hub events`: every record read and what became of it. `since`: a UTC time as `recorded_at` has it."""

    def wanted(leaf: Leaf) -> bool:
        return (
            (source is None or leaf["source"] == source)
            and (outcome is None or leaf["outcome"] == outcome)
            and (since is None or leaf["recorded_at"] >= since)
        )

    found, following = _page(loader, cursor, limit, wanted, shown_event)
    return {"events": found, "next": following}


def dead_letters(loader: Loader, limit: int = 100, cursor: int = 0) -> dict[str, Any]:
    """`hub dead-letters list`: refused records with where they were read."""
    found, following = _page(loader, cursor, limit, lambda leaf: leaf["outcome"] == "refused", _dead_letter)
    return {"dead_letters": found, "next": following}


def _dead_letter(index: int, leaf: Leaf) -> dict[str, Any]:
    where = {name: leaf[name] for name in ("topic", "partition", "offset", "record_hash")}
    return {"audit_index": index, "source": leaf["source"], "reason": leaf.get("reason"), **where} | {
        "type": leaf["type"],
        "subject": leaf["subject"],
        "recorded_at": leaf["recorded_at"],
    }


def dead_letter(loader: Loader, index: int) -> dict[str, Any] | None:
    """`hub dead-letters show`: one refused record with its bytes (base64, null for a null value) and headers as they came."""
    leaf = next((found for _, found in leaves(loader, index, index + 1)), None)
    record = record_of(loader, index)
    if leaf is None or record is None or leaf["outcome"] != "refused":
        return None
    value = record["value"]
    return _dead_letter(index, leaf) | {
        "value": None if value is None else base64.b64encode(bytes(value)).decode(),
        "headers": json.loads(record["headers"]),
    }


def record_of(loader: Loader, index: int) -> RowMapping | None:
    """The record behind an entry: value bytes (or null) and headers as JSON text."""
    query = select(t.audit_record).where(t.audit_record.c.idx == index)
    return loader.connection.execute(query).mappings().one_or_none()
