"""The relay of one source: seal what waits, publish it in order, remember it as sent after the broker's word.

Dies between the broker's word and ours: the same bytes go out again, and the shared side answers `duplicate`.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, RowMapping, select
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from producers import lease, outbox, seal
from schemas.city import source_name
from schemas.errors import BrokerUnavailable, PublishInterrupted, StoreUnavailable
from schemas.ports import Message, Publisher, Signer
from schemas.signing import plain_headers, signed_headers
from schemas.tables.source import outbox as table
from schemas.tables.source import seal as seal_table
from schemas.tables.transactions import transaction
from schemas.topics import TOPIC_OF_SOURCE

logger = logging.getLogger("czt.relay")

BATCH = 200
"""Records in flight at most: what may have to be sent again (recipe for kafka-python)."""
SIGN_EVERY = 64
"""At least every 64th record is signed: the shared side then never waits for more than 63 others to vouch for one."""


@dataclass(frozen=True)
class RelayPolicy:
    """Who relays, and how patiently. Times in seconds."""

    owner: str
    lease_seconds: float = 10.0
    poll_seconds: float = 0.5
    attempts: int = 1
    max_wait_seconds: float = 5.0


@dataclass
class RelayReport:
    """What one run did; `last_sequence` is the end of the source's sealed chain."""

    sealed: int = 0
    published: int = 0
    last_sequence: int = 0


class Relay:
    """Seals and publishes for one source. Not thread-safe."""

    def __init__(
        self,
        engine: Engine,
        source: str,
        signer: Signer,
        publisher: Publisher,
        policy: RelayPolicy,
        observe: Callable[[RelayReport, int], None] = lambda report, unsent: None,
    ) -> None:
        self.engine = engine
        self.source = source
        self.signer = signer
        self.publisher = publisher
        self.policy = policy
        self._observe = observe

    def prepare(self) -> None:
        """The rows that exist once, when they are missing."""
        with transaction(self.engine) as connection:
            seal.prepare(connection, self.source)

    def run_once(self) -> RelayReport | None:
        """Seal and publish everything that waits; None while another relay holds the lease.

        Raises `BrokerUnavailable` after the policy's attempts (what was acknowledged is remembered), `Fenced` when another
        relay took over on the way.
        """
        report = RelayReport()
        while True:
            with transaction(self.engine) as connection:
                epoch = lease.take(connection, self.policy.owner, self.policy.lease_seconds)
                if epoch is None:
                    return None
                newly = seal.seal_waiting(connection, self.source)
                report.last_sequence = connection.execute(select(seal_table.c.last_sequence)).scalar_one()
            report.sealed += newly
            sent = self._publish_waiting(epoch)
            report.published += sent
            if not newly and not sent:
                break
        self._note(report)
        return report

    def run_until_sent(self) -> RelayReport | None:
        """`run_once`, after waiting for another relay's lease to end; None when that one goes on renewing it."""
        deadline = time.monotonic() + 3 * self.policy.lease_seconds
        while True:
            report = self.run_once()
            if report is not None or time.monotonic() > deadline:
                return report
            time.sleep(self.policy.poll_seconds)

    def run_forever(self, stop: threading.Event) -> None:
        """Relay until told to stop. Outages are waited out; `Fenced` ends the run."""
        while not stop.is_set():
            try:
                self.run_once()
            except (BrokerUnavailable, StoreUnavailable) as error:
                logger.warning("%s waits: %s", source_name(self.source), error)
            stop.wait(self.policy.poll_seconds)

    def release(self) -> None:
        """Let a standby take over at once."""
        with transaction(self.engine) as connection:
            lease.release(connection, self.policy.owner)

    def _note(self, report: RelayReport) -> None:
        with transaction(self.engine) as connection:
            unsent = outbox.unsent_count(connection)
            for _, subject, problem in outbox.problems(connection):
                logger.error("%s: a change of %s can't be sealed: %s", source_name(self.source), subject, problem)
        self._observe(report, unsent)

    def _publish_waiting(self, epoch: int) -> int:
        """Publish one batch of sealed changes; how many were acknowledged."""
        for attempt in Retrying(
            retry=retry_if_exception_type(BrokerUnavailable),
            stop=stop_after_attempt(self.policy.attempts),
            wait=wait_random_exponential(multiplier=0.2, max=self.policy.max_wait_seconds),
            reraise=True,
        ):
            with attempt:
                return self._publish_batch(epoch)
        raise AssertionError("Retrying either returns or raises")

    def _publish_batch(self, epoch: int) -> int:
        with transaction(self.engine) as connection:
            lease.require(connection, epoch)
            waiting = (table.c.sequence.is_not(None)) & (table.c.sent_offset.is_(None))
            query = select(table.c.sequence, table.c.subject, table.c.value).where(waiting)
            rows = connection.execute(query.order_by(table.c.sequence).limit(BATCH)).mappings().all()
        if not rows:
            return 0
        try:
            offsets = self.publisher.publish(messages(self.source, self.signer, rows))
        except PublishInterrupted as interruption:
            self._mark(epoch, rows, interruption.acknowledged)
            raise
        self._mark(epoch, rows, offsets)
        return len(offsets)

    def _mark(self, epoch: int, rows: Sequence[RowMapping], offsets: Sequence[int]) -> None:
        with transaction(self.engine) as connection:
            lease.require(connection, epoch)
            outbox.mark_sent(connection, dict(zip((row["sequence"] for row in rows), offsets, strict=False)))


def messages(source: str, signer: Signer, rows: Sequence[RowMapping]) -> list[Message]:
    """One publish batch: the last record and every 64th carry a signature, which vouches for those before."""
    found = []
    for place, row in enumerate(rows, start=1):
        value = bytes(row["value"])
        signs = place == len(rows) or place % SIGN_EVERY == 0
        headers = signed_headers(signer, value) if signs else plain_headers()
        found.append(Message(TOPIC_OF_SOURCE[source], row["subject"].encode(), value, headers, partition=0))
    return found
