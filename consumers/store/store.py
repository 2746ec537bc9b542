"""The store as the handler sees it: transactions for batches, snapshots for readers."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, insert, select

from consumers.store import position
from consumers.store.bulk import Bulk
from consumers.store.load import Loader
from schemas.tables import store as t
from schemas.tables.transactions import transaction


class Store:
    """The shared store on one engine. `writer` begins immediate transactions, `reader` consistent snapshots."""

    def __init__(self, writer: Engine, reader: Engine, bulk: Bulk) -> None:
        self.writer = writer
        self.reader = reader
        self.bulk = bulk

    def prepare(self, sources: Iterable[str]) -> None:
        """The rows that exist once, and one for each source, when they are missing. The tables are alembic's."""
        with self.transaction() as connection:
            position.add_sources(connection, sources)
            for table, values in (
                (t.context, {"id": 1, "rule_set": 0, "last_batch": 0}),
                (t.audit_log, {"id": 1, "size": 0, "last_recorded_us": 0}),
                (t.audit_tree, {"id": 1, "size": 0, "frontier": "[]"}),
                (t.outbound, {"id": 1, "next_index": 0}),
            ):
                if connection.execute(select(table.c.id)).one_or_none() is None:
                    connection.execute(insert(table).values(values))

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write transaction: committed at the end, rolled back by any exception.

        Raises `StoreUnavailable` when the database does not answer; nothing was committed then, unless the answer to the
        commit itself was lost, which the fence finds out.
        """
        with transaction(self.writer) as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Loader]:
        """Everything read inside belongs to one moment. Raises `StoreUnavailable`."""
        with transaction(self.reader) as connection:
            yield Loader(connection, self.bulk)

    def loader(self, connection: Connection) -> Loader:
        """Reads inside a write transaction."""
        return Loader(connection, self.bulk)
