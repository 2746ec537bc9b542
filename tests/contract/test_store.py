"""What every shared store must give, on SQLite and on PostgreSQL: this file and the others called `test_store_…` beside it.

Another database is an engine for writers and one for readers (`deploy.databases`), a `Bulk` (`consumers.store.bulk`), triggers
(`schemas.tables.append_only`), a clock (`schemas.tables.clock`), and a parameter of the fixture `databases`. It gives:

* tables, by the same migrations: every column of the metadata, made once and for all (here);
* transactions: all of one or nothing, also when the process or the database dies in the middle (here, `_outage`);
* snapshots: everything read in one belongs to one moment and holds up no writer (here);
* sets of rows: inserted, replaced and asked for, in any number and whatever stands in them (`_bulk`);
* locks: a source has one owner, a product one writer, the log one end; nobody waits for ever (`_locks`, `_position`, `_log`);
* a clock of its own, the same for all who are connected (`_position`);
* an audit log that grows at its end and refuses any other change (`_log`);
* durability: what was committed is there after a power cut, or `check_durable` refuses to begin (`_outage`).
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.engine.interfaces import ReflectedIndex

from consumers.store import log, position
from consumers.store.store import Store
from deploy.migrate import upgrade
from deploy.revision import is_current
from schemas.errors import Fenced
from schemas.tables import store as t
from tests.support.cities import CHANGSHA, SOURCES, ZHUZHOU
from tests.support.databases import Databases
from tests.support.fakes import Died
from tests.support.histories import NOW
from tests.support.log_entries import prepared
from tests.support.stores import contents, made_store

OURS, THEIRS = CHANGSHA.source, ZHUZHOU.source


def _options(index: ReflectedIndex) -> dict[str, str]:
    return {name: str(value) for name, value in index.get("dialect_options", {}).items()}


def _described(engine: Engine) -> dict[str, Any]:
    """Columns, keys, indexes and triggers, as the database itself knows them."""
    with engine.connect() as connection:
        found = inspect(connection)
        tables = {
            name: (
                [str(column) for column in found.get_columns(name)],
                found.get_pk_constraint(name)["constrained_columns"],
                sorted((str(one["name"]), one["column_names"], _options(one)) for one in found.get_indexes(name)),
            )
            for name in found.get_table_names()
            if name != "alembic_version"
        }
        triggers = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if engine.dialect.name == "sqlite":
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        return {**tables, "triggers": sorted(connection.execute(text(triggers)).scalars())}


def test_migrations_make_the_tables(databases: Databases, empty_database: Engine) -> None:
    """Migrating gives columns, keys, indexes and triggers of the metadata, as `made_store` has them; again, it changes nothing."""
    assert not is_current(empty_database, "store")
    upgrade(empty_database, "store")
    migrated = _described(empty_database)
    made = made_store(databases.create_database("made_store")).writer
    assert migrated == _described(made)
    made.dispose()
    databases.drop_database("made_store")
    assert len(migrated["triggers"]) >= 4
    upgrade(empty_database, "store")
    assert is_current(empty_database, "store")
    assert _described(empty_database) == migrated


def test_codes_sort_by_their_bytes(store: Store) -> None:
    """Keys have one order, whatever language the database was set up with: that of their bytes."""
    subjects = ["b", "A", "a", "Z-1", "Z1", "长", "é", "e"]
    with store.transaction() as connection:
        store.bulk.insert(connection, t.entry_head, [(OURS, one, 1, None, 1, None) for one in subjects])
        assert list(connection.execute(select(t.entry_head.c.subject).order_by(t.entry_head.c.subject)).scalars()) == sorted(
            subjects
        )
        if connection.dialect.name == "postgresql":
            found = "SELECT DISTINCT collation_name FROM information_schema.columns WHERE table_schema = 'public' AND {}"
            codes = found.format("data_type = 'character varying' AND table_name <> 'alembic_version'")
            assert list(connection.execute(text(codes)).scalars()) == ["C"]


def test_preparing_again_changes_nothing(store: Store) -> None:
    """The rows that exist once stay as they are, whatever they hold by now."""
    with store.transaction() as connection:
        log.append(connection, store.bulk, [prepared(1)], NOW)
    before = contents(store)
    store.prepare(SOURCES)
    assert contents(store) == before
    assert [row[0] for row in before["source_position"]] == sorted(SOURCES)


@pytest.mark.parametrize("reason", [Died(), Fenced("another owner"), ValueError("a defect")], ids=lambda it: type(it).__name__)
def test_an_exception_leaves_nothing(store: Store, reason: BaseException) -> None:
    """Whatever ends a transaction early, nothing of it is there, and the next one works."""
    before = contents(store)

    def begin_a_batch() -> None:
        with store.transaction() as connection:
            position.claim(connection, store.bulk, OURS, "me", 10)
            store.bulk.lock_products(connection, ["a", "b"])
            store.bulk.upsert(connection, t.fork_record, [(OURS, "0" * 64)])
            log.append(connection, store.bulk, [prepared(1, "a")], NOW)
            raise reason

    with pytest.raises(type(reason)):
        begin_a_batch()
    assert contents(store) == before
    with store.transaction() as connection:
        store.bulk.upsert(connection, t.fork_record, [(OURS, "1" * 64)])
        assert log.append(connection, store.bulk, [prepared(1, "a")], NOW) == 0
    assert contents(store)["fork_record"] == [(OURS, "1" * 64)]


def test_a_snapshot_is_one_moment(store: Store) -> None:
    """What others commit while somebody reads is not seen before the next snapshot, and readers hold up nobody."""
    with store.snapshot() as loader:
        assert log.size(loader.connection) == 0
        for number in (1, 2):
            with store.transaction() as connection:
                log.append(connection, store.bulk, [prepared(number)], NOW)
                position.claim(connection, store.bulk, OURS, "me", 10)
            assert loader.connection.execute(select(func.count()).select_from(t.audit_entry)).scalar_one() == 0
            assert loader.connection.execute(select(t.source_position.c.owner).distinct()).scalars().all() == [None]
            assert log.size(loader.connection) == 0
    with store.snapshot() as loader:
        assert log.size(loader.connection) == 2


def test_a_snapshot_sees_whole_transactions(store: Store) -> None:
    """While another process writes, size and entries of the log always agree."""
    done = threading.Event()

    def write() -> None:
        for number in range(40):
            with store.transaction() as connection:
                log.append(connection, store.bulk, [prepared(2 * number), prepared(2 * number + 1)], NOW)
        done.set()

    sizes = set()
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not writing.done():
            with store.snapshot() as loader:
                sizes.add(log.size(loader.connection))
                counted = loader.connection.execute(select(func.count()).select_from(t.audit_entry)).scalar_one()
                assert counted == log.size(loader.connection)
        writing.result()
    assert done.is_set()
    assert all(size % 2 == 0 for size in sizes)


def test_sources_share_one_log(store: Store) -> None:
    """Two sources that write at once get one log without a hole, in which each one's order is kept."""

    def write(source: str) -> list[int]:
        indexes = []
        for number in range(0, 60, 3):
            with store.transaction() as connection:
                entries = [prepared(number + i, source=source) for i in range(3)]
                indexes.append(log.append(connection, store.bulk, entries, NOW))
        return indexes

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(write, (OURS, THEIRS)))
    assert all(indexes == sorted(indexes) for indexes in found)
    assert sorted(found[0] + found[1]) == list(range(0, 120, 3))
    rows = contents(store)
    assert [row[0] for row in rows["audit_entry"]] == [row[0] for row in rows["audit_record"]] == list(range(120))
    times = [row[2] for row in rows["audit_entry"]]
    assert times == sorted(set(times))
    for source, indexes in zip((OURS, THEIRS), found, strict=True):
        wanted = [first + i for first in indexes for i in range(3)]
        assert [row[3] for row in rows["received"] if row[0] == source] == wanted
