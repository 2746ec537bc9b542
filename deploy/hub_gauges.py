"""The hub's gauges: what `czt hub status` says, as Prometheus sees it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from deploy.telemetry import Metrics
from deploy.wiring import Wiring
from schemas import metrics as m
from schemas.codec import SHANGHAI
from schemas.errors import ServiceError
from schemas.metrics import Metric
from schemas.topics import topic_of

if TYPE_CHECKING:
    from consumers.store.store import Store

PER_SOURCE: tuple[tuple[Metric, str], ...] = (
    (m.LAG_RECORDS, "lag"),
    (m.RECEIVED_THROUGH, "received_through"),
    (m.SETTLED_THROUGH, "settled_through"),
    (m.VERIFIED_THROUGH, "verified_through"),
    (m.PARKED, "parked"),
    (m.PARKED_OLDEST_SECONDS, "oldest_parked_seconds"),
    (m.UNVOUCHED, "unvouched"),
    (m.UNVOUCHED_SECONDS, "unvouched_seconds"),
    (m.OPEN_REJECTIONS, "open_rejections"),
    (m.OWNER_EPOCH, "epoch"),
    (m.FORKED, "forked"),
    (m.STATEMENT_DIFFERS, "statement_differs"),
    (m.DRIFT, "drift"),
    (m.TOPIC_REWOUND, "rewound"),
)
"""Gauges that are one field of a source's status; null is 0."""


def current_status(wiring: Wiring) -> tuple[dict[str, Any], str | None]:
    """`hub status` now, and why the broker could not be asked, if so: the lag is then unknown.

    Raises `SchemaOutdated`, `StoreUnavailable`.
    """
    store = wiring.store  # an unreachable store is said before an unreachable broker is waited for
    ends, problem = topic_ends(wiring)
    return status_with(wiring, store, ends), problem


def topic_ends(wiring: Wiring) -> tuple[dict[str, int], str | None]:
    """The end offset of each source's topic; none, and why, when the broker can't be asked."""
    try:
        return {source: wiring.subscriber.end_offset(topic_of(source), 0) for source in wiring.sources}, None
    except ServiceError as error:
        return {}, error.message


def status_with(wiring: Wiring, store: "Store", ends: Mapping[str, int]) -> dict[str, Any]:
    """`hub status` with these ends of the topics. Raises `SchemaOutdated`, `StoreUnavailable`."""
    from consumers.store.queries import status

    last = wiring.archive.latest()
    checkpoint = (last.size, datetime.fromisoformat(last.signed_at)) if last else None
    with store.snapshot() as loader:
        return status(loader, wiring.sources, ends, wiring.clock.now(), checkpoint)


def show_status(wiring: Wiring, metrics: Metrics) -> str | None:
    """Read the status once and set every gauge from it; returns why the broker can't be asked, if so.

    Raises `StoreUnavailable`.
    """
    status, problem = current_status(wiring)
    put_status(metrics, status)
    metrics.put(m.OUTBOUND_LAG_ENTRIES, outbound_lag(wiring))
    return problem


def unvouched(wiring: Wiring, sources: Sequence[str]) -> dict[str, int]:
    """How many records of these sources wait for a signature by a trusted key; those with none are left out."""
    from sqlalchemy import select

    from schemas.tables import store as t

    place = t.source_position.c
    with wiring.store.snapshot() as loader:
        rows = loader.connection.execute(select(place.source, place.waiting).where(place.waiting > 0)).all()
    return {row.source: row.waiting for row in rows if row.source in sources}


def outbound_lag(wiring: Wiring) -> int:
    """Audit entries whose receipts and products have not gone out yet."""
    from sqlalchemy import select

    from schemas.tables import store as t

    with wiring.store.snapshot() as loader:
        size = loader.connection.execute(select(t.audit_log.c.size)).scalar_one()
        return int(size - loader.connection.execute(select(t.outbound.c.next_index)).scalar_one())


def put_status(metrics: Metrics, status: Mapping[str, Any]) -> None:
    """Set the gauges from a status in the contract's shape."""
    for source in status["sources"]:
        labels = {"source": source["source"]}
        for metric, field in PER_SOURCE:
            metrics.put(metric, float(source[field] or 0), labels)
        waiting = source["freshness_seconds"] if source["lag"] else 0
        metrics.put(m.FRESHNESS_SECONDS, waiting or 0, labels)
        metrics.put(m.GAPS, len(source["gaps"]), labels)
    for name, count in status["products"].items():
        metrics.put(m.PRODUCTS, count, {"status": name})
    metrics.put(m.OBJECTIONS_OPEN, status["objections"]["open"])
    metrics.put(m.OBJECTIONS_OVERDUE, status["objections"]["overdue"])
    metrics.put(m.CONFLICTS, status["conflicts"])
    day = status["day"]
    midnight = datetime.combine(date.fromisoformat(day), time(), SHANGHAI).timestamp() if day else 0.0
    metrics.put(m.DAY_SECONDS, midnight)
    log = status["log"]
    metrics.put(m.LOG_SIZE, log["size"])
    metrics.put(m.CHECKPOINT_SIZE, log["checkpoint_size"])
    metrics.put(m.CHECKPOINT_AGE_SECONDS, log["checkpoint_age_seconds"] or 0)
