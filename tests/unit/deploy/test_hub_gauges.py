"""The gauges say what `czt hub status` says."""

from datetime import UTC, datetime
from typing import Any

from prometheus_client import generate_latest

from deploy.hub_gauges import put_status
from deploy.telemetry import Metrics

SOURCE: dict[str, Any] = {
    "source": "/registers/changsha",
    "received_through": 9,
    "settled_through": 8,
    "verified_through": 7,
    "statement_differs": 6,
    "drift": None,
    "gaps": [[10, 12], [14, 14]],
    "lag": 3,
    "freshness_seconds": 40,
    "outcomes": {"applied": 9},
    "parked": 1,
    "oldest_parked_seconds": None,
    "unvouched": 2,
    "unvouched_seconds": 60,
    "forked": True,
    "rewound": False,
    "open_rejections": 4,
    "owner": None,
    "epoch": 5,
}
STATUS: dict[str, Any] = {
    "day": "2021-07-22",
    "sources": [SOURCE],
    "products": {"recognized": 15, "disputed": 1},
    "objections": {"open": 3, "overdue": 2},
    "conflicts": 6,
    "log": {"size": 31, "root": "ab", "checkpoint_size": 30, "checkpoint_age_seconds": 12},
    "dead_letters": 0,
}


def _shown(status: dict[str, Any]) -> str:
    metrics = Metrics()
    put_status(metrics, status)
    return generate_latest(metrics.registry).decode()


def test_each_source_and_the_store() -> None:
    """Every number of the status is a gauge, under its source or status; the day is its midnight in Shanghai."""
    text = _shown(STATUS)
    label = '{source="/registers/changsha"}'
    for line in (
        f"czt_received_through{label} 9.0",
        f"czt_settled_through{label} 8.0",
        f"czt_gaps{label} 2.0",
        f"czt_statement_differs{label} 6.0",
        f"czt_drift{label} 0.0",
        f"czt_lag_records{label} 3.0",
        f"czt_freshness_seconds{label} 40.0",
        f"czt_unvouched_seconds{label} 60.0",
        f"czt_parked_oldest_seconds{label} 0.0",
        f"czt_forked{label} 1.0",
        f"czt_owner_epoch{label} 5.0",
        'czt_products{status="recognized"} 15.0',
        "czt_objections_open 3.0",
        "czt_objections_overdue 2.0",
        "czt_conflicts 6.0",
        "czt_log_size 31.0",
        "czt_checkpoint_age_seconds 12.0",
        f"czt_day_seconds {float(datetime(2021, 7, 21, 16, tzinfo=UTC).timestamp())!r}",
    ):
        assert line in text or line.replace("1626883200.0", "1.6268832e+09") in text


def test_nothing_waits_and_nothing_has_begun() -> None:
    """Read to the end, a source is fresh however old its last event is; before the first day the day is 0."""
    text = _shown({**STATUS, "day": None, "sources": [SOURCE | {"lag": 0, "unvouched_seconds": 0}]})
    assert 'czt_freshness_seconds{source="/registers/changsha"} 0.0' in text
    assert 'czt_unvouched_seconds{source="/registers/changsha"} 0.0' in text
    assert "czt_day_seconds 0.0" in text
