"""The worker: holds sources by lease, fetches each from its position in the store, and hands windows to the handler."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from consumers.handle import BatchReport, Handler
from consumers.store import position
from consumers.store.position import Claim
from consumers.store.store import Store
from schemas.city import JOINT_OFFICE
from schemas.errors import BrokerUnavailable, PositionLost, StoreUnavailable
from schemas.ports import Subscriber
from schemas.topics import topic_of

logger = logging.getLogger("czt.hub")

WINDOW = 2_000
"""Records read at once: past this the cost of a transaction no longer shows (design §8)."""
LEAST_WINDOW = 250
"""What a batch shrinks to that the database cut off, halved each time: a slow machine would be cut off for ever. A relay
signs the last of 200 records at the latest, so a window of this size holds a vouched one."""
MAX_WINDOW = 32_000
"""How far the worker reads ahead for a vouched record before it waits with an alarm: some 26 MB of ordinary events."""


@dataclass(frozen=True)
class WorkerPolicy:
    """How a worker behaves. Times in seconds."""

    owner: str
    sources: tuple[str, ...]
    lease_seconds: float = 10.0
    poll_seconds: float = 0.25
    retry_seconds: float = 1.0


@dataclass
class Totals:
    """What was read and decided since the start."""

    read: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


Observer = Callable[[str, BatchReport, float], None]
"""Told of each batch: source, report, seconds it took."""


class Worker:
    """Decides the records of its sources, one source after the other. Not thread-safe: one worker a process."""

    def __init__(self, store: Store, subscriber: Subscriber, handler: Handler, policy: WorkerPolicy, observe: Observer) -> None:
        self.store = store
        self.subscriber = subscriber
        self.handler = handler
        self.policy = policy
        self.totals = Totals()
        self._observe = observe
        self._claims: dict[str, Claim] = {}
        self._renewed = time.monotonic()
        self._windows: dict[str, int] = {}
        self._shrunk: dict[str, int] = {}

    def run_until_idle(self) -> Totals:
        """Decide until nothing more can be decided. Raises what the ports raise; a waiting tail is left waiting.

        A source that another hub holds is waited for: until that hub has read it to the end, or its lease has ended.
        """
        patience = 3 * self.policy.lease_seconds
        last_progress = time.monotonic()
        while True:
            # The joint office first: a key or a day it decided may be what a city's events wait for.
            progress = [self._drain(source) for source in self._reachable()]
            if any(progress):
                last_progress = time.monotonic()
                continue
            behind = [source for source in self._ordered() if source not in self._claims and self._is_behind(source)]
            if not behind:
                return self.totals
            if time.monotonic() - last_progress > patience:
                logger.warning("another hub holds %s and does not go on", ", ".join(behind))
                return self.totals
            time.sleep(self.policy.poll_seconds)

    def _is_behind(self, source: str) -> bool:
        with self.store.snapshot() as loader:
            offset = position.next_offset(loader.connection, source)
        return offset < self.subscriber.end_offset(topic_of(source), 0)

    def run_forever(self, stop: threading.Event) -> None:
        """Decide until told to stop. Outages are waited out; `Fenced` ends the run: another process owns a source."""
        while not stop.is_set():
            try:
                busy = [self._drain(source, max_batches=1) for source in self._reachable()]
            except (BrokerUnavailable, StoreUnavailable) as error:
                logger.warning("waiting for a service: %s", error)
                self._claims.clear()
                stop.wait(self.policy.retry_seconds)
                continue
            if not any(busy):
                stop.wait(self.policy.poll_seconds)

    def release(self) -> None:
        """Give up all leases, so that a standby can take over at once."""
        with self.store.transaction() as connection:
            for source in self.policy.sources:  # after an outage some are ours that we don't count as held
                position.release(connection, source, self.policy.owner)
        self._claims.clear()

    def held(self) -> Sequence[str]:
        """The sources this worker holds now."""
        return sorted(self._claims)

    def _ordered(self) -> list[str]:
        return sorted(self.policy.sources, key=lambda source: (source != JOINT_OFFICE, source))

    def _reachable(self) -> list[str]:
        """The sources that are held or free. A standby asks for all of them in one question, and locks nothing."""
        if len(self._claims) == len(self.policy.sources):
            return self._ordered()
        with self.store.snapshot() as loader:
            free = position.free(loader.connection, self.store.bulk, self.policy.owner)
        return [source for source in self._ordered() if source in self._claims or source in free]

    def _drain(self, source: str, max_batches: int | None = None) -> bool:
        """Decide what can be decided of one source; whether anything was."""
        decided = batches = 0
        while max_batches is None or batches < max_batches:
            claim = self._claim(source)
            if claim is None:
                break
            window = self._window(source)
            report = self._batch(claim)
            if report is None or not (report.decided or self._window(source) > window):
                break
            decided += report.decided
            batches += 1
        return decided > 0

    def _claim(self, source: str) -> Claim | None:
        self._renew()
        held = self._claims.get(source)
        if held is not None:
            return held
        with self.store.transaction() as connection:
            claim = position.claim(connection, self.store.bulk, source, self.policy.owner, self.policy.lease_seconds)
        if claim is not None:
            logger.info("took over %s at offset %d, epoch %d", source, claim.next_offset, claim.epoch)
            self._claims[source] = claim
        return claim

    def _renew(self) -> None:
        """Renew every lease when a third of its time has passed, whichever source's turn it is; let go of what was taken.

        A round over many sources with much to decide may take longer than a lease.
        """
        now = time.monotonic()
        if not self._claims or now - self._renewed < self.policy.lease_seconds / 3:
            return
        with self.store.transaction() as connection:
            mine = position.renew(connection, self.store.bulk, self.policy.owner, self.policy.lease_seconds)
        for source in sorted(self._claims.keys() - mine):
            logger.warning("another hub took over %s", source)
            del self._claims[source]
        self._renewed = now

    def _batch(self, claim: Claim) -> BatchReport | None:
        topic = topic_of(claim.source)
        window = self._window(claim.source)
        try:
            end = self.subscriber.end_offset(topic, 0)
            if end == claim.next_offset:
                return None
            records = self.subscriber.fetch(topic, 0, claim.next_offset, window, self.policy.poll_seconds)
        except PositionLost as error:
            self._note_rewound(claim.source, error)
            return None
        if not records:
            return None
        started = time.perf_counter()
        try:
            report = self.handler.handle(claim, records)
        except StoreUnavailable:
            self._shrunk[claim.source] = max(LEAST_WINDOW, min(len(records), WINDOW) // 2)
            raise
        self._claims[claim.source] = report.claim
        self.totals.read += report.decided
        self.totals.outcomes += report.outcomes
        self._observe(claim.source, report, time.perf_counter() - started)
        self._widen(claim.source, report, full=len(records) == window)
        return report

    def _note_rewound(self, source: str, error: PositionLost) -> None:
        """Say it once, and look at the position again: somebody may have rewound it (`czt hub rewind`)."""
        with self.store.transaction() as connection:
            if position.note_rewound(connection, source):
                logger.error("%s stands still: %s", source, error)
            claim = position.claim(connection, self.store.bulk, source, self.policy.owner, self.policy.lease_seconds)
        if claim is not None:
            self._claims[source] = claim
        else:
            self._claims.pop(source, None)

    def _window(self, source: str) -> int:
        """How many records are read at once."""
        return self._windows.get(source, self._shrunk.get(source, WINDOW))

    def _widen(self, source: str, report: BatchReport, *, full: bool) -> None:
        """Read further ahead while a full window holds no vouched record; back to normal once one was decided."""
        if report.decided:
            self._windows.pop(source, None)
            self._shrunk[source] = min(2 * self._shrunk.get(source, WINDOW), WINDOW)
        elif report.waiting and full:
            self._windows[source] = min(2 * self._window(source), MAX_WINDOW)
