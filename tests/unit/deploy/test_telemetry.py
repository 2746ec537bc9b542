"""Logs and metrics: one JSON object a line, and only what the catalogue names."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from prometheus_client import generate_latest

from deploy.telemetry import Metrics, configure_logging
from schemas import metrics as m


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Where the log goes during the test; the root logger is put back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield StringIO()
    root.handlers[:], root.level = before, level


def test_json_lines(log: StringIO) -> None:
    """Message, level, logger, time and the fields given; Chinese stays readable."""
    configure_logging("json", stream=log)
    logging.getLogger("czt.hub").info("批 %d", 3, extra={"source": "/joint-office"})
    line = json.loads(log.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "批 3", "level": "info", "logger": "czt.hub", "source": "/joint-office"}
    assert "批" in log.getvalue()


def test_away_from_a_terminal_the_log_is_json(log: StringIO) -> None:
    """`auto` writes JSON where nobody watches, and leaves out what is below the level."""
    configure_logging("auto", "warning", log)
    logging.getLogger("czt").info("not this")
    logging.getLogger("czt").warning("this")
    assert json.loads(log.getvalue())["event"] == "this"


def test_libraries_are_quiet(log: StringIO) -> None:
    """Information of libraries isn't ours; their warnings come through."""
    configure_logging("json", "debug", log)
    logging.getLogger("sqlalchemy.engine").info("SELECT 1")
    assert log.getvalue() == ""
    logging.getLogger("alembic").warning("look")
    assert "look" in log.getvalue()


def test_metrics_of_the_catalogue() -> None:
    """Counters add, gauges are set, histograms observe, under the catalogue's names."""
    metrics = Metrics()
    metrics.count(m.RECORDS_READ, 3, {"source": "s"})
    metrics.count(m.PRODUCTS_PUBLISHED, 2)
    metrics.put(m.LOG_SIZE, 7)
    metrics.put(m.LAG_RECORDS, 5, {"source": "s"})
    metrics.observe(m.BATCH_SECONDS, 0.02, {"source": "s"})
    text = generate_latest(metrics.registry).decode()
    for line in (
        'czt_records_read_total{source="s"} 3.0',
        "czt_products_published_total 2.0",
        "czt_log_size 7.0",
        'czt_lag_records{source="s"} 5.0',
        'czt_batch_seconds_count{source="s"} 1.0',
    ):
        assert line in text


def test_metric_of_another_kind_is_a_mistake() -> None:
    """A gauge can't be counted, a counter not set."""
    metrics = Metrics()
    with pytest.raises(ValueError, match="not a counter"):
        metrics.count(m.LOG_SIZE, 1)
    with pytest.raises(ValueError, match="not a gauge"):
        metrics.put(m.PRODUCTS_PUBLISHED, 1)
    with pytest.raises(ValueError, match="not a histogram"):
        metrics.observe(m.LOG_SIZE, 1)
