"""Publishes to the embedded broker: a table in an SQLite file that several processes share."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from schemas.broker_file import BUSY_TIMEOUT_SECONDS, NEXT_STEP, failed, missing, no_partition, partition_of, written
from schemas.errors import PublishInterrupted
from schemas.ports import Message

_APPEND = "INSERT INTO record (topic, partition, offset, key, value, headers) VALUES (?, ?, ?, ?, ?, ?)"
_END = "SELECT max(offset) + 1 FROM record WHERE topic = ? AND partition = ?"


class SqlitePublisher:
    """A `Publisher` on the file that `SqliteTopics` made. One call is one transaction: all messages or none."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._partitions: dict[str, int] = {}

    def publish(self, messages: Sequence[Message]) -> list[int]:
        """See `Publisher.publish`; nothing is acknowledged when PublishInterrupted is raised.

        Durable when it returns (WAL, synchronous FULL). Raises TopicMissing for a topic that was not created.
        """
        if not messages:
            return []
        try:
            connection = self._opened()
            connection.execute("BEGIN IMMEDIATE")  # the end of a partition is read and moved by one writer at a time
            try:
                offsets = self._append(connection, messages)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            self.close()
            raise PublishInterrupted([], failed(self._file, error), NEXT_STEP) from error
        return offsets

    def close(self) -> None:
        """See `Publisher.close`."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            if not self._file.is_file():
                raise PublishInterrupted([], missing(self._file), NEXT_STEP)
            self._connection = sqlite3.connect(
                self._file, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA synchronous = FULL")
        return self._connection

    def _append(self, connection: sqlite3.Connection, messages: Sequence[Message]) -> list[int]:
        ends: dict[tuple[str, int], int] = {}
        rows: list[tuple[str, int, int, bytes | None, bytes, str]] = []
        for message in messages:
            where = (message.topic, self._partition(connection, message))
            if where not in ends:
                ends[where] = connection.execute(_END, where).fetchone()[0] or 0
            rows.append((*where, ends[where], message.key, message.value, written(message.headers)))
            ends[where] += 1
        connection.executemany(_APPEND, rows)
        return [row[2] for row in rows]

    def _partition(self, connection: sqlite3.Connection, message: Message) -> int:
        """Raises TopicMissing."""
        if message.topic not in self._partitions:
            found = connection.execute("SELECT partitions FROM topic WHERE name = ?", (message.topic,)).fetchone()
            if found is None:
                raise no_partition(message.topic, message.partition or 0)
            self._partitions[message.topic] = found[0]
        partitions = self._partitions[message.topic]
        partition = message.partition if message.partition is not None else partition_of(message.key, partitions)
        if not 0 <= partition < partitions:
            raise no_partition(message.topic, partition)
        return partition
