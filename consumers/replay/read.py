"""The log as something to fold: each entry with its record and standing, in groups that one batch may hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from consumers.audit.entries import (
    Leaf,
    NotAsWritten,
    Stored,
    headers_of,
    leaf_of,
    place_field,
    read_of,
    stored_entries,
    time_text,
)
from consumers.core.vouch import Read, Refused, Standing, Vouched
from consumers.handle import decided_together
from consumers.replay.report import Differences
from schemas.city import JOINT_OFFICE, is_source
from schemas.envelope import as_unknown

GROUP = 2_000
"""As many as the worker hands over at once."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry of the log, whole."""

    index: int
    raw: bytes
    leaf: Leaf
    recorded_us: int
    read: Read
    standing: Standing


def logged_entries(connection: Connection, differences: Differences) -> Iterator[Logged]:
    """Every entry that can be read. One that can't is a difference, and what it changed will show as others."""
    for stored in stored_entries(connection):
        try:
            yield _logged(stored, differences)
        except NotAsWritten as problem:
            differences.add("audit_entry", stored.index, "row", str(problem), None)


def _logged(stored: Stored, differences: Differences) -> Logged:
    if type(stored.index) is not int or stored.index < 0:
        raise NotAsWritten("expected an index from 0 on")
    if stored.entry is None or stored.record is None:
        raise NotAsWritten("expected an entry and its record, one is missing")
    raw, recorded_us = stored.entry
    leaf = leaf_of(raw)
    if not is_source(leaf["source"]):
        raise NotAsWritten(f"expected a known source, got {leaf['source'][:60]!r}")
    if time_text(recorded_us) != leaf["recorded_at"]:
        differences.add("audit_entry", stored.index, "recorded_us", recorded_us, leaf["recorded_at"])
    read = read_of(leaf, stored.record[0], headers_of(stored.record[1]))
    if read.envelope.problem is None and (leaf["outcome"], leaf.get("reason")) == ("parked", "schema_unknown"):
        # The hub of that time could not read it, whatever this one can.
        read = Read(read.record, as_unknown(read.envelope, str(leaf.get("detail", ""))))
    us = recorded_us if time_text(recorded_us) is not None else 0
    return Logged(stored.index, raw, leaf, us, read, _standing(leaf))


def _standing(leaf: Leaf) -> Standing:
    """A record that was refused for what it is stays refused; all others were vouched for, and are placed again."""
    name = place_field(leaf)
    return Refused(str(leaf.get("reason", ""))) if name is None else Vouched(leaf[name])


def groups(entries: Iterable[Logged], ends: frozenset[int] = frozenset()) -> Iterator[list[Logged]]:
    """Neighbours that one batch of the hub may have held: of one source, without a hole; and what a decision released.

    A group ends at each index of `ends`, unless that stands before something released.
    """
    group: list[Logged] = []
    for entry in entries:
        if group and not _goes_with(group, entry, ends):
            yield group
            group = []
        group.append(entry)
    if group:
        yield group


def _goes_with(group: list[Logged], entry: Logged, ends: frozenset[int]) -> bool:
    last = group[-1]
    if "released_by" in entry.leaf:
        return entry.index == last.index + 1
    if "released_by" in last.leaf or last.index in ends:
        return False
    if entry.leaf["source"] != last.leaf["source"] or entry.index != last.index + 1 or len(group) == GROUP:
        return False
    return last.leaf["source"] != JOINT_OFFICE or decided_together(last.read, entry.read)
