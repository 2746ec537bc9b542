"""Logs to stderr, as JSON or for people, and the metrics of the catalogue in one registry."""

import logging
import sys
from collections.abc import Mapping
from typing import Any, Literal, TextIO

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.metrics import CATALOGUE, Metric, MetricKind

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
LOUD = ("sqlalchemy", "alembic", "watchfiles", "uvicorn")
"""Libraries whose information is noise in our log; their warnings are not. kafka-python is silenced by its adapters."""


def configure_logging(form: Literal["auto", "console", "json"], level: str = "info", stream: TextIO | None = None) -> None:
    """Send this process's log to stderr. `auto`: for people on a terminal, one JSON object a line otherwise."""
    import structlog  # 0.2 s that only long-running commands need

    target = stream if stream is not None else sys.stderr
    as_json = form == "json" or (form == "auto" and not target.isatty())
    added: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=added, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[level])
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)


class Metrics:
    """The catalogue's metrics, made once, in a registry of their own: `count`, `put` and `observe` take its entries.

    A name or label that isn't in the catalogue raises KeyError or ValueError: dashboards know nothing else.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._made: dict[str, Counter | Gauge | Histogram] = {one.name: self._make(one) for one in CATALOGUE}

    def _make(self, metric: Metric) -> Counter | Gauge | Histogram:
        if metric.kind is MetricKind.COUNTER:
            return Counter(metric.name, metric.help_en, metric.labels, registry=self.registry)
        if metric.kind is MetricKind.GAUGE:
            return Gauge(metric.name, metric.help_en, metric.labels, registry=self.registry)
        return Histogram(metric.name, metric.help_en, metric.labels, buckets=metric.buckets, registry=self.registry)

    def count(self, metric: Metric, amount: int, labels: Mapping[str, str] | None = None) -> None:
        """Add to a counter."""
        found = self._made[metric.name]
        if not isinstance(found, Counter):
            raise ValueError(f"{metric.name} is not a counter")
        (found.labels(**labels) if labels else found).inc(amount)

    def put(self, metric: Metric, value: float, labels: Mapping[str, str] | None = None) -> None:
        """Set a gauge."""
        found = self._made[metric.name]
        if not isinstance(found, Gauge):
            raise ValueError(f"{metric.name} is not a gauge")
        (found.labels(**labels) if labels else found).set(value)

    def observe(self, metric: Metric, value: float, labels: Mapping[str, str] | None = None) -> None:
        """Count an observation in a histogram."""
        found = self._made[metric.name]
        if not isinstance(found, Histogram):
            raise ValueError(f"{metric.name} is not a histogram")
        (found.labels(**labels) if labels else found).observe(value)
