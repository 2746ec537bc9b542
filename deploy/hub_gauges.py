"""The hub's gauges: what `czt hub status` says, as Prometheus sees it."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from deploy.telemetry import Metrics
from deploy.wiring import Wiring
from schemas import metrics as m
from schemas.city import SOURCES
from schemas.codec import SHANGHAI
from schemas.errors import BrokerUnavailable
from schemas.metrics import Metric
from schemas.topics import TOPIC_OF_SOURCE

PER_SOURCE: tuple[tuple[Metric, str], ...] = (
    (m.LAG_RECORDS, "lag"),
    (m.FRESHNESS_SECONDS, "freshness_seconds"),
    (m.RECEIVED_THROUGH, "received_through"),
    (m.SETTLED_THROUGH, "settled_through"),
    (m.VERIFIED_THROUGH, "verified_through"),
    (m.PARKED, "parked"),
    (m.PARKED_OLDEST_SECONDS, "oldest_parked_seconds"),
    (m.UNVOUCHED, "unvouched"),
    (m.OPEN_REJECTIONS, "open_rejections"),
    (m.OWNER_EPOCH, "epoch"),
    (m.FORKED, "forked"),
    (m.TOPIC_REWOUND, "rewound"),
)
"""Gauges that are one field of a source's status; null is 0."""


def end_offsets(wiring: Wiring) -> dict[str, int]:
    """End of each source's topic. Raises `BrokerUnavailable`, `TopicMissing`."""
    return {source: wiring.subscriber.end_offset(TOPIC_OF_SOURCE[source], 0) for source in SOURCES}


def current_status(wiring: Wiring, ends: Mapping[str, int]) -> dict[str, Any]:
    """`hub status` now; `ends` may be empty when the broker is away: the lag is then unknown."""
    from consumers.store.queries import status

    last = wiring.archive.latest()
    checkpoint = (last.size, datetime.fromisoformat(last.signed_at)) if last else None
    with wiring.store.snapshot() as loader:
        return status(loader, ends, wiring.clock.now(), checkpoint)


def show_status(wiring: Wiring, metrics: Metrics) -> str | None:
    """Read the status once and set every gauge from it; returns why the broker can't be asked, if so.

    Raises `StoreUnavailable`.
    """
    problem: str | None = None
    ends: dict[str, int] = {}
    try:
        ends = end_offsets(wiring)
    except BrokerUnavailable as error:
        problem = error.message
    put_status(metrics, current_status(wiring, ends), wiring.clock.now())
    metrics.put(m.OUTBOUND_LAG_ENTRIES, outbound_lag(wiring))
    return problem


def outbound_lag(wiring: Wiring) -> int:
    """Audit entries whose receipts and products have not gone out yet."""
    from sqlalchemy import select

    from schemas.tables import store as t

    with wiring.store.snapshot() as loader:
        size = loader.connection.execute(select(t.audit_log.c.size)).scalar_one()
        return int(size - loader.connection.execute(select(t.outbound.c.next_index)).scalar_one())


def put_status(metrics: Metrics, status: Mapping[str, Any], now: datetime) -> None:
    """Set the gauges from a status in the contract's shape."""
    for source in status["sources"]:
        labels = {"source": source["source"]}
        for metric, field in PER_SOURCE:
            metrics.put(metric, float(source[field] or 0), labels)
        metrics.put(m.GAPS, len(source["gaps"]), labels)
        since = source["unvouched_since"]
        waited = (now - datetime.fromisoformat(since)).total_seconds() if since else 0.0
        metrics.put(m.UNVOUCHED_SECONDS, max(0.0, waited), labels)
    for name, count in status["products"].items():
        metrics.put(m.PRODUCTS, count, {"status": name})
    day = status["day"]
    midnight = datetime.combine(date.fromisoformat(day), time(), SHANGHAI).timestamp() if day else 0.0
    metrics.put(m.DAY_SECONDS, midnight)
    log = status["log"]
    metrics.put(m.LOG_SIZE, log["size"])
    metrics.put(m.CHECKPOINT_SIZE, log["checkpoint_size"])
    metrics.put(m.CHECKPOINT_AGE_SECONDS, log["checkpoint_age_seconds"] or 0)
