"""Waiting for the next look at a folder: until the system tells of a change, or until a time has passed."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from watchfiles import watch

logger = logging.getLogger("czt.watch")

DEBOUNCE_MS = 200
STEP_MS = 50
"""How soon `watchfiles` sees that the process is told to stop."""


class Waking(Protocol):
    """Waits at most so many seconds, less when something happens or the process is told to stop."""

    def wait(self, seconds: float) -> None:
        """Wait."""


class Polling:
    """For drives that tell of nothing: the time alone."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def wait(self, seconds: float) -> None:
        """See `Waking`."""
        self._stop.wait(seconds)


class Told:
    """For drives of this machine: inotify and the like, through `watchfiles`. What is missed is seen at the next look.

    A folder that went and came back is watched anew; where the system refuses to tell, time alone counts.
    """

    def __init__(self, folder: Path, idle_seconds: float, stop: threading.Event) -> None:
        self._folder = folder
        self._idle_seconds = idle_seconds
        self._stop = stop
        self._mark: int | None = None
        self._changes: Iterator[object] | None = None

    def wait(self, seconds: float) -> None:
        """See `Waking`."""
        changes = self._watched() if seconds >= self._idle_seconds else None
        if changes is None:
            self._stop.wait(seconds)
            return
        try:
            next(changes, None)
        except (OSError, RuntimeError) as error:
            logger.warning("the system does not tell of changes, looking every %s s instead: %s", seconds, error)
            self._changes = None
            self._stop.wait(seconds)

    def _watched(self) -> Iterator[object] | None:
        try:
            mark = self._folder.stat().st_ino
        except OSError:
            self._changes = None
            return None
        if self._changes is None or mark != self._mark:
            self._mark = mark
            self._changes = self._watch()
        return self._changes

    def _watch(self) -> Iterator[object]:
        return watch(
            self._folder,
            watch_filter=None,
            recursive=False,
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            stop_event=self._stop,
            rust_timeout=max(int(self._idle_seconds * 1000), 1),
            yield_on_timeout=True,
        )
