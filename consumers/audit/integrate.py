"""Integration: entries of the log become leaves of the Merkle tree, of which the store keeps the frontier."""

import json
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, select, type_coerce, update
from sqlalchemy.types import NullType

from schemas.errors import Both, LogRolledBack
from schemas.tables import store as t
from schemas.tree import Frontier

PAGE = 10_000
"""Leaves read at a time: some 10 MB."""

NEXT_STEP = Both(
    "不再签名。请运行 czt audit verify 查明，并从包含每一条的备份恢复共享库。",
    "Nothing is signed. Run `czt audit verify`; restore the store from a backup that has every entry.",
)


class Reading(Protocol):
    """What a snapshot gives, as far as it is needed here."""

    @property
    def connection(self) -> Connection:
        """Where to read."""
        ...


class Snapshots(Protocol):
    """The store for those who only read."""

    def snapshot(self) -> AbstractContextManager[Reading]:
        """Reads that belong to one moment."""
        ...


class LogStore(Snapshots, Protocol):
    """The store as the audit side sees it."""

    def transaction(self) -> AbstractContextManager[Connection]:
        """A write transaction."""
        ...


def frontier_text(frontier: Frontier) -> str:
    """The hashes as they stand in `audit_tree` and in the archive: a JSON list of hex; the size is beside it."""
    return json.dumps(frontier.as_json()["hashes"], separators=(",", ":"))


def frontier_of(size: Any, text: Any) -> Frontier | None:
    """The frontier of a row, None when somebody changed it into something else."""
    try:
        return Frontier.from_json({"size": size, "hashes": json.loads(text)})
    except (ValueError, TypeError, RecursionError):
        return None


def integrate(store: LogStore, page: int = PAGE) -> tuple[int, Frontier]:
    """Bring the tree up to the log; returns its size and frontier.

    Dies anywhere: the frontier stored last is gone on from. An unreadable frontier is computed again from the first
    entry. Raises `LogRolledBack` when the log has fewer entries than the tree or a hole, `StoreUnavailable`.
    """
    while True:
        with store.snapshot() as reading:
            size, text = _stored(reading.connection)
            before = frontier_of(size, text) or Frontier()
            after = extended(reading.connection, before, page)
            ends = after.size == _log_size(reading.connection)
        if after != before or frontier_of(size, text) is None:
            _store(store, (size, text), after)
        if ends:
            return after.size, after


def extended(connection: Connection, frontier: Frontier, page: int, until: int | None = None) -> Frontier:
    """The frontier with at most `page` more entries of the log, not beyond size `until`.

    Raises `LogRolledBack` when an entry that must be there is missing.
    """
    end = min(_log_size(connection), frontier.size + page)
    end = end if until is None else min(end, until)
    table = t.audit_entry
    leaf = type_coerce(table.c.leaf, NullType())  # as it stands there: bytes, unless somebody changed it
    wanted = (table.c.idx >= frontier.size) & (table.c.idx < end)
    found = connection.execute(select(table.c.idx, leaf).where(wanted).order_by(table.c.idx)).all()
    good = [value for i, (index, value) in enumerate(found, frontier.size) if index == i and isinstance(value, bytes)]
    if len(good) != end - frontier.size:
        missing = min(end, frontier.size + len(good))
        raise LogRolledBack(
            Both(
                f"树上有 {frontier.size} 条，日志里却没有第 {missing} 条。",
                f"the tree has {frontier.size} entries; entry {missing} is not in the log",
            ),
            NEXT_STEP,
        )
    return frontier.extend(good)


def _log_size(connection: Connection) -> int:
    return int(connection.execute(select(t.audit_log.c.size)).scalar_one())


def _stored(connection: Connection) -> tuple[Any, Any]:
    row = connection.execute(select(t.audit_tree.c.size, t.audit_tree.c.frontier)).one()
    return row.size, row.frontier


def _store(store: LogStore, before: tuple[Any, Any], after: Frontier) -> None:
    """Only if nobody else moved it meanwhile; whoever did read the same log."""
    table = t.audit_tree
    unchanged = (table.c.size == before[0]) & (table.c.frontier == before[1])
    with store.transaction() as connection:
        connection.execute(update(table).where(unchanged).values(size=after.size, frontier=frontier_text(after)))
