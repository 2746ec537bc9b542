"""The hub's process: decide, send on, checkpoint; once until nothing more can be decided, or until somebody stops it."""

import gc
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deploy.hub_gauges import outbound_lag, show_status
from deploy.running import Forever, leave
from deploy.telemetry import Metrics
from deploy.trust import check_first_trust
from deploy.wiring import Wiring
from schemas import metrics as m
from schemas.city import source_name
from schemas.errors import Both, BrokerUnavailable, Fenced, StoreUnavailable

if TYPE_CHECKING:
    from consumers.handle import BatchReport
    from consumers.outbound import Outbound

logger = logging.getLogger("czt.hub")

LOOK_SECONDS = 2.0
"""How often gauges are set and, while the log is quiet, a checkpoint is signed."""
RETRY_SECONDS = 1.0
GC_THRESHOLD = 500_000
"""A batch of 2,000 events holds some hundred thousand objects at a time, which reference counting frees by itself."""
LEASE_MARGIN_SECONDS = 1.0
STATEMENT_REASONS = ("statement_agrees", "statement_differs", "statement_unchecked")
JOIN_SECONDS = 30.0
"""How long a stopping hub waits for the message batch under way; what was not sent goes out again after the start."""


@dataclass(frozen=True)
class HubReport:
    """What one run did: records decided, outcomes by name, and the size of the log afterwards."""

    read: int
    outcomes: dict[str, int]
    log_size: int

    def as_json(self) -> dict[str, Any]:
        """The answer of `hub run --json`."""
        return {"read": self.read, "outcomes": self.outcomes, "log_size": self.log_size}


def check_hub(wiring: Wiring) -> None:
    """What must be true before anything is decided.

    Raises `UnsafeDatabase`, `SchemaOutdated`, `StoreUnavailable`, `KeyMissing`, `KeyUnusable`.
    """
    from deploy.databases import check_durable

    check_durable(wiring.store.writer)
    wiring.store.prepare(wiring.sources)
    wiring.log_key()
    check_first_trust(wiring)


