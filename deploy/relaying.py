"""A relay's process: seal and publish, again and again.

By itself the joint office's relay begins each day, and a city's states what the register holds: daily and after each import.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from deploy.backlog_gauges import BacklogGauges
from deploy.chains import state_when_due
from deploy.joint.days import begin_missed_days
from deploy.key_rotation import untrusted_key
from deploy.running import Forever, leave
from deploy.telemetry import Metrics
from deploy.wiring import Wiring
from schemas import metrics as m
from schemas.city import JOINT_OFFICE, source_name
from schemas.errors import AnswerIsNo, Both, BrokerUnavailable, StoreUnavailable

if TYPE_CHECKING:
    from producers.relay import Relay, RelayReport

logger = logging.getLogger("czt.relay")


def relay_once(wiring: Wiring, source: str) -> "RelayReport":
    """Send what waits, and leave. Raises `AnswerIsNo` while another relay holds the source, `BrokerUnavailable`."""
    relay = wiring.relay(source)
    try:
        report = relay.run_once()
    finally:
        leave(relay.release)
    if report is None:
        raise AnswerIsNo(
            Both(
                f"{source_name(source)} 的另一个转发程序正在运行，由它发送。",
                f"Another relay of {source_name(source)} is running; it sends.",
            ),
            Both("无需处理；要运行本程序，请先停掉那一个。", "Nothing to do; to run this one, stop the other first."),
        )
    return report


def relay_forever(wiring: Wiring, source: str, process: Forever) -> None:
    """Send whatever comes until the process is told to stop. Raises `Fenced`, `PortTaken`."""
    relaying = Relaying(source, process.metrics)
    wiring.stop = process.stop
    relay = wiring.relay(source, relaying.observe)
    untrusted = untrusted_key(wiring, source)
    if untrusted is not None:
        logger.warning("the joint office does not trust this key yet: what is sent waits", extra={"source": source, **untrusted})

    def by_itself() -> None:
        if source == JOINT_OFFICE:
            begin_missed_days(relay.engine, wiring.clock, wiring.known_log_size())
        else:
            state_when_due(wiring, relay.engine, source)

    backlog = None
    if source != JOINT_OFFICE:
        backlog = BacklogGauges(source_name(source), relay.engine, process.metrics, wiring.clock)
    try:
        with process.running(lambda: relaying.problem):
            relaying.run_forever(relay, process.stop, by_itself, backlog)
    finally:
        leave(relay.release)


class Relaying:
    """One relay with its gauges. `problem` says why it can't publish at the moment; None when it can."""

    def __init__(self, source: str, metrics: Metrics) -> None:
        self.problem: str | None = "starting"
        self._labels = {"source": source}
        self._metrics = metrics
        self._failing_since: float | None = None

    def observe(self, report: "RelayReport", unsent: int) -> None:
        """Told by the relay of each run that went well."""
        self._metrics.count(m.RELAY_SEALED, report.sealed, self._labels)
        self._metrics.count(m.RELAY_PUBLISHED, report.published, self._labels)
        self._metrics.put(m.RELAY_UNSENT, unsent, self._labels)
        self._metrics.put(m.RELAY_OUTAGE_SECONDS, 0, self._labels)
        self.problem, self._failing_since = None, None
        if report.published:
            fields: dict[str, object] = {
                "sealed": report.sealed,
                "published": report.published,
                "last_sequence": report.last_sequence,
            }
            logger.info("relayed", extra={**self._labels, **fields})

    def run_forever(
        self, relay: "Relay", stop: threading.Event, after: Callable[[], object], backlog: BacklogGauges | None = None
    ) -> None:
        """Relay until told to stop; `after` follows each round that held the lease. Outages are waited out.

        What waits is counted before each round, so that it is seen while the broker is away too.
        Raises `Fenced` when another relay took over on the way.
        """
        while not stop.is_set():
            try:
                if backlog is not None:
                    backlog.put()
                if relay.run_once() is None:
                    self.problem = "another relay of this source is running; this one stands by"
                else:
                    after()
            except (BrokerUnavailable, StoreUnavailable) as error:
                self._note_outage(error)
            stop.wait(relay.policy.poll_seconds)

    def _note_outage(self, error: BrokerUnavailable | StoreUnavailable) -> None:
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
            logger.warning("waiting: %s", error, extra=self._labels)
        self.problem = error.message
        self._metrics.put(m.RELAY_OUTAGE_SECONDS, now - self._failing_since, self._labels)
