"""Installing triggers on a city's own table: refused where it can't be mapped, removed without a trace."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text

from producers import register
from producers.capture.installing import install, remove, status
from producers.city_file import CaptureMapping
from schemas.errors import TableRefused
from schemas.tables.source import capture, captured, captured_row
from tests.support.own_tables import COLUMNS, MAPPING, NOW, Captured, change, city_file
from tests.support.products import TABLE

POSTGRES_CATALOGUE = """
SELECT relname, relkind, pg_get_userbyid(relowner), relacl::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace;
SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull
  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE c.relnamespace = current_schema()::regnamespace AND attnum > 0;
SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger;
SELECT oid::regprocedure::text, prosecdef, proacl::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace;
SELECT rolname FROM pg_roles;
SELECT nspname, nspacl::text FROM pg_namespace WHERE nspname !~ '^pg_t';
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
"""


def _schema(connection: Connection) -> list[Sequence[Any]]:
    """Everything that the database knows of its tables, functions, triggers and rights."""
    if connection.dialect.name == "sqlite":
        return [tuple(row) for row in connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2"))]
    found = [tuple(row) for query in POSTGRES_CATALOGUE.split(";") for row in connection.execute(text(query))]
    return sorted(found, key=repr)


def _install(engine: Engine, mapping: CaptureMapping = MAPPING) -> dict[str, Any]:
    with engine.begin() as connection:
        return install(connection, city_file(mapping), NOW)


def _refused(engine: Engine, mapping: CaptureMapping = MAPPING) -> str:
    """The refusal in English; nothing may be left behind."""
    with engine.connect() as connection:
        before = _schema(connection)
    with pytest.raises(TableRefused) as refusal:
        _install(engine, mapping)
    with engine.connect() as connection:
        assert _schema(connection) == before
        assert connection.execute(select(capture)).all() == []
    assert refusal.value.next_step
    assert refusal.value.said("zh") is not None
    return refusal.value.message


def _make(engine: Engine, columns: str = COLUMNS, more: str = "") -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {TABLE} ({columns}){more}")


def test_no_capture_section(source_database: Engine) -> None:
    """A city whose file maps no table has none to capture."""
    with source_database.begin() as connection, pytest.raises(TableRefused, match="no \\[capture\\]"):
        install(connection, replace(city_file(), capture=None), NOW)


def test_no_such_table(source_database: Engine) -> None:
    """The table's name is right or wrong."""
    assert "no table products" in _refused(source_database)


def test_view(source_database: Engine) -> None:
    """A view holds no rows, and so has no triggers that see them change."""
    with source_database.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE inner_products ({COLUMNS})")
        connection.exec_driver_sql("CREATE VIEW products AS SELECT * FROM inner_products")
    assert "(view)" in _refused(source_database)


def test_our_own_table(source_database: Engine) -> None:
    """Triggers on a table of ours would capture what they write."""
    assert "table of this program" in _refused(source_database, replace(MAPPING, table="outbox"))


def test_missing_column(source_database: Engine) -> None:
    """A column that isn't there is named, beside those that are."""
    _make(source_database, COLUMNS.replace("xydm", "xinyongdaima"))
    message = _refused(source_database)
    assert "no column xydm" in message
    assert "xinyongdaima" in message


def test_no_key(source_database: Engine) -> None:
    """Without a key nobody can say which row became which."""
    _make(source_database, COLUMNS.replace(" PRIMARY KEY", ""))
    assert "id is no key" in _refused(source_database)


def test_key_of_two_columns(source_database: Engine) -> None:
    """A column that is unique only together with another one is no key."""
    _make(source_database, COLUMNS.replace(" PRIMARY KEY", " NOT NULL") + ", PRIMARY KEY (id, bh)")
    assert "id is no key" in _refused(source_database)


def test_key_that_may_be_null(source_database: Engine) -> None:
    """Rows without a key can't be told from each other."""
    _make(source_database, COLUMNS.replace("bh varchar(64)", "bh varchar(64) UNIQUE"))
    assert "bh is no key" in _refused(source_database, replace(MAPPING, key="bh"))