def settle_memory() -> None:
    """Nothing loaded so far will ever be garbage: the collector need not look at it again, and looks less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


def run_until_idle(wiring: Wiring, sources: Sequence[str], metrics: Metrics) -> HubReport:
    """Decide everything that can be decided, send it on, sign a checkpoint.

    A hub that was killed leaves leases behind; their end is waited for. Raises `Fenced` when a living one holds a source.
    """
    worker = wiring.worker(tuple(sources), observer(metrics))
    outbound = wiring.outbound()
    deadline = time.monotonic() + wiring.settings.owner_lease_seconds + LEASE_MARGIN_SECONDS
    try:
        totals = worker.run_until_idle()
        while (held := sorted({*sources} - {*worker.held()})) and time.monotonic() < deadline:
            time.sleep(RETRY_SECONDS / 10)
            worker.run_until_idle()
        outbound.run_until_idle()
        while not held and outbound_lag(wiring) and time.monotonic() < deadline:
            time.sleep(RETRY_SECONDS / 10)
            outbound.run_until_idle()
        wiring.late_products().look()
        wiring.drift_watch().look()
        wiring.checkpointer().sign()
    finally:
        leave(worker.release)
        leave(outbound.release)
    if held:
        names = ", ".join(source_name(source) for source in held)
        raise Fenced(
            Both(f"另一个共享端程序正在运行，由它处理 {names}。", f"Another hub is running and decides {names}."),
            Both("无需处理；要运行本程序，请先停掉那一个。", "Nothing to do; stop it to run this one."),
        )
    return HubReport(totals.read, dict(sorted(totals.outcomes.items())), wiring.log_size())


def run_forever(wiring: Wiring, sources: Sequence[str], process: Forever) -> HubReport:
    """Decide in this thread, send on and checkpoint in another, until the process is told to stop.

    Raises `Fenced` when another process took a source, `LogRolledBack`, `PortTaken`.
    """
    begin_counting(process.metrics, sources)
    worker = wiring.worker(tuple(sources), observer(process.metrics))
    followers = Followers(wiring, process.metrics, process.stop)
    with process.running(lambda: followers.problem):
        followers.start()
        try:
            worker.run_forever(process.stop)
        finally:
            process.stop.set()
            followers.join()
            leave(worker.release)
    if followers.failure is not None:
        raise followers.failure
    return HubReport(worker.totals.read, dict(sorted(worker.totals.outcomes.items())), wiring.log_size())


class Followers:
    """What follows the log, in a thread with connections of its own: outbound messages, checkpoints, gauges.

    `problem` says why the hub can't do its work at the moment; None when it can.
    """

    def __init__(self, wiring: Wiring, metrics: Metrics, stop: threading.Event) -> None:
        self.failure: Exception | None = None
        self.problem: str | None = "starting"
        self._wiring = wiring
        self._metrics = metrics
        self.stop = stop
        self._thread = threading.Thread(target=self._run, name="followers")
        self._products_sent = 0

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the step under way."""
        self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        try:
            with Wiring(self._wiring.settings, self._wiring.clock) as own:
                own.owner, own.stop = self._wiring.owner, self.stop  # one process, one owner
                outbound = own.outbound()
                self._follow(own, outbound)
                leave(outbound.release)
        except Exception as failure:  # noqa: BLE001  raised in the main thread: a hub that tells nobody must not go on
            self.failure = failure
            self.stop.set()

    def _follow(self, own: Wiring, outbound: "Outbound") -> None:
        checkpointer, late, drifting = own.checkpointer(), own.late_products(), own.drift_watch()
        next_look = 0.0
        while not self.stop.is_set():
            try:
                busy = outbound.step()
                self._count(outbound.sent["products"])
                if time.monotonic() >= next_look:
                    late.look()
                    drifting.look()
                    if checkpointer.due(idle=not busy):
                        checkpointer.sign()
                    self.problem = show_status(own, self._metrics)
                    next_look = time.monotonic() + LOOK_SECONDS
            except (BrokerUnavailable, StoreUnavailable, Fenced) as error:
                self.problem = error.message
                logger.warning("outbound waits: %s", error)
                self.stop.wait(RETRY_SECONDS)
                continue
            if not busy:
                self.stop.wait(outbound.policy.poll_seconds)

    def _count(self, products_sent: int) -> None:
        if products_sent > self._products_sent:
            self._metrics.count(m.PRODUCTS_PUBLISHED, products_sent - self._products_sent)
            self._products_sent = products_sent


def begin_counting(metrics: Metrics, sources: Sequence[str]) -> None:
    """Counters that alerts look at begin at 0: an increase can't be seen of one that begins with its first event."""
    for source in sources:
        metrics.count(m.RECORDS_READ, 0, {"source": source})
        for reason in STATEMENT_REASONS:
            metrics.count(m.STATEMENTS_CHECKED, 0, {"source": source, "reason": reason})


def observer(metrics: Metrics) -> "Callable[[str, BatchReport, float], None]":
    """Counts each batch, and says so in the log."""

    def observe(source: str, report: "BatchReport", seconds: float) -> None:
        labels = {"source": source}
        metrics.count(m.RECORDS_READ, report.decided, labels)
        metrics.observe(m.BATCH_SECONDS, seconds, labels)
        for outcome, count in report.outcomes.items():
            metrics.count(m.RECORDS_DECIDED, count, labels | {"outcome": outcome})
        for (outcome, reason), count in report.reasons.items():
            if outcome == "refused":
                metrics.count(m.RECORDS_REFUSED, count, labels | {"reason": reason})
            elif reason in STATEMENT_REASONS:
                metrics.count(m.STATEMENTS_CHECKED, count, labels | {"reason": reason})
        if report.decided:
            fields = {"source": source, "decided": report.decided, "outcomes": dict(report.outcomes)}
            logger.info("batch", extra=fields | {"log_size": report.log_size, "milliseconds": round(seconds * 1000)})

    return observe
