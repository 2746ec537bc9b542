"""How the shared side stands: each source's completeness, lag and freshness, the products, the log."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select

from consumers.core.chain import Chain
from consumers.store import log
from consumers.store.load import Loader
from consumers.store.queries.conflicts import count_conflicts
from consumers.store.queries.drift import last_finding
from consumers.store.queries.objections import open_objections
from schemas.tables import store as t
from schemas.tree import Frontier

STATUSES = ("inactive", "candidate", "eligible", "recognized", "suspended", "lapsed")


def status(
    loader: Loader,
    sources: Sequence[str],
    ends: Mapping[str, int],
    now: datetime,
    checkpoint: tuple[int, datetime] | None,
) -> dict[str, Any]:
    """`hub status` of these sources and any other that the store has, which `czt init` gave a place.

    `ends`: end offset of each source's topic; `checkpoint`: size and time of the last signed one.
    """
    places = {row["source"]: row for row in loader.connection.execute(select(t.source_position)).mappings()}
    shown = [*(source for source in sources if source in places), *sorted(places.keys() - set(sources))]
    found = [_source(loader, places[source], ends.get(source), now) for source in shown]
    size = log.size(loader.connection)
    opened = open_objections(loader)
    return {
        "day": loader.context(exclusive=False, lock=False).day,
        "sources": found,
        "products": _products(loader),
        "objections": {"open": len(opened), "overdue": sum(one["overdue"] for one in opened)},
        "conflicts": count_conflicts(loader),
        "log": {
            "size": size,
            "root": root(loader, size).hex(),
            "checkpoint_size": checkpoint[0] if checkpoint else 0,
            "checkpoint_age_seconds": int((now - checkpoint[1]).total_seconds()) if checkpoint else None,
        },
        "dead_letters": sum(one["outcomes"].get("refused", 0) for one in found),
    }


def _source(loader: Loader, place: RowMapping, end: int | None, now: datetime) -> dict[str, Any]:
    connection, source = loader.connection, place["source"]
    chain = loader.chain(source)
    counted = connection.execute(select(t.source_chain.c.outcomes).where(t.source_chain.c.source == source)).scalar_one_or_none()
    first_parked, parked, oldest_us = _parked(loader, source)
    rejections = select(func.count()).select_from(t.entry_head)
    rejections = rejections.where(t.entry_head.c.source == source, t.entry_head.c.rejected_sequence.is_not(None))
    last_ms = place["last_event_ms"]
    return {
        "source": source,
        "received_through": chain.received_through,
        "settled_through": settled_through(chain, first_parked),
        "verified_through": chain.verified_through,
        "statement_differs": chain.differs or None,
        "drift": _drift(loader, source, chain),
        "gaps": [[gap.first, gap.last] for gap in chain.gaps],
        "lag": None if end is None else end - place["next_offset"],
        "freshness_seconds": None if last_ms is None else max(0, int(now.timestamp() - last_ms / 1000)),
        "outcomes": json.loads(counted) if counted else {},
        "parked": parked,
        "oldest_parked_seconds": None if oldest_us is None else max(0, int(now.timestamp() - oldest_us / 1_000_000)),
        "unvouched": place["waiting"],
        "unvouched_seconds": _age(place["waiting_since_us"], now),
        "unvouched_since": None if place["waiting_since_us"] is None else log.recorded_at(place["waiting_since_us"]),
        "forked": chain.forked,
        "rewound": _is_rewound(place, end),
        "open_rejections": connection.execute(rejections).scalar_one(),
        "owner": place["owner"],
        "epoch": place["epoch"],
    }


def _drift(loader: Loader, source: str, chain: Chain) -> int | None:
    """Differences between store and log that were found because of the statement that differs; None before they were looked for."""
    found = last_finding(loader, source) if chain.differs else None
    if found is None or found["sequence"] != chain.differs:
        return None if chain.differs else 0
    return int(found["total"])


def _age(since_us: int | None, now: datetime) -> int:
    return 0 if since_us is None else max(0, int(now.timestamp() - since_us / 1_000_000))


def _is_rewound(place: RowMapping, end: int | None) -> bool:
    """Whether the position lies outside the topic, or the topic is to be read again and was not yet."""
    inside = end is not None and 0 < place["next_offset"] <= end
    return bool(place["rewound"]) and not inside


def settled_through(chain: Chain, first_parked: int | None) -> int:
    """Highest N for which all of 1..N have a final outcome."""
    through = chain.received_through
    return through if first_parked is None else min(through, first_parked - 1)


def _parked(loader: Loader, source: str) -> tuple[int | None, int, int | None]:
    """Lowest parked sequence, how many are parked, and when the oldest was recorded (microseconds)."""
    table = t.parked
    query = select(func.min(table.c.sequence), func.count(), func.min(table.c.audit_index)).where(table.c.source == source)
    first, count, index = loader.connection.execute(query).one()
    if index is None:
        return None, 0, None
    at = select(t.audit_entry.c.recorded_us).where(t.audit_entry.c.idx == index)
    return first, count, loader.connection.execute(at).scalar_one()


def _products(loader: Loader) -> dict[str, int]:
    query = select(t.product.c.status, func.count().label("products")).group_by(t.product.c.status)
    counted: dict[str, int] = {row.status: row.products for row in loader.connection.execute(query)}
    disputed = select(func.count()).select_from(t.product).where(t.product.c.disputed == 1)
    found = {name: counted.get(name, 0) for name in STATUSES}
    return found | {"disputed": loader.connection.execute(disputed).scalar_one()}


def root(loader: Loader, size: int) -> bytes:
    """The root of the tree over the first `size` entries, from the integrated part on."""
    row = loader.connection.execute(select(t.audit_tree)).mappings().one()
    frontier = Frontier.from_json({"size": row["size"], "hashes": json.loads(row["frontier"])})
    query = select(t.audit_entry.c.leaf).where(t.audit_entry.c.idx >= frontier.size, t.audit_entry.c.idx < size)
    rest = loader.connection.execute(query.order_by(t.audit_entry.c.idx)).scalars()
    return frontier.extend([bytes(leaf) for leaf in rest]).root()
