"""The store as the handler sees it: transactions for batches, snapshots for readers."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from consumers.store import position
from consumers.store.bulk import Bulk
from consumers.store.load import Loader
from schemas.errors import StoreUnavailable
from schemas.tables import store as t


class Store:
    """The shared store on one engine. `writer` begins immediate transactions, `reader` consistent snapshots."""

    def __init__(self, writer: Engine, reader: Engine, bulk: Bulk) -> None:
        self.writer = writer
        self.reader = reader
        self.bulk = bulk

    def prepare(self) -> None:
        """The rows that exist once, when they are missing. The tables are alembic's."""
        with self.transaction() as connection:
            position.add_sources(connection)
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
        try:
            with self.writer.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError) as error:
            raise unavailable(error) from error

    @contextmanager
    def snapshot(self) -> Iterator[Loader]:
        """Everything read inside belongs to one moment. Raises `StoreUnavailable`."""
        try:
            with self.reader.begin() as connection:
                yield Loader(connection, self.bulk)
        except (OperationalError, InterfaceError) as error:
            raise unavailable(error) from error

    def loader(self, connection: Connection) -> Loader:
        """Reads inside a write transaction."""
        return Loader(connection, self.bulk)


def unavailable(error: DBAPIError) -> StoreUnavailable:
    """The error with the database's own first line, without the statement or its parameters."""
    line = str(error.orig).strip().splitlines()[0] if error.orig is not None else str(error)
    return StoreUnavailable(
        f"the database did not answer: {line}",
        "Check CZT_STORE_URL and that the database runs; then start again. Nothing was half written.",
    )
