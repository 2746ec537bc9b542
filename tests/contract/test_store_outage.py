"""What every store must give when its database goes away: one error that says so, nothing half written (see `test_store`)."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text

from consumers.store import log
from consumers.store.bulk import Row
from consumers.store.store import Store
from deploy.databases import check_durable, writer_engine
from schemas.errors import DatabaseUnusable, StoreUnavailable, UnsafeDatabase
from schemas.tables import store as t
from tests.support.cities import CHANGSHA, SOURCES
from tests.support.histories import NOW
from tests.support.log_entries import prepared
from tests.support.postgres_server import PostgresServer
from tests.support.stores import contents, made_store, opened_store

OURS = CHANGSHA.source
MANY: list[Row] = [(OURS, f"{number:064}") for number in range(20_000)]
"""Enough that they go to the server in several pieces."""
Act = Callable[[], object]


class _RowsThat(list[Row]):
    """Rows that do something when half of them were taken."""

    def __init__(self, rows: Sequence[Row], act: Act) -> None:
        super().__init__(rows)
        self._act = act

    def __iter__(self) -> Iterator[Row]:
        for place in range(len(self)):
            if place == len(self) // 2:
                self._act()
            yield self[place]


def _nothing() -> None:
    return None


def _batch(store: Store, number: int, among_rows: Act = _nothing, between: Act = _nothing) -> None:
    with store.transaction() as connection:
        log.append(connection, store.bulk, [prepared(number)], NOW)
        between()
        store.bulk.upsert(connection, t.fork_record, _RowsThat(MANY, among_rows))


def test_postgres_killed_in_the_middle(start_postgres: Callable[..., PostgresServer]) -> None:
    """Killed between statements, among rows or at the commit: `StoreUnavailable`, nothing half written, then it goes on."""
    server = start_postgres()
    store = made_store(server.create_database("store"))
    for number, moment in enumerate(("between", "among_rows", "commit")):
        before = contents(store)
        acts: dict[str, Act] = {}
        if moment == "commit":
            event.listen(store.writer, "commit", lambda _: server.kill(), once=True)
        else:
            acts[moment] = server.kill
        with pytest.raises(StoreUnavailable, match=r"postgres:\*\*\*@127"):
            _batch(store, number, **acts)
        with pytest.raises(StoreUnavailable), store.snapshot():
            pytest.fail("a snapshot of a database that is away")
        server.start()
        assert contents(store) == before, moment
        _batch(store, number)
        assert len(contents(store)["audit_entry"]) == number + 1
    store.writer.dispose()


def test_sqlite_on_a_full_disk(tmp_path: Path) -> None:
    """A file that can't grow: `StoreUnavailable`, nothing half written; with room again the store goes on."""
    store = made_store(f"sqlite:///{tmp_path / 'store.db'}")
    before = contents(store)

    def full(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 10}")

    event.listen(store.writer, "begin", full)
    with pytest.raises(StoreUnavailable, match="full"):
        _batch(store, 1)
    assert contents(store) == before
    event.remove(store.writer, "begin", full)
    store.writer.dispose()
    _batch(store, 1)
    assert len(contents(store)["fork_record"]) == len(MANY)


def test_sqlite_that_another_holds(tmp_path: Path) -> None:
    """Who waits too long for another writer is told so; the other's transaction is untouched."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    store, impatient = made_store(url), opened_store(writer_engine(url))
    event.listen(impatient.writer, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 20"))
    with store.transaction() as connection:
        store.bulk.insert(connection, t.fork_record, MANY[:2])
        with pytest.raises(StoreUnavailable, match="locked"):
            _batch(impatient, 1)
    _batch(impatient, 1)
    assert len(contents(store)["audit_entry"]) == 1


def test_sqlite_file_that_is_no_database(tmp_path: Path) -> None:
    """A file of something else, or one whose beginning was overwritten, is told as what it is, and no defect of ours."""
    file = tmp_path / "store.db"
    file.write_bytes(b"something else" * 1_000)
    with pytest.raises(DatabaseUnusable, match="no SQLite database"):
        opened_store(writer_engine(f"sqlite:///{file}")).prepare(SOURCES)


def test_sqlite_is_durable(tmp_path: Path) -> None:
    """Every connection has a write-ahead log that is synchronised at each commit."""
    store = made_store(f"sqlite:///{tmp_path / 'store.db'}")
    check_durable(store.writer)
    for engine in (store.writer, store.reader, writer_engine(str(store.writer.url))):
        with engine.connect() as connection:
            found = [connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous")]
        assert found == ["wal", 2]


def test_postgres_that_may_lose_what_was_committed(start_postgres: Callable[..., PostgresServer]) -> None:
    """A server with `fsync`, `full_page_writes` or `synchronous_commit` off is refused, and what is off is named."""
    server = start_postgres("fsync=off", "full_page_writes=off")
    url = server.create_database("store")
    engine = writer_engine(url)
    for commit in ("off", "on"):
        with engine.begin() as connection:
            connection.execute(text(f"ALTER DATABASE store SET synchronous_commit = {commit}"))
        engine.dispose()
        with pytest.raises(UnsafeDatabase) as refusal:
            check_durable(engine)
        named = [name for name in ("fsync", "full_page_writes", "synchronous_commit") if f"{name} = off" in refusal.value.message]
        assert named == ["fsync", "full_page_writes", *["synchronous_commit"] * (commit == "off")]
    server.stop()
    with pytest.raises(StoreUnavailable):
        check_durable(engine)
    engine.dispose()


def test_postgres_that_keeps_what_was_committed(store: Store) -> None:
    """The databases that all other tests use pass the check that the hub makes before it begins."""
    check_durable(store.writer)
