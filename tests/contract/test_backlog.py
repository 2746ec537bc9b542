"""What waits in a city's own database, as its relay's gauges say it, on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, insert

from deploy.backlog_gauges import EVERY_SECONDS, BacklogGauges
from deploy.telemetry import Metrics
from producers import held
from schemas import metrics as m
from schemas.codec import shanghai_time, utc_micros
from schemas.tables.source import captured
from tests.support.fakes import FakeClock

NOW = datetime(2021, 7, 22, 2, 0, tzinfo=UTC)
GAUGES = (m.CAPTURED_WAITING, m.CAPTURED_WAITING_OLDEST_SECONDS, m.HELD_ROWS, m.HELD_ROWS_OLDEST_SECONDS)


def _said(metrics: Metrics) -> list[float | None]:
    return [metrics.registry.get_sample_value(one.name, {"city": "changsha"}) for one in GAUGES]


def test_gauges_say_how_much_waits_and_how_long(source_database: Engine) -> None:
    """Counts and the age of the oldest; what was answered waits no more; counted now and then, not in every round."""
    metrics, seconds = Metrics(), iter((0.0, 0.0, 1.0, EVERY_SECONDS, EVERY_SECONDS))
    gauges = BacklogGauges("changsha", source_database, metrics, FakeClock(NOW), lambda: next(seconds))
    gauges.put()
    assert _said(metrics) == [0, 0, 0, 0]
    with source_database.begin() as connection:
        for ago in (60, 90, 30):
            row = {"captured_at": utc_micros(NOW - timedelta(seconds=ago)), "operation": "delete", "key_before": str(ago)}
            connection.execute(insert(captured).values(row))
        for days in (3, 2, 1):
            question = held.Question("withdrawal", f"CSLX-{days:06d}", (), {})
            held.ask(connection, [question], shanghai_time(NOW - timedelta(days=days)))
        oldest, *_ = held.waiting(connection, "withdrawal")
        held.close(connection, [oldest["id"]], shanghai_time(NOW))
    gauges.put()
    assert _said(metrics) == [0, 0, 0, 0]
    gauges.put()
    assert _said(metrics) == [3, 90, 2, 2 * 86_400]
