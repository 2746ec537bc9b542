"""The loop: look, take what is whole, answer beside it, wait. What can't be put away stays and is tried again."""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.watching.decide import (
    STALE_LOCK_SECONDS,
    Do,
    Found,
    Kind,
    Patience,
    in_order,
    is_temporary,
    lock_names,
    may_still_grow,
    needed_seconds,
    what_to_do,
)
from deploy.watching.desk import Handled, NotYet, WatchDesk
from deploy.watching.folder import Folder
from deploy.watching.lock import FolderLock
from deploy.watching.names import readable
from deploy.watching.waking import Waking
from schemas.errors import CztError, FileRefused, StoreUnavailable

logger = logging.getLogger("czt.watch")

RETRY_SECONDS = 30.0
"""Between attempts at a file that can't be read or put away: rights, a full disk, a drive that went read-only."""


OPEN = "open"
UNSETTLED = "unsettled"
"""Why a file waits when nothing is in its way: a person has it open, or it may still be on its way."""


@dataclass(slots=True)
class _Watched:
    """A thing in the folder: how it was at the last look, since when it is so, since when it is there, what is in its way."""

    found: Found
    since: float
    first: float
    not_before: float = 0.0
    trouble: str | None = None


@dataclass
class Waiting:
    """What the last look left in the folder. `troubles`: `OPEN`, `UNSETTLED` or the system's words, by file."""

    count: int = 0
    oldest_seconds: float = 0.0
    troubles: dict[str, str] = field(default_factory=dict)


class Watch:
    """One folder of one city. `observe` is told of each file put away, `seconds` is a clock that never goes back."""

    def __init__(
        self,
        folder: Folder,
        lock: FolderLock,
        desk: WatchDesk,
        patience: Patience,
        observe: Callable[[Handled], object],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._lock = lock
        self._desk = desk
        self._patience = patience
        self._observe = observe
        self._seconds = seconds
        self._watched: dict[str, _Watched] = {}
        self.problem: str | None = "starting"

    def look(self, stop: threading.Event) -> float | None:
        """One look: everything that is whole is taken. Seconds until something may be due; None when nothing waits for time.

        Raises OSError for the folder itself, `StoreUnavailable`, and `AnswerIsNo` when another program has the folder.
        """
        self._lock.hold()
        self._folder.prepare()
        self._notice(self._folder.look())
        for found in in_order(one.found for name, one in self._watched.items() if not is_temporary(name)):
            if stop.is_set():
                break
            self._consider(self._watched[found.name])
        self.problem = None
        return self._due()

    def _notice(self, there: list[Found]) -> None:
        now = self._seconds()
        known = self._watched
        self._watched = {}
        for found in there:
            before = known.get(found.name)
            if before is not None and before.found == found:
                self._watched[found.name] = before
            else:
                self._watched[found.name] = _Watched(found, now, before.first if before is not None else now)

    def _consider(self, one: _Watched) -> None:
        now = self._seconds()
        do = what_to_do(
            one.found, now - one.since, self._patience, is_open=self._is_open(one.found.name), complete=self._desk.complete
        )
        if do is Do.WAIT or now < one.not_before:
            return
        try:
            self._put_away(one, self._desk.take if do is Do.TAKE else self._desk.refuse_thing)
        except NotYet:
            one.since = now
        except OSError as error:
            self._troubled(one, error)

    def _put_away(self, one: _Watched, how: Callable[[Found], Handled]) -> None:
        """Raises `NotYet`, OSError, and what concerns every file: an error of our tree that isn't the file's refusal."""
        try:
            handled = self._handled(one, how)
        except (CztError, NotYet, OSError):
            raise
        # The one place that takes any error: a defect that one file brings to light must not stop the others. It hides nothing:
        # traceback, metric with an alert, and a report beside the file. A second defect, in the report itself, ends the program.
        except Exception as defect:
            reference = uuid.uuid4().hex[:8]
            told = {"file": readable(one.found.name), "reference": reference}
            logger.critical("the program failed on a file and puts it aside", extra=told, exc_info=defect)
            handled = self._desk.set_aside(one.found, reference)
        if handled is not None:
            self._observe(handled)
            del self._watched[one.found.name]

    def _handled(self, one: _Watched, how: Callable[[Found], Handled]) -> Handled | None:
        """What became of the file; None when a refused one is waited for."""
        try:
            return how(one.found)
        except FileRefused as refused:
            if may_still_grow(refused.reason, self._seconds() - one.since, self._patience):
                one.not_before = one.since + self._patience.patience_seconds
                return None
            return self._desk.refuse(one.found, refused)

    def _troubled(self, one: _Watched, error: OSError) -> None:
        """Not this time. Said once, and again when it is another trouble."""
        said = str(error.strerror or error)
        if said != one.trouble:
            logger.warning("%s waits: %s", one.found.name, said)
        one.trouble, one.not_before = said, self._seconds() + RETRY_SECONDS

    def _is_open(self, name: str) -> bool:
        """Whether a spreadsheet program says that a person has it open; a lock that nobody took away doesn't count."""
        now = self._seconds()
        locks = (self._watched.get(lock) for lock in lock_names(name))
        return any(lock is not None and now - lock.since < STALE_LOCK_SECONDS for lock in locks)

    def _due(self) -> float | None:
        now = self._seconds()
        left = [self._due_at(one) - now for one in self._real() if one.trouble is None and not self._is_open(one.found.name)]
        return max(min(left), 0.0) if left else None

    def _due_at(self, one: _Watched) -> float:
        return max(one.since + needed_seconds(one.found, self._patience, complete=self._desk.complete), one.not_before)

    def _real(self) -> list[_Watched]:
        return [one for name, one in self._watched.items() if not is_temporary(name)]

    def waiting(self) -> Waiting:
        """What is left, and why where something is in the way."""
        now, left = self._seconds(), self._real()
        troubles = {one.found.name: one.trouble or self._why(one.found) for one in left}
        return Waiting(len(left), max((now - one.first for one in left), default=0.0), troubles)

    def _why(self, found: Found) -> str:
        if found.kind is Kind.FILE and self._is_open(found.name):
            return OPEN
        return UNSETTLED

    def forever(self, waking: Waking, idle_seconds: float, stop: threading.Event, tell: Callable[[Waiting], object]) -> None:
        """Until the process is told to stop. A folder or database that is away is waited for."""
        while not stop.is_set():
            due: float | None = None
            try:
                due = self.look(stop)
            except (OSError, StoreUnavailable) as error:
                said = str(error)
                if said != self.problem:
                    logger.warning("waiting: %s", said)
                self.problem = said
            tell(self.waiting())
            waking.wait(idle_seconds if due is None else min(due, idle_seconds))

    def once(self, stop: threading.Event) -> Waiting:
        """Until nothing is left that time alone would bring; a file that never comes to rest is left after a while."""
        until = self._seconds() + 2 * self._patience.patience_seconds + self._patience.settle_seconds
        while not stop.is_set():
            due = self.look(stop)
            if due is None or self._seconds() > until:
                break
            stop.wait(min(max(due, 0.01), 1.0))
        return self.waiting()
