"""Reads Apache Kafka from positions that the caller keeps."""

import time
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import (
    AuthorizationError,
    CorruptRecordError,
    KafkaError,
    KafkaTimeoutError,
    LogTruncationError,
    OffsetOutOfRangeError,
)
from kafka.net.compat import KafkaNetClient
from kafka.structs import TopicPartition

from schemas.connections import NEXT_STEP, NOT_SEEN, KafkaConnection, opened, prepare
from schemas.errors import REBUILT, Both, BrokerUnavailable, PositionLost, TopicMissing
from schemas.ports import Record

PARTITION_FETCH_BYTES = 4 * 1024 * 1024
"""Held back per partition: about two batches of 2,000 events. A record larger than this still arrives."""

FETCH_WAIT_MS = 500
QUESTION_TIMEOUT_MS = 3_000
REQUEST_TIMEOUT_MS = 5_000
PROBE_SECONDS = 1.0
"""A reader that gets nothing asks for the end of the topic so often: `poll` returns nothing, for ever and without an
error, when the broker is away, when the topic was deleted and when the reader is stuck."""

STALL_SECONDS = 10.0
"""A reader that gets nothing for so long, although there is something, is made anew."""


class KafkaSubscriber:
    """A `Subscriber` on Apache Kafka. Not for several threads at once.

    Each partition that is read has a client of its own, so that what was fetched ahead for one topic stays while
    others are read; questions go through one more, which a waiting fetch does not hold up.
    """

    def __init__(self, connection: KafkaConnection) -> None:
        """Connects with the first call. Raises SettingsInvalid when the crc32c package is missing."""
        prepare()
        self._connection = connection
        self._readers: dict[TopicPartition, _Reader] = {}
        self._asker: Any = None

    def fetch(self, topic: str, partition: int, offset: int, limit: int, timeout_seconds: float) -> list[Record]:
        """See `Subscriber.fetch`. Raises also TopicMissing.

        The first call at a new position takes a round trip to the broker; with a timeout near zero it may answer
        nothing where there is something. A record with a header name that is not UTF-8 can't be read with kafka-python;
        it, and what follows in the same compressed batch, comes as null values without key and headers.
        """
        where = TopicPartition(topic, partition)
        try:
            reader = self._reader(where, offset)
            records = reader.read(offset, limit, timeout_seconds)
            if not records:
                self._probe(where, reader, offset)
        except (OffsetOutOfRangeError, LogTruncationError) as error:
            self._drop(where)
            raise _lost(where, offset) from error
        except CorruptRecordError as error:
            self._drop(where)  # the client would neither go on nor give up
            if not isinstance(error.__context__, UnicodeDecodeError):
                raise self._unavailable(error) from error
            return [Record(topic, partition, offset, 0, None, None)]
        except AuthorizationError as error:
            self._drop(where)
            raise _missing(where) from error
        except KafkaError as error:
            self._drop(where)
            raise self._unavailable(error) from error
        return records

    def end_offset(self, topic: str, partition: int) -> int:
        """See `Subscriber.end_offset`. Raises also TopicMissing."""
        return self._ends(TopicPartition(topic, partition))[1]

    def close(self) -> None:
        """See `Subscriber.close`."""
        for where in list(self._readers):
            self._drop(where)
        self._stop_asking()

    def _reader(self, where: TopicPartition, offset: int) -> "_Reader":
        """The partition's reader; a new position is compared with what the broker holds."""
        reader = self._readers.get(where)
        if reader is None or reader.expected != offset:
            begin, end = self._ends(where)
            if not begin <= offset <= end:
                raise _lost(where, offset)
        if reader is None:
            reader = _Reader(self._client(), where)
            self._readers[where] = reader
        return reader

    def _probe(self, where: TopicPartition, reader: "_Reader", offset: int) -> None:
        """Find out what an empty fetch means. Raises PositionLost, TopicMissing, BrokerUnavailable."""
        if time.monotonic() - reader.heard_at < PROBE_SECONDS:
            return
        end = self._ends(where)[1]
        reader.heard_at = time.monotonic()
        if end < offset:
            self._drop(where)
            raise _lost(where, offset)
        if end == offset:
            reader.moved_at = reader.heard_at
        elif reader.heard_at - reader.moved_at > STALL_SECONDS:
            self._drop(where)

    def _ends(self, where: TopicPartition) -> tuple[int, int]:
        """First offset and the one after the last. Raises TopicMissing, BrokerUnavailable."""
        try:
            if self._asker is None:
                self._asker = self._client()
            return _asked_ends(self._asker, where)
        except AuthorizationError as error:
            self._stop_asking()
            raise _missing(where) from error
        except KafkaError as error:
            self._stop_asking()  # the next one starts without what this one believes of the cluster
            raise self._unavailable(error) from error

    def _client(self) -> Any:
        settings = self._connection.settings() | {
            "auto_offset_reset": "none",
            "enable_auto_commit": False,
            "allow_auto_create_topics": False,
            "fetch_max_wait_ms": FETCH_WAIT_MS,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,
            "max_partition_fetch_bytes": PARTITION_FETCH_BYTES,
            "metrics_enabled": False,
        }
        return opened(KafkaConsumer, KafkaNetClient, settings)

    def _drop(self, where: TopicPartition) -> None:
        reader = self._readers.pop(where, None)
        if reader is not None:
            reader.consumer.close()

    def _stop_asking(self) -> None:
        if self._asker is not None:
            self._asker.close()
            self._asker = None

    def _unavailable(self, error: KafkaError) -> BrokerUnavailable:
        return BrokerUnavailable(self._connection.outage(error), NEXT_STEP)


