"""Reads the embedded broker: a table in an SQLite file to which any program may append rows."""

import sqlite3
import threading
import time
from pathlib import Path

from schemas.broker_file import (
    BUSY_TIMEOUT_SECONDS,
    NEXT_STEP,
    failed,
    headers_of,
    milliseconds,
    missing,
    no_partition,
    octets,
)
from schemas.errors import REBUILT, Both, BrokerUnavailable, PositionLost
from schemas.ports import Record

LOOK_SECONDS = 0.02
"""How often a waiting reader asks whether anything was committed: 2 µs each."""

FETCH_BYTES = 32 * 1024 * 1024
"""A fetch stops when it holds so much: 2,000 records of 1 MiB would not fit into a small machine."""

_READ = """SELECT offset, timestamp, key, value, headers FROM record
WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT ?"""
_ENDS = """SELECT (SELECT min(offset) FROM record WHERE topic = ?1 AND partition = ?2),
(SELECT max(offset) + 1 FROM record WHERE topic = ?1 AND partition = ?2)"""  # two looks at the index; together: a scan
_KNOWN = """SELECT EXISTS (SELECT 1 FROM topic WHERE name = ? AND partitions > ?)
OR EXISTS (SELECT 1 FROM record WHERE topic = ? AND partition = ?)"""


class SqliteSubscriber:
    """A `Subscriber` on the file that `czt init` made."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._closed = threading.Event()

    def fetch(self, topic: str, partition: int, offset: int, limit: int, timeout_seconds: float) -> list[Record]:
        """See `Subscriber.fetch`. Raises also TopicMissing.

        A null value is a tombstone, text is its bytes, headers that can't be read are none.
        """
        deadline = time.monotonic() + timeout_seconds
        try:
            connection = self._opened()
            while True:
                version = _version(connection)
                records = _read(connection, topic, partition, offset, limit)
                if records:
                    return records
                self._check_position(connection, topic, partition, offset)
                if not self._wait_for_a_commit(connection, version, deadline):
                    return []
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    def end_offset(self, topic: str, partition: int) -> int:
        """See `Subscriber.end_offset`. Raises also TopicMissing."""
        try:
            return _ends(self._opened(), topic, partition)[1]
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    def close(self) -> None:
        """See `Subscriber.close`. A fetch that waits in another thread returns."""
        self._closed.set()
        self._release()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            if not self._file.is_file():
                raise BrokerUnavailable(missing(self._file), NEXT_STEP)
            self._connection = sqlite3.connect(
                self._file, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.text_factory = bytes  # others may have put text there that is not UTF-8
        return self._connection

    def _release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _unavailable(self, error: sqlite3.Error) -> BrokerUnavailable:
        self._release()
        return BrokerUnavailable(failed(self._file, error), NEXT_STEP)

    def _check_position(self, connection: sqlite3.Connection, topic: str, partition: int, offset: int) -> None:
        """Nothing lies at or after `offset`: right for the end of the topic, else PositionLost."""
        begin, end = _ends(connection, topic, partition)
        if not begin <= offset <= end:
            raise _lost(topic, offset, begin, end)

    def _wait_for_a_commit(self, connection: sqlite3.Connection, version: int, deadline: float) -> bool:
        """Whether another connection committed since `version` and before the deadline."""
        while _version(connection) == version:
            left = deadline - time.monotonic()
            if left <= 0 or self._closed.wait(min(LOOK_SECONDS, left)):
                return False
        return True


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def _read(connection: sqlite3.Connection, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
    """Raises PositionLost when what comes next is not `offset` and there is nothing before it."""
    records: list[Record] = []
    size = 0
    for at, timestamp, key, value, headers in connection.execute(_READ, (topic, partition, offset, limit)):
        record = Record(topic, partition, at, milliseconds(timestamp), octets(key), octets(value), headers_of(headers))
        records.append(record)
        size += len(record.value or b"")
        if size > FETCH_BYTES:
            break
    if records and records[0].offset != offset:
        begin, end = _ends(connection, topic, partition)
        if offset < begin:
            raise _lost(topic, offset, begin, end)
    return records


def _ends(connection: sqlite3.Connection, topic: str, partition: int) -> tuple[int, int]:
    """First offset and the one after the last, 0 and 0 for an empty partition. Raises TopicMissing."""
    begin, end = connection.execute(_ENDS, (topic, partition)).fetchone()
    if end is not None:
        return begin, end
    if not connection.execute(_KNOWN, (topic, partition, topic, partition)).fetchone()[0]:
        raise no_partition(topic, partition)
    return 0, 0


def _lost(topic: str, offset: int, begin: int, end: int) -> PositionLost:
    return PositionLost(
        Both(
            f"主题 {topic} 的位置 {offset} 超出范围：现有 {begin} 至 {end}。",
            f"Position {offset} of topic {topic} lies outside it: the broker holds {begin} to {end}",
        ),
        REBUILT,
    )
