"""The ports: what the two sides need of a broker, a clock and a signer, and nothing more.

`tests/contract/` holds one suite for each port; another implementation is a file and a fixture there.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from schemas.topics import TopicSpec
from schemas.values import value

Headers = tuple[tuple[str, bytes], ...]


@value
class Message:
    """A record to be published. `partition` None lets the key choose."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers = ()
    partition: int | None = None


@value
class Record:
    """A record as read: `value` None is a tombstone, `timestamp_ms` is milliseconds since 1970 UTC."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Publisher(Protocol):
    """Publishes in order and answers only when every record is acknowledged."""

    def publish(self, messages: Sequence[Message]) -> list[int]:
        """Offsets, one per message, in order.

        Raises `errors.PublishInterrupted` (with the offsets of the acknowledged prefix) when the broker fails on
        the way; the caller sends again from the first unacknowledged message. Never publishes a later message of a
        topic partition when an earlier one was not acknowledged.
        """
        ...

    def close(self) -> None:
        """Release connections. A closed publisher is not used again."""
        ...


class Subscriber(Protocol):
    """Reads a partition from a position that the caller keeps; the broker's group offsets decide nothing."""

    def fetch(self, topic: str, partition: int, offset: int, limit: int, timeout_seconds: float) -> list[Record]:
        """At most `limit` records from `offset` on, in order; empty when none came within the timeout.

        Raises `errors.PositionLost` when `offset` lies beyond the end of the topic or before its beginning,
        `errors.BrokerUnavailable` when the broker does not answer.
        """
        ...

    def end_offset(self, topic: str, partition: int) -> int:
        """The offset the next record will get. Raises `errors.BrokerUnavailable`."""
        ...

    def close(self) -> None:
        """Release connections. A closed subscriber is not used again."""
        ...


class TopicAdmin(Protocol):
    """Creates and checks topics."""

    def ensure_topics(self, specs: Sequence[TopicSpec]) -> list[str]:
        """Create what is missing and return the names created.

        Raises `errors.TopicMismatch` when one exists with other partitions or another cleanup policy,
        `errors.BrokerUnavailable` when the broker does not answer.
        """
        ...

    def close(self) -> None:
        """Release connections."""
        ...


class Clock(Protocol):
    """The wall clock. Read to record times and to wait for a day, never to decide."""

    def now(self) -> datetime:
        """An aware time."""
        ...


class Signer(Protocol):
    """Holds a private Ed25519 key."""

    @property
    def keyid(self) -> str:
        """First 16 hex digits of the SHA-256 of the public key."""
        ...

    @property
    def public_key(self) -> bytes:
        """32 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes, RFC 8032."""
        ...
