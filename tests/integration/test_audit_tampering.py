"""Whatever somebody changes in the store's tables by hand, `audit verify --against-store` finds it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from consumers.audit.checks import Verification
from consumers.replay.compare import HISTORY
from consumers.replay.replay import folded
from consumers.store.store import Store
from schemas.tables import store as t
from tests.support.audited import Audited, failed
from tests.support.histories import full_history
from tests.support.postgres_server import PostgresServer
from tests.support.stores import contents, drop_triggers, made_store, replay_store

LOG = (t.audit_entry, t.audit_record)
"""What is folded."""

TABLES = (*HISTORY, *LOG, t.audit_tree)
COLUMNS = [
    *((table, column) for table in TABLES for column in table.columns),
    (t.source_position, t.source_position.c.next_offset),
    (t.source_position, t.source_position.c.source),
    (t.source_position, t.source_position.c.topic),
]
NAMES = [f"{table.name}.{column.name}" for table, column in COLUMNS]
NULLABLE = [(table, column) for table, column in COLUMNS if column.nullable]
JUNK = ("x'ff00'", "CAST(x'fffe' AS TEXT)")
NUMBERS = ("9223372036854775807", "-1", "1.5")
"""For columns of integers; text in the others is `[[[[`, JSON that ends too early."""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def audited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    """A signed log with the full history, whose audit tables have lost their triggers."""
    if request.param == "sqlite":
        found = _audited(f"sqlite:///{tmp_path_factory.mktemp('audit') / 'store.db'}")
        yield found
        found.store.writer.dispose()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    found = _audited(server.create_database("test_audit_tampering"))
    yield found
    found.store.writer.dispose()
    server.drop_database("test_audit_tampering")


def _audited(url: str) -> Audited:
    found = Audited(made_store(url))
    full_history(found.store)
    found.checkpointer().sign()
    drop_triggers(found.store.writer)
    return found


def _one_row(connection: Connection, table: Table) -> tuple[dict[str, Any], Any]:
    """A row from the middle of the table, and the condition that finds it."""
    keys = list(table.primary_key.columns)
    rows = connection.execute(select(table).order_by(*keys)).mappings().all()
    row = dict(rows[len(rows) // 2])
    condition = keys[0] == row[keys[0].name]
    for key in keys[1:]:
        condition = condition & (key == row[key.name])
    return row, condition


def _other(column: Column[Any], value: Any) -> Any:
    """Another value that the column takes."""
    if isinstance(column.type, LargeBinary):
        return b"x" if value is None else bytes([*value[:-1], (value or b"\0")[-1] ^ 1])
    if isinstance(column.type, String | Text):
        return value[:-1] + ("0" if value[-1] != "0" else "1") if value else "0"
    return 777_777 if value is None else value + 1_000


def _verified(audited: Audited, connection: Connection, table: Table) -> Verification:
    """`audit verify --against-store`, after a change of this table."""
    return audited.verified_against_store(connection) if table in LOG else audited.verified_against_store_beside(connection)


def test_nothing_changed(audited: Audited) -> None:
    """A log and a store that nobody touched verify, and every check says so."""
    with audited.undone() as connection:
        verification = audited.verified_against_store(connection)
    assert failed(verification) == {}
    names = ["indexes", "leaves", "records", "positions", "chains", "tree", "checkpoints", "sizes", "store"]
    assert [check.name for check in verification.checks] == names


def test_the_history_fills_every_table(audited: Audited) -> None:
    """Each table has a row, so that changing one means something."""
    with audited.undone() as connection:
        empty = [table.name for table in TABLES if connection.execute(select(table)).first() is None]
    assert empty == []


def test_the_log_alone_is_folded(audited: Audited) -> None:
    """Without any row but the log's own the log folds to the same store: what is changed elsewhere can't hide itself."""
    with audited.undone() as connection:
        before = contents(folded_from(connection))
        for table in reversed(t.metadata.sorted_tables):
            if table not in LOG:
                connection.execute(delete(table))
        assert contents(folded_from(connection)) == before


def folded_from(connection: Connection) -> Store:
    """What the log folds to."""
    fresh = replay_store()
    assert folded(connection, fresh).differences.total == 0
    return fresh


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=NAMES)
def test_a_changed_value(audited: Audited, table: Table, column: Column[Any]) -> None:
    """Another value in any column of one row is found."""
    with audited.undone() as connection:
        row, condition = _one_row(connection, table)
        connection.execute(update(table).where(condition).values({column.name: _other(column, row[column.name])}))
        verification = _verified(audited, connection, table)
    assert failed(verification)


@pytest.mark.parametrize(("table", "column"), NULLABLE, ids=[f"{table.name}.{c.name}" for table, c in NULLABLE])
def test_a_removed_value(audited: Audited, table: Table, column: Column[Any]) -> None:
    """NULL where a value was is found."""
    with audited.undone() as connection:
        changed = connection.execute(update(table).where(column.is_not(None)).values({column.name: None})).rowcount
        assert changed
        assert failed(_verified(audited, connection, table))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_deleted_row(audited: Audited, table: Table) -> None:
    """A row that is gone is found."""
    with audited.undone() as connection:
        _, condition = _one_row(connection, table)
        connection.execute(delete(table).where(condition))
        assert failed(audited.verified_against_store(connection))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_inserted_row(audited: Audited, table: Table) -> None:
    """A row that no event made is found."""
    with audited.undone() as connection:
        row, _ = _one_row(connection, table)
        key = list(table.primary_key.columns)[-1]
        connection.execute(insert(table).values({**row, key.name: _other(key, row[key.name])}))
        assert failed(audited.verified_against_store(connection))


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=NAMES)
def test_any_bytes(audited: Audited, table: Table, column: Column[Any]) -> None:
    """Bytes, broken text and numbers where SQLite would take them are found and never raise."""
    if audited.store.writer.dialect.name != "sqlite":
        return  # PostgreSQL's columns take nothing but their type
    for junk in (*JUNK, *(NUMBERS if isinstance(column.type, Integer) else ("'[[[['",))):
        with audited.undone() as connection:
            _, condition = _one_row(connection, table)
            changed = update(table).where(condition).values({column.name: text(junk)})
            if [*table.primary_key.columns] == [column] and isinstance(column.type, Integer) and not junk.strip("-").isdigit():
                with pytest.raises(IntegrityError, match="datatype mismatch"):  # of a rowid, the one column that has a type
                    connection.execute(changed)
            else:
                connection.execute(changed)
                assert failed(_verified(audited, connection, table)), junk


def test_a_swapped_pair(audited: Audited) -> None:
    """Two entries that changed places are found by their times and by the tree."""
    with audited.undone() as connection:
        for table in (t.audit_entry, t.audit_record):
            for old, new in ((20, 1_000), (21, 20), (1_000, 21)):
                connection.execute(update(table).where(table.c.idx == old).values(idx=new))
        found = failed(audited.verified(connection))
    assert found["leaves"].startswith("entry 21: recorded_at")
    assert found["tree"].startswith("among entries 0 to")


def test_a_consistent_forgery(audited: Audited) -> None:
    """Whoever changes a leaf, its time, its record and everything folded from it is still contradicted by the root."""
    with audited.undone() as connection:
        leaf = connection.execute(select(t.audit_entry.c.leaf).where(t.audit_entry.c.idx == 12)).scalar_one()
        forged = leaf.replace(b"2021-01-01", b"2021-01-02")
        connection.execute(update(t.audit_entry).where(t.audit_entry.c.idx == 12).values(leaf=forged))
        found = failed(audited.verified(connection))
    assert forged != leaf
    assert list(found) == ["tree", "sizes"]
