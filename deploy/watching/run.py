"""A watching process: its parts put together, its metrics, its end; and the same for a single time."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.importing import ImportDesk, limits
from deploy.running import Forever
from deploy.settings import Settings
from deploy.telemetry import Metrics
from deploy.watching.decide import Patience
from deploy.watching.desk import Handled, WatchDesk
from deploy.watching.drives import is_remote
from deploy.watching.folder import SHELVES, Folder
from deploy.watching.lock import FolderLock
from deploy.watching.waking import Polling, Told, Waking
from deploy.watching.watch import Waiting, Watch
from deploy.wiring import Wiring
from producers.answers.report import DEFECT
from producers.catalogue.report import OUTCOMES
from schemas import metrics as m
from schemas.city import City

logger = logging.getLogger("czt.watch")


@dataclass(frozen=True)
class Watched:
    """What one pass over a folder came to."""

    city: City
    files: tuple[Handled, ...]
    waiting: Waiting

    @property
    def clean(self) -> bool:
        """Whether nobody has anything to do: every file accepted whole, and none left."""
        return all(one.clean for one in self.files) and not self.waiting.troubles

    def as_json(self) -> dict[str, Any]:
        """`{city, files:[…], waiting:[{file, why}]}`."""
        left = [{"file": name, "why": why} for name, why in sorted(self.waiting.troubles.items())]
        return {"city": self.city.word, "files": [one.as_json() for one in self.files], "waiting": left}


def watch_once(wiring: Wiring, path: Path, city: City, *, complete: bool) -> Watched:
    """Take what is in the folder. Raises `AnswerIsNo` while another program has it, `StoreUnavailable`, OSError."""
    taken: list[Handled] = []
    with _locked(path) as lock:
        desk = _desk(wiring, path, city, complete=complete)
        waiting = Watch(desk.folder, lock, desk, _patience(wiring.settings), taken.append).once(wiring.stop)
    return Watched(city, tuple(taken), waiting)


def _desk(wiring: Wiring, path: Path, city: City, *, complete: bool) -> WatchDesk:
    desk = ImportDesk(wiring.source_engine(city.source), wiring.city_file(city.source), wiring.clock, limits(wiring.settings))
    return WatchDesk(Folder(path), desk, complete)


def _patience(settings: Settings) -> Patience:
    return Patience(settings.watch_settle_seconds, settings.watch_patience_seconds)


def watch_forever(wiring: Wiring, path: Path, city: City, process: Forever, *, complete: bool) -> None:
    """Until the process is told to stop. Raises `AnswerIsNo` while another program has the folder, `PortTaken`."""
    wiring.stop = process.stop
    gauges = FolderGauges(city, process.metrics)
    with _locked(path) as lock:
        desk = _desk(wiring, path, city, complete=complete)
        watch = Watch(desk.folder, lock, desk, _patience(wiring.settings), gauges.handled)
        waking = _waking(wiring.settings, path, process.stop)
        with process.running(lambda: watch.problem):
            logger.info("watching", extra={"city": city.word, "folder": str(path), "mode": type(waking).__name__.lower()})
            watch.forever(waking, wiring.settings.watch_poll_seconds, process.stop, gauges.waiting)


@contextmanager
def _locked(path: Path) -> Iterator[FolderLock]:
    """The folder for this process alone, from before anything is made until everything is done."""
    lock = FolderLock(path)
    lock.hold()
    try:
        yield lock
    finally:
        lock.close()


def _waking(settings: Settings, path: Path, stop: threading.Event) -> Waking:
    polling = settings.watch_mode == "polling" or (settings.watch_mode == "auto" and is_remote(path.resolve()))
    return Polling(stop) if polling else Told(path, settings.watch_poll_seconds, stop)


class FolderGauges:
    """What an operator sees of it; each file also gives a line in the log."""

    def __init__(self, city: City, metrics: Metrics) -> None:
        self._labels = {"city": city.word}
        self._metrics = metrics
        metrics.count(m.FILE_DEFECTS, 0, self._labels)
        for shelf in SHELVES:
            metrics.count(m.FILES_TAKEN, 0, {**self._labels, "shelf": shelf})
        for outcome in OUTCOMES:
            metrics.count(m.ROWS_IMPORTED, 0, {**self._labels, "outcome": outcome})

    def handled(self, one: Handled) -> None:
        """A file was put away."""
        self._metrics.count(m.FILES_TAKEN, 1, {**self._labels, "shelf": one.shelf})
        if one.reason == DEFECT:
            self._metrics.count(m.FILE_DEFECTS, 1, self._labels)
        for outcome, count in (one.totals or {}).items():
            self._metrics.count(m.ROWS_IMPORTED, count, {**self._labels, "outcome": outcome})
        logger.info("file taken", extra={**self._labels, **one.as_json()})

    def waiting(self, left: Waiting) -> None:
        """After each look."""
        self._metrics.put(m.FILES_WAITING, left.count, self._labels)
        self._metrics.put(m.FILES_WAITING_OLDEST_SECONDS, left.oldest_seconds, self._labels)
