"""`hub status` for many who ask: found by one thread with connections of its own, and kept for a moment."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from types import TracebackType
from typing import Any, Self

from deploy.hub_gauges import status_with, topic_ends
from deploy.settings import Settings
from deploy.wiring import Wiring
from schemas.errors import Both, Overloaded
from schemas.ports import Clock

KEPT_SECONDS = 1.0
"""Counting everything costs far more than one answer is worth."""
BROKER_AWAY_SECONDS = 15.0
"""How long a broker that did not answer is left alone: asking it in vain takes seconds. The lag is unknown meanwhile."""
PATIENCE_SECONDS = 20.0


class StatusDesk:
    """Thread-safe. Ends its thread when it is left."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._wiring = Wiring(settings, clock)
        self._thread = ThreadPoolExecutor(1, "status")
        self._found: dict[str, Any] = {}
        self._found_at = self._broker_away_at = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._thread.submit(self._wiring.__exit__, None, None, None)
        self._thread.shutdown()

    def status(self) -> dict[str, Any]:
        """The answer of `hub status`, at most `KEPT_SECONDS` old. Raises `StoreUnavailable`, `Overloaded`."""
        asked: Future[dict[str, Any]] = self._thread.submit(self._current)
        try:
            return asked.result(PATIENCE_SECONDS)
        except NotInTime:
            asked.cancel()
            raise Overloaded(Both("概况还没有算出来。", "The status is not there yet.")) from None

    def _current(self) -> dict[str, Any]:
        if time.monotonic() - self._found_at >= KEPT_SECONDS:
            store, ends, problem = self._wiring.store, dict[str, int](), None
            if time.monotonic() - self._broker_away_at >= BROKER_AWAY_SECONDS:
                ends, problem = topic_ends(self._wiring)
            if problem is not None:
                self._broker_away_at = time.monotonic()
            self._found, self._found_at = status_with(self._wiring, store, ends), time.monotonic()
        return self._found
