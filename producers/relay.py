"""The relay of one source: seal what waits, publish it in order, remember it as sent after the broker's word.

Dies between the broker's word and ours: the next relay finds the bytes on the topic and marks them. Where it can't, they
go out again, and the shared side answers `duplicate`.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection, Engine, RowMapping, select
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from producers import lease, outbox, register, seal
from producers.capture.take import images_wait
from producers.own_topic import Keys, OwnTopic
from producers.resends import Answered, State, answer_requests
from schemas.city import source_name
from schemas.errors import BrokerUnavailable, PublishInterrupted
from schemas.ports import Message, Publisher, Signer, Subscriber
from schemas.signing import plain_headers, signed_headers
from schemas.tables.source import outbox as table
from schemas.tables.source import seal as seal_table
from schemas.tables.transactions import transaction
from schemas.topics import topic_of

logger = logging.getLogger("czt.relay")

Capture = Callable[[Connection], bool]
"""Takes captured row images in the caller's transaction, which holds the register's lock; whether many more may wait."""

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
    """What one run did; `last_sequence` is the end of the source's sealed chain, `resent` what was asked for again."""

    sealed: int = 0
    published: int = 0
    last_sequence: int = 0
    resent: int = 0


class Relay:
    """Seals and publishes for one source. Not thread-safe."""

    def __init__(
        self,
        engine: Engine,
        source: str,
        signer: Signer,
        publisher: Publisher,
        subscriber: Subscriber,
        policy: RelayPolicy,
        observe: Callable[[RelayReport, int], None] = lambda report, unsent: None,
        state: State | None = None,
        capture: Capture | None = None,
        former_keys: Keys = MappingProxyType({}),
    ) -> None:
        """`state` makes a closing statement when the shared store asks for one; None: this source makes none.

        `former_keys`: public keys it had before; what they signed on its topic is its own.
        `capture` takes what triggers captured into register and outbox; None: this source captures nothing.
        """
        self.engine = engine
        self.source = source
        self.signer = signer
        self.publisher = publisher
        self.subscriber = subscriber
        self.policy = policy
        self._own = OwnTopic(engine, source, {**former_keys, signer.keyid: signer.public_key}, subscriber)
        self._observe = observe
        self._state = state
        self._capture = capture

    def prepare(self) -> None:
        """The rows that exist once, when they are missing."""
        with transaction(self.engine) as connection:
            seal.prepare(connection, self.source)

    def run_once(self) -> RelayReport | None:
        """Seal and publish everything that waits, answer resend requests; None while another relay holds the lease.

        Raises `BrokerUnavailable` after the policy's attempts (what was acknowledged is remembered), `Fenced` when another
        relay took over on the way, `RegisterRestored` when the topic holds events of ours that the outbox lacks.
        """
        report = RelayReport()
        while True:
            epoch = self._send_waiting(report)
            if epoch is None:
                return None
            answered = self._answer(epoch)
            report.resent += answered.resent
            if not answered.stated:
                break
        self._note(report)
        return report

    def _send_waiting(self, report: RelayReport) -> int | None:
        """Seal and publish until nothing waits; the lease's epoch, None while another relay holds it."""
        compared = False
        self._take_captured()
        while True:
            with transaction(self.engine) as connection:
                epoch = lease.take(connection, self.policy.owner, self.policy.lease_seconds)
                if epoch is None:
                    return None
                newly = seal.seal_waiting(connection, self.source)
                report.last_sequence = connection.execute(select(seal_table.c.last_sequence)).scalar_one()
            report.sealed += newly
            if not compared and self._own.is_shorter():
                with transaction(self.engine) as connection:
                    lease.require(connection, epoch)
                    self._own.forget(connection)
            compared = True
            sent = self._publish_waiting(epoch)
            report.published += sent
            if not newly and not sent:
                return epoch

    def _take_captured(self) -> None:
        """Bring what triggers wrote into register and outbox, under the lease; what comes meanwhile is left for the next run."""
        more = self._capture is not None
        while more:
            with transaction(self.engine) as connection:
                epoch = lease.take(connection, self.policy.owner, self.policy.lease_seconds)
                waits = epoch is not None and images_wait(connection)
            if epoch is None or not waits or self._capture is None:
                return
            with transaction(self.engine) as connection:
                register.lock(connection)  # before the seal's row, as a statement locks them
                lease.require(connection, epoch)
                more = self._capture(connection)

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
        """Publish the next sealed changes; how many went out, those included that were found on the topic."""
        if self._own.due:
            arrived = self._own.look()
            self._mark(epoch, arrived)
            if arrived:
                return len(arrived)
        with transaction(self.engine) as connection:
            lease.require(connection, epoch)
            waiting = (table.c.sequence.is_not(None)) & (table.c.sent_offset.is_(None))
            query = select(table.c.sequence, table.c.subject, table.c.value).where(waiting)
            rows = connection.execute(query.order_by(table.c.sequence).limit(BATCH)).mappings().all()
        if not rows:
            return 0
        offsets = self._send(rows, epoch)
        if not self._own.follows(offsets):
            # Somebody wrote in between. If it was under our key, nothing of this batch may count as sent.
            self._own.look()
        self._mark(epoch, _places(rows, offsets))
        return len(offsets)

    def _send(self, rows: Sequence[RowMapping], epoch: int) -> list[int]:
        """Publish. After an outage the topic is looked at again, and what arrived for certain is marked."""
        try:
            return self.publisher.publish(messages(self.source, self.signer, rows))
        except PublishInterrupted as interruption:
            if self._own.follows(interruption.acknowledged):
                self._mark(epoch, _places(rows, interruption.acknowledged))
            self._own.due = True
            raise

    def _answer(self, epoch: int) -> Answered:
        """Send again what the shared store asks for, and seal a statement where it asks for one."""

        def guard(connection: Connection) -> None:
            lease.require(connection, epoch)

        def send(rows: Sequence[RowMapping]) -> None:
            try:
                self._own.follows(self.publisher.publish(messages(self.source, self.signer, rows)))
            except PublishInterrupted:
                self._own.due = True
                raise

        return answer_requests(self.engine, self.source, self.subscriber, guard, send, self._state)

    def _mark(self, epoch: int, offsets: dict[int, int]) -> None:
        with transaction(self.engine) as connection:
            lease.require(connection, epoch)
            outbox.mark_sent(connection, offsets)


def _places(rows: Sequence[RowMapping], offsets: Sequence[int]) -> dict[int, int]:
    """sequence → offset of the rows that were acknowledged."""
    return dict(zip((row["sequence"] for row in rows), offsets, strict=False))


def messages(source: str, signer: Signer, rows: Sequence[RowMapping]) -> list[Message]:
    """One publish batch: the last record and every 64th carry a signature, which vouches for those before."""
    found = []
    for place, row in enumerate(rows, start=1):
        value = bytes(row["value"])
        signs = place == len(rows) or place % SIGN_EVERY == 0
        headers = signed_headers(signer, value) if signs else plain_headers()
        found.append(Message(topic_of(source), row["subject"].encode(), value, headers, partition=0))
    return found
