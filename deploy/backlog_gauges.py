"""The gauges of what waits in a city's own database, put by its relay now and then."""

import time
from collections.abc import Callable

from sqlalchemy import Engine

from deploy.telemetry import Metrics
from producers.backlog import captured_backlog, held_backlog
from schemas import metrics as m
from schemas.ports import Clock
from schemas.tables.transactions import transaction

EVERY_SECONDS = 15.0
"""Between two counts: a scrape sees no more, and after an outage there may be a hundred thousand to count."""


class BacklogGauges:
    """Captured rows and held ones of one city. `seconds` is a clock that never goes back."""

    def __init__(
        self, city: str, engine: Engine, metrics: Metrics, clock: Clock, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._labels = {"city": city}
        self._engine = engine
        self._metrics = metrics
        self._clock = clock
        self._seconds = seconds
        self._due = 0.0

    def put(self) -> None:
        """Count when it is time to. Raises `StoreUnavailable`."""
        if self._seconds() < self._due:
            return
        with transaction(self._engine) as connection:
            captured, held = captured_backlog(connection), held_backlog(connection)
        now = self._clock.now()
        self._metrics.put(m.CAPTURED_WAITING, captured.count, self._labels)
        self._metrics.put(m.CAPTURED_WAITING_OLDEST_SECONDS, captured.seconds(now), self._labels)
        self._metrics.put(m.HELD_ROWS, held.count, self._labels)
        self._metrics.put(m.HELD_ROWS_OLDEST_SECONDS, held.seconds(now), self._labels)
        self._due = self._seconds() + EVERY_SECONDS
