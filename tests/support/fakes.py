"""Fakes of the ports: a broker in memory that fails where it is told to, a clock that stands, a signer with a known key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.errors import PositionLost, PublishInterrupted
from schemas.ports import Message, Record
from schemas.signing import Ed25519Signer


class Died(BaseException):
    """Stands for kill -9: no handler of the product may catch it."""


@dataclass
class FakeBroker:
    """A `Publisher` and a `Subscriber` on lists in memory, one partition a topic.

    `acknowledge`: how many records of the next call arrive before it raises `PublishInterrupted`; then it works again.
    `on_publish`: called with each batch once it has arrived, before the caller is told; may raise `Died`.
    """

    records: dict[str, list[Record]] = field(default_factory=dict)
    batches: list[list[Message]] = field(default_factory=list)
    acknowledge: int | None = None
    on_publish: Callable[[Sequence[Message]], object] = lambda _: None

    def publish(self, messages: Sequence[Message]) -> list[int]:
        """See Publisher."""
        arriving, interrupted = len(messages), self.acknowledge is not None
        if self.acknowledge is not None:
            arriving, self.acknowledge = self.acknowledge, None
        self.batches.append(list(messages))
        offsets = [self._append(message) for message in messages[:arriving]]
        self.on_publish(messages)
        if interrupted:
            raise PublishInterrupted(offsets, "the broker went away")
        return offsets

    def _append(self, message: Message) -> int:
        log = self.records.setdefault(message.topic, [])
        log.append(Record(message.topic, 0, len(log), 0, message.key, message.value, message.headers))
        return len(log) - 1

    def fetch(self, topic: str, partition: int, offset: int, limit: int, timeout_seconds: float) -> list[Record]:
        """See Subscriber; never waits."""
        if offset > self.end_offset(topic, partition):
            raise PositionLost(f"{topic} ends before {offset}")
        return self.records.get(topic, [])[offset : offset + limit]

    def end_offset(self, topic: str, partition: int) -> int:
        """See Subscriber."""
        return len(self.records.get(topic, []))

    def values(self, topic: str) -> list[bytes]:
        """The record values of a topic, in order."""
        return [record.value for record in self.records.get(topic, []) if record.value is not None]

    def close(self) -> None:
        """Nothing to release."""


@dataclass
class FakeClock:
    """A `Clock` that stands still until it is told to go on."""

    moment: datetime = datetime(2021, 7, 22, 1, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """See Clock."""
        return self.moment

    def advance(self, **by: float) -> None:
        """Let time pass: `advance(seconds=5)`, `advance(days=1)`."""
        self.moment += timedelta(**by)


def fake_signer(seed: int = 1) -> Ed25519Signer:
    """A signer whose key is the same in every run; another seed, another key."""
    return Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))
