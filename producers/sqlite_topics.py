"""Makes the embedded broker's file and keeps the list of its topics."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from schemas.broker_file import BUSY_TIMEOUT_SECONDS, NEXT_STEP, TABLES, failed
from schemas.errors import Both, BrokerUnavailable, TopicMismatch
from schemas.topics import TopicSpec


class SqliteTopics:
    """A `TopicAdmin` for the embedded broker.

    Nothing is ever compacted or removed there: readers of a compacted topic see each key's earlier records too, as they
    may in Kafka.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def ensure_topics(self, specs: Sequence[TopicSpec]) -> list[str]:
        """See `TopicAdmin.ensure_topics`. Makes the file, and the folder it is in, when they are missing."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._file, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode = WAL")  # stays with the file
                connection.execute("PRAGMA synchronous = FULL")
                connection.executescript(TABLES)
                return _created(connection, specs)
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            raise BrokerUnavailable(failed(self._file, error), NEXT_STEP) from error

    def close(self) -> None:
        """See `TopicAdmin.close`; there is no connection to release."""


def _created(connection: sqlite3.Connection, specs: Sequence[TopicSpec]) -> list[str]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        names = [spec.name for spec in specs if not _is_there(connection, spec)]
        rows = [(spec.name, spec.partitions, int(spec.compacted)) for spec in specs if spec.name in names]
        connection.executemany("INSERT INTO topic (name, partitions, compacted) VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return names


def _is_there(connection: sqlite3.Connection, spec: TopicSpec) -> bool:
    """Raises TopicMismatch."""
    query = "SELECT partitions, compacted FROM topic WHERE name = ?"
    found: tuple[int, int] | None = connection.execute(query, (spec.name,)).fetchone()
    if found is None:
        return False
    partitions, compacted = found[0], bool(found[1])
    if (partitions, compacted) != (spec.partitions, spec.compacted):
        raise TopicMismatch(
            Both(
                f"主题 {spec.name} 有 {partitions} 个分区，压实：{compacted}；应为 {spec.partitions} 个，压实：{spec.compacted}。",
                f"Topic {spec.name} is there with {partitions} partition(s), compacted: {compacted}; "
                f"expected {spec.partitions}, compacted: {spec.compacted}",
            ),
            Both("请把内置消息文件移走，再运行 czt init。", "Move the embedded broker's file away and run `czt init` again"),
        )
    return True
