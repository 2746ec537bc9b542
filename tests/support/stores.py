"""Stores for tests: tables made straight from the metadata, on SQLite or on PostgreSQL."""

from sqlalchemy import Engine, text

from consumers.store.bulk import Bulk
from consumers.store.postgres_bulk import PostgresBulk
from consumers.store.sqlite_bulk import SqliteBulk
from consumers.store.store import Store
from deploy.databases import reader_engine, writer_engine
from schemas.tables.append_only import postgres_triggers, sqlite_triggers
from schemas.tables.store import metadata


def made_store(url: str) -> Store:
    """An empty prepared store at `url`, with its triggers."""
    writer = writer_engine(url)
    metadata.create_all(writer)
    is_sqlite = writer.dialect.name == "sqlite"
    with writer.begin() as connection:
        for statement in sqlite_triggers() if is_sqlite else postgres_triggers():
            connection.execute(text(statement))
    store = opened_store(writer)
    store.prepare()
    return store


def opened_store(writer: Engine) -> Store:
    """The store of an engine whose tables are there."""
    bulk: Bulk = SqliteBulk() if writer.dialect.name == "sqlite" else PostgresBulk()
    return Store(writer, reader_engine(writer), bulk)


def drop_triggers(engine: Engine) -> None:
    """What somebody who wants to change the audit tables does first."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("DROP FUNCTION refuse_change() CASCADE")
