"""The archive of signed checkpoints: kept outside the store, so that a store restored from yesterday is noticed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text, inspect, select
from sqlalchemy.dialects.sqlite import insert

from consumers.audit.integrate import frontier_of, frontier_text
from consumers.audit.rows import stream
from schemas.tables.transactions import transaction
from schemas.tree import Frontier

metadata = MetaData()

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", Integer, primary_key=True),
    Column("note", Text, nullable=False),
    Column("signed_at", Text, nullable=False),
    Column("frontier", Text, nullable=False),
)
"""One row per signed checkpoint; the frontier at that size lets the next one be computed from the entries since."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A checkpoint as it was signed: size, C2SP note, time (UTC text). `frontier` None: unreadable."""

    size: int
    note: str
    signed_at: str
    frontier: Frontier | None


class CheckpointArchive(Protocol):
    """Where signed checkpoints are kept. Must not share its fate with the store."""

    def latest(self) -> Archived | None:
        """The one with the greatest size."""
        ...

    def all(self) -> Sequence[Archived]:
        """Every checkpoint, by rising size."""
        ...

    def add(self, archived: Archived) -> None:
        """Keep one for good. The first of a size stays."""
        ...


class SqliteArchive:
    """A `CheckpointArchive` in an SQLite file of its own (`checkpoints.db`). Makes its table when it is missing.

    `reader`: the same file for reading, which waits for no other hub's writing. Raises `StoreUnavailable`,
    `DatabaseUnusable`.
    """

    def __init__(self, engine: Engine, reader: Engine | None = None) -> None:
        self._engine = engine
        self._reader = reader if reader is not None else engine
        with transaction(self._reader) as connection:
            there = inspect(connection).has_table(checkpoint.name)
        if not there:
            with transaction(engine) as connection:
                metadata.create_all(connection)

    def latest(self) -> Archived | None:
        """See CheckpointArchive."""
        with transaction(self._reader) as connection:
            size = connection.execute(select(checkpoint.c.size).order_by(checkpoint.c.size.desc()).limit(1)).scalar()
            row = connection.execute(select(checkpoint).where(checkpoint.c.size == size)).one_or_none()
        return None if row is None else _archived(tuple(row))

    def all(self) -> Sequence[Archived]:
        """See CheckpointArchive."""
        with transaction(self._reader) as connection:
            return [_archived(row) for row in stream(connection, checkpoint)]

    def add(self, archived: Archived) -> None:
        """See CheckpointArchive."""
        values = {
            "size": archived.size,
            "note": archived.note,
            "signed_at": archived.signed_at,
            "frontier": frontier_text(archived.frontier or Frontier()),
        }
        with transaction(self._engine) as connection:
            connection.execute(insert(checkpoint).values(values).on_conflict_do_nothing())


def _archived(row: tuple[Any, ...]) -> Archived:
    size, note, signed_at, frontier = row
    return Archived(
        size if type(size) is int else -1,
        note if isinstance(note, str) else repr(note),
        str(signed_at),
        frontier_of(size, frontier),
    )