class _Reader:
    """One partition's client and where it stands. `heard_at` and `moved_at` are monotonic seconds."""

    def __init__(self, consumer: Any, where: TopicPartition) -> None:
        consumer.assign([where])
        self.consumer = consumer
        self.expected: int | None = None
        self.heard_at = self.moved_at = time.monotonic()
        self._where = where

    def read(self, offset: int, limit: int, timeout_seconds: float) -> list[Record]:
        """What `poll` has from `offset` on."""
        if offset != self.expected:  # our own count: the client's may have gone past records that were compacted away
            self.consumer.seek(self._where, offset)
            self.expected = offset
        polled = self.consumer.poll(timeout_ms=int(timeout_seconds * 1000), max_records=limit)
        records = [_record(found) for found in polled.get(self._where, ())]
        if records:
            self.expected = records[-1].offset + 1
            self.heard_at = self.moved_at = time.monotonic()
        return records


def _asked_ends(asker: Any, where: TopicPartition) -> tuple[int, int]:
    """See `KafkaSubscriber._ends`. Raises TopicMissing, KafkaError."""
    # Looked up first, because the offsets of a partition that is not there never come.
    if where.partition not in asker.partitions_for_topic(where.topic):
        raise _missing(where)
    try:
        begin: int = asker.beginning_offsets([where], timeout_ms=QUESTION_TIMEOUT_MS)[where]
        end: int = asker.end_offsets([where], timeout_ms=QUESTION_TIMEOUT_MS)[where]
    except KafkaTimeoutError:
        # Deleted meanwhile? What was looked up came from the client's memory; this asks the broker.
        if where.topic not in asker.topics():
            raise _missing(where) from None
        raise
    return begin, end


def _record(found: Any) -> Record:
    headers = tuple([(name, value if value is not None else b"") for name, value in found.headers])
    return Record(found.topic, found.partition, found.offset, found.timestamp, found.key, found.value, headers)


def _lost(where: TopicPartition, offset: int) -> PositionLost:
    return PositionLost(
        Both(
            f"主题 {where.topic} 的位置 {offset} 超出了消息系统现有的范围。",
            f"Position {offset} of topic {where.topic} lies outside what the broker holds",
        ),
        REBUILT,
    )


def _missing(where: TopicPartition) -> TopicMissing:
    return TopicMissing(
        Both(
            f"主题 {where.topic} 的 {where.partition} 号分区不存在，或该用户看不到。",
            f"Partition {where.partition} of topic {where.topic} is not there, or not to be seen by this user",
        ),
        NOT_SEEN,
    )