def test_unique_column_is_a_key(source_database: Engine) -> None:
    """A unique column that is never null will do."""
    _make(source_database, COLUMNS.replace("bh varchar(64)", "bh varchar(64) NOT NULL UNIQUE"))
    assert _install(source_database, replace(MAPPING, key="bh"))["rows"] == 0


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("xydm varchar(18)", "xydm numeric(18)", "xydm"),
        ("bh varchar(64)", "bh integer", "bh"),
        ("qsrq date", "qsrq boolean", "qsrq"),
        ("zt text", "zt boolean", "zt"),
        ("ggxh text", "ggxh date", "ggxh"),
    ],
)
def test_wrong_type(source_database: Engine, old: str, new: str, named: str) -> None:
    """A code that is kept as a number has lost its zeros, a yes is no status: the column and its type are named."""
    _make(source_database, COLUMNS.replace(old, new))
    assert f"Column {named} is" in _refused(source_database)


def test_removed_without_trace(source_database: Engine) -> None:
    """After `remove` the database is what it was before `install`; what was captured is in the register, nothing is lost."""
    _make(source_database)
    with source_database.connect() as connection:
        before = _schema(connection)
    with source_database.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {TABLE}")
    table = Captured(source_database, 3)
    table.install()
    with source_database.begin() as connection:
        change(connection, 1, cpmc="节能水泵")
    with source_database.begin() as connection:
        answer = remove(connection, table.city_file, NOW)
        assert _schema(connection) == before
        assert [connection.execute(select(one)).all() for one in (capture, captured, captured_row)] == [[], [], []]
    assert (answer["removed"], answer["table"]) == (True, TABLE)
    assert table.listed()["CSLX-00001"] == "节能水泵"
    with source_database.begin() as connection:
        change(connection, 1, cpmc="节能风机")
        assert remove(connection, table.city_file, NOW)["removed"] is False
        assert connection.execute(select(captured)).all() == []


def test_row_that_waited_and_went_while_nobody_watched(source_database: Engine) -> None:
    """A question outlives `remove`; when capture is installed again and its row is gone, so is the question."""
    table = Captured(source_database, 2)
    with source_database.begin() as connection:
        change(connection, 1, zt=None)
    table.take()
    with source_database.begin() as connection:
        assert remove(connection, table.city_file, NOW)["held"] == 1
        connection.execute(text("DELETE FROM products WHERE id = 1"))
    table.install()
    assert table.take() == []
    assert table.questions() == []


def test_status(source_database: Engine) -> None:
    """Status says what is installed, what waits for the relay and for a person, and when something was captured last."""
    _make(source_database)
    with source_database.begin() as connection:
        assert status(connection, city_file()) | {"city": ""} == {
            "city": "", "configured": True, "installed": False, "table": None, "problem": None, "waiting": 0, "held": 0,
            "held_withdrawals": 0, "rows": 0, "only_in_register": None, "installed_at": None, "last_captured_at": None,
        }  # fmt: skip
        connection.exec_driver_sql(f"DROP TABLE {TABLE}")
    table = Captured(source_database, 10)
    with source_database.begin() as connection:
        change(connection, 1, zt=None)
        connection.execute(text("DELETE FROM products WHERE id > 5"))
    table.take()
    with source_database.begin() as connection:
        change(connection, 2, cpmc="节能水泵")
    with source_database.begin() as connection:
        found = status(connection, table.city_file)
    assert {name: found[name] for name in ("installed", "problem", "waiting", "held", "held_withdrawals", "rows")} == {
        "installed": True, "problem": None, "waiting": 1, "held": 1, "held_withdrawals": 5, "rows": 5
    }  # fmt: skip
    assert found["only_in_register"] == 5
    assert found["last_captured_at"].startswith("20")


@pytest.mark.parametrize("problem", ["table_gone", "triggers_gone", "mapping_changed"])
def test_status_names_the_problem(source_database: Engine, problem: str) -> None:
    """When changes are no longer captured, or not as the city's file says, status says why."""
    table = Captured(source_database, 1)
    with source_database.begin() as connection:
        if problem == "table_gone":
            connection.exec_driver_sql(f"DROP TABLE {TABLE}")
        elif problem == "mapping_changed":
            table.city_file = city_file(replace(MAPPING, fixed={}))
        elif connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER czt_capture_update")
        else:
            connection.exec_driver_sql("ALTER TABLE products DISABLE TRIGGER czt_capture_emptied")
    with source_database.begin() as connection:
        assert status(connection, table.city_file)["problem"] == problem


def test_gone_table_is_no_withdrawal(source_database: Engine) -> None:
    """Dropping the table withdraws nothing: no row of it was deleted."""
    table = Captured(source_database, 3)
    with source_database.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {TABLE}")
    assert table.take() == []
    assert len(table.listed()) == 3
    with source_database.begin() as connection:
        register.lock(connection)
        assert remove(connection, table.city_file, NOW)["removed"] is True
