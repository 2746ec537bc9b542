"""Stores for tests: tables made straight from the metadata, on SQLite or on PostgreSQL."""

import sqlite3
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, text

from consumers.store.bulk import Bulk
from consumers.store.postgres_bulk import PostgresBulk
from consumers.store.sqlite_bulk import SqliteBulk
from consumers.store.store import Store
from deploy.databases import reader_engine, writer_engine
from schemas.tables.append_only import postgres_triggers, sqlite_triggers
from schemas.tables.store import metadata
from tests.support.cities import SOURCES


def made_store(url: str) -> Store:
    """An empty prepared store at `url`, with its triggers."""
    writer = writer_engine(url)
    metadata.create_all(writer)
    with writer.begin() as connection:
        _create_triggers(connection)
    store = opened_store(writer)
    store.prepare(SOURCES)
    return store


def replay_store() -> Store:
    """An empty prepared store in memory, good until the next one is asked for."""
    return memory_store("replayed")


def memory_store(name: str) -> Store:
    """An empty prepared store in memory, good until the next one of this name is asked for: a tenth of what making one takes."""
    store, kept = _store_in_memory(name)
    kept.backup(_driver_connection(store))
    return store


def copy_in_memory(store: Store, name: str) -> Store:
    """The store of this name, with all that another one in memory holds."""
    copy, _ = _store_in_memory(name)
    _driver_connection(store).backup(_driver_connection(copy))
    return copy


@cache
def _store_in_memory(_: str) -> tuple[Store, sqlite3.Connection]:
    """A store, and a copy of it as it was made. One engine keeps what SQLAlchemy has compiled for it."""
    store, kept = made_store("sqlite:///:memory:"), sqlite3.connect(":memory:")
    _driver_connection(store).backup(kept)
    return store, kept


def _driver_connection(store: Store) -> sqlite3.Connection:
    with store.writer.connect() as connection:
        found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def opened_store(writer: Engine) -> Store:
    """The store of an engine whose tables are there."""
    bulk: Bulk = SqliteBulk() if writer.dialect.name == "sqlite" else PostgresBulk()
    return Store(writer, reader_engine(writer), bulk)


def drop_triggers(engine: Engine) -> None:
    """What somebody who wants to change the audit tables does first."""
    with engine.begin() as connection:
        _drop_triggers(connection)


def empty_again(store: Store) -> None:
    """Remove whatever a test wrote and prepare the store again: a tenth of what another database takes."""
    with store.writer.begin() as connection:  # one: another connection of SQLite may still remember the triggers
        _drop_triggers(connection)
        for table in metadata.sorted_tables:
            connection.execute(delete(table))
        _create_triggers(connection)
    store.prepare(SOURCES)


def _create_triggers(connection: Connection) -> None:
    for statement in sqlite_triggers() if connection.dialect.name == "sqlite" else postgres_triggers():
        connection.execute(text(statement))


def _drop_triggers(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in names:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    else:
        connection.exec_driver_sql("DROP FUNCTION refuse_change() CASCADE")


Contents = dict[str, list[tuple[Any, ...]]]


def contents(store: Store) -> Contents:
    """Every row of every table, by the table's name, in the order of the primary key; of one moment."""
    with store.snapshot() as loader:
        found = {}
        for table in metadata.sorted_tables:
            query = select(table).order_by(*table.primary_key.columns)
            found[table.name] = [tuple(row) for row in loader.connection.execute(query)]
    return found
