"""Publishes to Apache Kafka, in order, waiting for every acknowledgement."""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import AuthorizationError, KafkaError, KafkaTimeoutError
from kafka.net.compat import KafkaNetClient

from producers.kafka_topics import DEAD_LETTER_BYTES, KafkaTopics
from schemas.connections import NEXT_STEP, NOT_SEEN, KafkaConnection, opened, prepare
from schemas.errors import Both, PublishInterrupted, TopicMissing
from schemas.ports import Message

MAX_IN_FLIGHT = 200
"""Messages sent before their acknowledgements are waited for. kafka-python has no limit of its own: without this one
an outage would fill the memory."""

MAX_IN_FLIGHT_BYTES = 900_000
"""The same in bytes: below the 1 MiB that any topic takes as one batch. A larger message goes alone."""

RECORD_OVERHEAD_BYTES = 64
LINGER_MS = 500
"""Long, because a flush sends at once: all messages in flight for one partition go as one batch, all or nothing."""

REQUEST_TIMEOUT_MS = 10_000
METADATA_TIMEOUT_MS = 3_000
GRACE_SECONDS = 2.0
"""Waited beyond the delivery timeout: a producer that has not answered by then never will."""

LOOK_SECONDS = 0.5
"""How often a wait for acknowledgements looks whether the process should end."""

CLOSE_SECONDS = 5.0


class KafkaPublisher:
    """A `Publisher` on Apache Kafka: idempotent, acknowledged by all in-sync replicas, lz4.

    Of a failed call it keeps nothing: the producer is thrown away (an idempotent one can be wedged for ever after an
    outage, and is dead after an authorization error) and the next call makes a new one.
    """

    def __init__(
        self, connection: KafkaConnection, delivery_timeout_seconds: float = 120.0, stop: threading.Event | None = None
    ) -> None:
        """`delivery_timeout_seconds`: how long an outage may last before `publish` gives up; it does so at once after `stop`.

        Connects with the first call. Raises SettingsInvalid when the crc32c package is missing.
        """
        prepare()
        self._connection = connection
        self._delivery_timeout_seconds = delivery_timeout_seconds
        self._stop = stop if stop is not None else threading.Event()
        self._producer: Any = None
        self._topics: set[str] = set()

    def publish(self, messages: Sequence[Message]) -> list[int]:
        """See `Publisher.publish`. Raises TopicMissing, before anything is sent, when a topic is not there."""
        if not messages:
            return []
        self._open_for({message.topic for message in messages})
        offsets: list[int] = []
        for batch in in_flight(messages):
            error = self._send(batch, offsets)
            if error is not None:
                self._drop()
                raise PublishInterrupted(offsets, self._connection.outage(error), NEXT_STEP) from error
        return offsets

    def close(self) -> None:
        """See `Publisher.close`."""
        if self._producer is not None:
            self._producer.close(timeout=CLOSE_SECONDS)
            self._producer = None

    def _open_for(self, topics: set[str]) -> None:
        """Connect, and learn of topics not seen before. Raises PublishInterrupted, TopicMissing."""
        try:
            if self._producer is None:
                self._producer = opened(KafkaProducer, KafkaNetClient, self._settings())
            for topic in sorted(topics - self._topics):
                self._producer.partitions_for(topic)
                self._topics.add(topic)
        except AuthorizationError as error:
            self._drop()
            raise _missing(sorted(topics)) from error
        except KafkaTimeoutError as error:
            connected = self._producer is not None
            self._drop()
            if connected:  # a topic that does not exist looks like a broker that does not answer
                self._look_for(sorted(topics))
            raise PublishInterrupted([], self._connection.outage(error), NEXT_STEP) from error
        except KafkaError as error:
            self._drop()
            raise PublishInterrupted([], self._connection.outage(error), NEXT_STEP) from error

    def _look_for(self, topics: list[str]) -> None:
        """Raises TopicMissing, or BrokerUnavailable when the broker doesn't answer this either."""
        admin = KafkaTopics(self._connection)
        try:
            missing = admin.missing(topics)
        finally:
            admin.close()
        if missing:
            raise _missing(missing)

    def _send(self, batch: Sequence[Message], offsets: list[int]) -> KafkaError | None:
        """Send and wait; add the offsets of the acknowledged prefix. The first error, if any, is returned."""
        error: KafkaError | None = None
        futures: list[Any] = []
        try:
            for message in batch:
                futures.append(
                    self._producer.send(message.topic, message.value, message.key, list(message.headers), message.partition)
                )
            self._flush()
        except KafkaError as raised:
            error = raised
        for future in futures:
            try:
                offset = future.get(timeout=0).offset
            except KafkaError as raised:
                return raised if future.is_done else error or raised
            if offset < 0:
                return KafkaError("a record was acknowledged without its offset")
            offsets.append(offset)
        return error

    def _flush(self) -> None:
        """Wait for all that is in flight. Raises KafkaTimeoutError after the delivery timeout, or soon after `stop`."""
        deadline = time.monotonic() + self._delivery_timeout_seconds + GRACE_SECONDS
        while True:
            try:
                self._producer.flush(timeout=LOOK_SECONDS)
            except KafkaTimeoutError:
                if self._stop.is_set() or time.monotonic() > deadline:
                    raise
            else:
                return

    def _drop(self) -> None:
        """Throw the producer away with all that it may hold back."""
        if self._producer is not None:
            # close() flushes first; with records pending that raises and leaves the sending thread alive for ever.
            self._producer.flush = _nothing
            self._producer.close(timeout=0)
            self._producer = None
        self._topics.clear()

    def _settings(self) -> dict[str, Any]:
        delivery_timeout_ms = int(self._delivery_timeout_seconds * 1000)
        return self._connection.settings() | {
            "acks": "all",
            "enable_idempotence": True,
            "compression_type": "lz4",
            "allow_auto_create_topics": False,
            "delivery_timeout_ms": delivery_timeout_ms,
            # The first must exceed the sum of the other two.
            "request_timeout_ms": min(REQUEST_TIMEOUT_MS, delivery_timeout_ms // 2),
            "linger_ms": min(LINGER_MS, delivery_timeout_ms // 4),
            "max_block_ms": METADATA_TIMEOUT_MS,
            "batch_size": DEAD_LETTER_BYTES,
            "max_request_size": DEAD_LETTER_BYTES,
            "metrics_enabled": False,
        }


def in_flight(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Messages cut, in order, into what may be in flight at once: at most 200 and 900 kB, at least one."""
    batch: list[Message] = []
    size = 0
    for message in messages:
        own = _size(message)
        if batch and (len(batch) == MAX_IN_FLIGHT or size + own > MAX_IN_FLIGHT_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += own
    if batch:
        yield batch


def _size(message: Message) -> int:
    headers = sum(len(name.encode()) + len(value) for name, value in message.headers)
    return len(message.value) + len(message.key or b"") + headers + RECORD_OVERHEAD_BYTES


def _missing(topics: Sequence[str]) -> TopicMissing:
    names = ", ".join(topics)
    return TopicMissing(
        Both(f"主题不存在，或该用户看不到：{names}", f"Not there, or not to be seen by this user: {names}"), NOT_SEEN
    )


def _nothing(timeout: float | None = None) -> None:
    """What a dropped producer flushes."""
