"""Replay: the log folded into an empty store by the code of the hub, then both compared."""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from itertools import takewhile, zip_longest
from typing import Any

from sqlalchemy import Connection, update

from consumers.audit.digest import state_digest
from consumers.audit.entries import NotAsWritten, leaf_of
from consumers.audit.integrate import Snapshots
from consumers.core.vouch import Vouched
from consumers.handle import decided_and_written, prepared
from consumers.replay.compare import compare_positions, compare_stores
from consumers.replay.read import Logged, groups, logged_entries
from consumers.replay.report import Differences, ReplayReport
from consumers.store import log
from consumers.store.log import Prepared
from consumers.store.store import Store
from schemas.city import JOINT_OFFICE
from schemas.errors import Both, LogRolledBack
from schemas.tables import store as t

Progress = Callable[[int], None]
"""Told how many entries were folded."""

GROUPS_PER_COMMIT = 200
"""A commit costs a wait for the disk, and joint decisions are groups of one."""
ENTRIES_PER_COMMIT = 2_000
"""While they are folded the database that is read hears nothing; after `silence_seconds` it would give up."""

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def replay(live: Snapshots, fresh: Store, progress: Progress | None = None) -> ReplayReport:
    """Fold the log of `live` into `fresh` (SQLite, empty, prepared) and compare, in one snapshot of `live`.

    Never raises for what somebody wrote into the live tables: that is a difference. Dies on the way: start again with
    an empty `fresh`. Raises `StoreUnavailable`.
    """
    with live.snapshot() as reading:
        return compared(reading.connection, fresh, folded(reading.connection, fresh, progress))


def folded(live: Connection, fresh: Store, progress: Progress | None = None) -> "Folding":
    """The first half of `replay`. Reads the log's own tables and nothing else."""
    folding = Folding(fresh)
    pending = groups(logged_entries(live, folding.differences))
    while chunk := _chunk(pending):
        with fresh.transaction() as connection:
            for group in chunk:
                folding.fold(connection, group)
        if progress is not None:
            progress(folding.entries)
    return folding


def compared(live: Connection, fresh: Store, folding: "Folding") -> ReplayReport:
    """The second half: what the log folded to beside what is there."""
    differences = deepcopy(folding.differences)
    with fresh.snapshot() as replayed:
        compare_stores(live, replayed.connection, differences)
        digest = state_digest(replayed.connection)
    compare_positions(live, folding.ends, differences)
    return ReplayReport(folding.entries, tuple(differences.listed), differences.total, digest)


def fold_through(live: Snapshots, fresh: Store, indexes: Iterable[int]) -> Iterator[int]:
    """Fold `live` into `fresh` (SQLite, empty, prepared), and stop right after each of `indexes`: the store as it was then.

    Yields the indexes, rising, each once. An entry in the middle of what one decision released brings the others of it along.
    Raises `LogRolledBack` when an entry is not as its hub wrote it, `StoreUnavailable`.
    """
    stops, folding = sorted(set(indexes)), Folding(fresh)
    differences = folding.differences
    with live.snapshot() as reading:
        entries = takewhile(lambda entry: entry.index <= stops[-1], logged_entries(reading.connection, differences))
        pending = groups(entries, frozenset(stops))
        while stops and (chunk := _chunk(_until(pending, stops[0]))):
            with fresh.transaction() as connection:
                for group in chunk:
                    folding.fold(connection, group)
            _require_as_written(differences)
            while stops and chunk[-1][-1].index >= stops[0]:
                yield stops.pop(0)
    _require_as_written(differences)


def _until(pending: Iterator[list[Logged]], index: int) -> Iterator[list[Logged]]:
    """The groups up to the one that reaches `index`."""
    for group in pending:
        yield group
        if group[-1].index >= index:
            return


def _require_as_written(differences: Differences) -> None:
    if differences.total:
        first = differences.listed[0]
        raise LogRolledBack(
            Both(
                f"日志第 {first.key} 条与共享端所写的不符（{first.field}）。",
                f"entry {first.key} of the log is not as the hub wrote it ({first.field})",
            ),
            Both("请运行 czt audit verify --against-store 查明。", "Run `czt audit verify --against-store`."),
        )


def _chunk(pending: Iterator[list[Logged]]) -> list[list[Logged]]:
    """The groups that are folded in one transaction."""
    chunk, entries = list[list[Logged]](), 0
    for group in pending:
        chunk.append(group)
        entries += len(group)
        if len(chunk) == GROUPS_PER_COMMIT or entries >= ENTRIES_PER_COMMIT:
            break
    return chunk


class Folding:
    """Where the fold is: entries so far, the next index, the offset after each source's last record; and what differs."""

    def __init__(self, fresh: Store) -> None:
        self._fresh = fresh
        self._next_index = 0
        self.entries = 0
        self.ends: dict[str, int] = {}
        self.differences = Differences()

    def fold(self, connection: Connection, group: list[Logged]) -> None:
        """One group, as the hub would have handled it."""
        source, loader = group[0].leaf["source"], self._fresh.loader(connection)
        read = [entry for entry in group if "released_by" not in entry.leaf]
        before = (loader.chain(source), loader.context(exclusive=source == JOINT_OFFICE, lock=False))
        received = loader.received(source, sorted(_sequences(read)))
        pairs = [(entry.read, entry.standing) for entry in read]
        fold = decided_and_written(loader, source, pairs, before, received, shared=False)
        entries = prepared(fold)
        for entry, again in zip_longest(group, entries):
            _compare_entry(entry, again, self.differences)
        self._append(connection, group, entries[: len(group)])
        self.entries += len(group)
        if read:
            self.ends[source] = read[-1].leaf["offset"] + 1

    def _append(self, connection: Connection, group: list[Logged], entries: list[Prepared]) -> None:
        if entries:
            self._skip_to(connection, group[0].index)
            times = [entry.recorded_us for entry in group[: len(entries)]]
            log.append(connection, self._fresh.bulk, entries, _NO_TIME, times)
            self._next_index += len(entries)

    def _skip_to(self, connection: Connection, index: int) -> None:
        """Past entries that can't be read: the others keep their index, so that only what is wrong differs."""
        if index != self._next_index:
            connection.execute(update(t.audit_log).values(size=index))
            self._next_index = index


def _sequences(group: list[Logged]) -> Iterator[int]:
    for entry in group:
        if isinstance(entry.standing, Vouched):
            yield entry.standing.sequence


def _compare_entry(entry: Logged | None, again: Prepared | None, differences: Differences) -> None:
    """Both are there, unless somebody wrote or removed an entry of an event that was decided again."""
    if entry is None or again is None:
        index, found = (entry.index, str(entry.leaf)) if entry is not None else ("released", None)
        differences.add("audit_entry", index, "row", found, None if again is None else again.leaf[0].decode())
        return
    head, tail = again.leaf
    expected = b"".join((head, entry.leaf["recorded_at"].encode(), tail))
    if expected != entry.raw:
        differences.add_fields("audit_entry", entry.index, entry.leaf, _leaf(expected))


def _leaf(raw: bytes) -> dict[str, Any]:
    """The leaf that was made again. A hostile `recorded_at` can make it unreadable; every field then differs."""
    try:
        return leaf_of(raw)
    except NotAsWritten:
        return {}
