"""Capture on SQLite: what its loose types and its REPLACE do to rows."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from deploy.databases import writer_engine
from deploy.migrate import upgrade
from tests.support.own_tables import Captured, put
from tests.support.products import product


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    """A city's register in a file."""
    engine = writer_engine(f"sqlite:///{tmp_path / 'register.db'}")
    upgrade(engine, "source")
    yield engine
    engine.dispose()


def test_replaced_row(database: Engine) -> None:
    """INSERT OR REPLACE is a change of the row, with or without the writer's recursive triggers."""
    table = Captured(database, 2)
    with database.begin() as connection:
        put(connection, product(1, cpmc="节能水泵"), verb="INSERT OR REPLACE")
        connection.exec_driver_sql("PRAGMA recursive_triggers = ON")
        put(connection, product(2, cpmc="节能水泵"), verb="REPLACE")
    assert table.take() == [("changed", "CSLX-00001", 2), ("changed", "CSLX-00002", 2)]


def test_row_replaced_under_another_key(database: Engine) -> None:
    """REPLACE removes, without a word, the row that bore the number before: the entry's row is the new one."""
    table = Captured(database, 2)
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX one_number ON products (bh)")
        put(connection, product(3, bh="CSLX-00001"), verb="INSERT OR REPLACE")
    assert table.take() == [("changed", "CSLX-00001", 2)]
    assert table.questions() == []
    assert table.listed()["CSLX-00001"] == "节能风机3"


def test_bytes_and_broken_text(database: Engine) -> None:
    """Bytes in a text column, and text that is no UTF-8, wait for a person; neither stops the program or the others."""
    table = Captured(database, 0)
    assert database.url.database is not None
    program = sqlite3.connect(database.url.database)
    insert = "INSERT INTO products (id, bh, qymc, xydm, cpmc, ggxh, qsrq, jzrq, zt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    rows = [[*product(number).values()][:9] for number in (1, 2, 3)]
    rows[0][4] = b"\xff\xfe"
    with program:
        program.executemany(insert, rows)
        program.execute("UPDATE products SET cpmc = CAST(x'e88aff' AS TEXT) WHERE id = 2")
    program.close()
    assert ("listed", "CSLX-00003", 1) in table.take()
    assert [(number, "encoding_loss" in reasons or "product_missing" in reasons) for _, number, reasons in table.questions()] == [
        ("CSLX-00001", True),
        ("CSLX-00002", True),
    ]


def test_whole_table_deleted(database: Engine) -> None:
    """SQLite's shortcut for DELETE without WHERE is not taken where triggers watch."""
    table = Captured(database, 5)
    with database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM products")
    assert table.take() == []
    assert len(table.questions()) == 5


def test_program_in_another_process(database: Engine) -> None:
    """A program's own connection runs the triggers; what it rolls back was never captured."""
    table = Captured(database, 1)
    assert database.url.database is not None
    program = sqlite3.connect(database.url.database)
    program.execute("UPDATE products SET cpmc = '一'")
    program.rollback()
    program.execute("UPDATE products SET cpmc = '二'")
    program.commit()
    program.close()
    assert table.take() == [("changed", "CSLX-00001", 2)]
