"""Capture on a real PostgreSQL: other roles, transactions that overlap, TRUNCATE, and tables that can't be captured."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.exc import DBAPIError

from deploy.databases import writer_engine
from producers.capture.installing import install, remove
from schemas.errors import TableRefused
from schemas.tables.source import captured
from tests.support.databases import opened_database, source_template
from tests.support.own_tables import COLUMNS, MAPPING, NOW, Captured, change, city_file, put
from tests.support.postgres_server import PostgresServer
from tests.support.products import TABLE, product

PASSWORD = "invented"


@pytest.fixture(scope="module")
def template(postgres_server: PostgresServer) -> Iterator[str]:
    """A register's database to be copied."""
    with source_template(postgres_server, "capture_template") as name:
        yield name


@pytest.fixture
def database(postgres_server: PostgresServer, template: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A city's register on PostgreSQL."""
    with opened_database(postgres_server, f"capture_{id(request.node):x}", template) as engine:
        yield engine


@pytest.fixture
def program(database: Engine) -> Iterator[Engine]:
    """The city's program: a role that may write its table and nothing else."""
    name = f"program_{database.url.database}"
    with database.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
    url = make_url(database.url.render_as_string(hide_password=False)).set(username=name, password=PASSWORD)
    engine = create_engine(url)
    yield engine
    engine.dispose()
    with database.begin() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {name}")
        connection.exec_driver_sql(f"DROP ROLE {name}")


def _grant(database: Engine, program: Engine, rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(f"GRANT {rights} ON {TABLE} TO {program.url.username}")


def _refused(database: Engine, columns: str = COLUMNS, more: str = "", prefix: str = "") -> str:
    with database.begin() as connection:
        connection.exec_driver_sql(f"CREATE {prefix} TABLE {TABLE} ({columns}) {more}")
        with pytest.raises(TableRefused) as refusal:
            install(connection, city_file(), NOW)
    return refusal.value.message


def test_program_needs_no_right_on_our_tables(database: Engine, program: Engine) -> None:
    """The city's program writes its table; it can neither read nor write ours, nor make the function a trigger of its own."""
    table = Captured(database, 1)
    _grant(database, program)
    with program.begin() as connection:
        put(connection, product(2))
        change(connection, 1, cpmc="节能水泵")
    assert table.take() == [("listed", "CSLX-00002", 1), ("changed", "CSLX-00001", 2)]
    for statement in (
        "SELECT * FROM captured",
        "INSERT INTO captured (captured_at, operation) VALUES ('', 'truncate')",
        "CREATE TEMPORARY TABLE mine (id int); CREATE TRIGGER t AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION czt_capture()",
    ):
        with program.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.exec_driver_sql(statement)


def test_table_of_that_name_in_the_writers_path(database: Engine, program: Engine) -> None:
    """A temporary table named like ours, first on the program's search path, catches nothing."""
    table = Captured(database, 0)
    _grant(database, program)
    with program.begin() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE captured (LIKE public.products)")
        put(connection, product(1))
    assert table.take() == [("listed", "CSLX-00001", 1)]


def test_table_of_another_owner(database: Engine, program: Engine) -> None:
    """Two rights on the table are enough for install, snapshot and removal; without them they are asked for by name."""
    url = database.url.render_as_string(hide_password=False)
    with database.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA own AUTHORIZATION {program.url.username}")
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA own TO {program.url.username}")
    ours = f"ours_{database.url.database}"
    with database.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {ours} LOGIN PASSWORD '{PASSWORD}'")
        connection.exec_driver_sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ours}")
        connection.exec_driver_sql(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {ours}")
        connection.exec_driver_sql(f"GRANT CREATE, USAGE ON SCHEMA public TO {ours}")
    with program.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE own.{TABLE} ({COLUMNS})")
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA own TO {ours}")
        put(connection, product(1), table=f"own.{TABLE}")
    engine = writer_engine(make_url(url).set(username=ours, password=PASSWORD).render_as_string(hide_password=False))
    mapped = city_file(replace(MAPPING, table=f"own.{TABLE}"))
    try:
        with engine.begin() as connection, pytest.raises(TableRefused) as refusal:
            install(connection, mapped, NOW)
        assert f"GRANT SELECT, TRIGGER ON own.{TABLE} TO {ours};" in refusal.value.next_step
        with program.begin() as connection:
            connection.exec_driver_sql(f"GRANT SELECT, TRIGGER ON own.{TABLE} TO {ours}")
        for _ in range(2):
            with engine.begin() as connection:
                assert install(connection, mapped, NOW)["rows"] == 1
        with program.begin() as connection:
            connection.exec_driver_sql("DELETE FROM own.products")
        with engine.begin() as connection:
            assert remove(connection, mapped, NOW)["removed"]
            assert connection.execute(text("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'czt%'")).scalar_one() == 0
    finally:
        engine.dispose()
        with database.begin() as connection:
            connection.exec_driver_sql(f"DROP OWNED BY {ours}")
            connection.exec_driver_sql(f"DROP ROLE {ours}")


def test_transactions_that_commit_out_of_order(database: Engine) -> None:
    """The image with the lower id, committed after a higher one was taken, is taken next."""
    table = Captured(database, 2)
    with database.connect() as slow:
        change(slow, 1, cpmc="先写后提交")
        with database.begin() as quick:
            change(quick, 2, cpmc="后写先提交")
        assert table.take() == [("changed", "CSLX-00002", 2)]
        slow.commit()
    assert table.take() == [("changed", "CSLX-00001", 2)]


def test_overlapping_transactions_on_one_row(database: Engine) -> None:
    """Each of two transactions on one row is an event, in the order of their commits; what one did in between is none."""
    table = Captured(database, 1)
    with database.begin() as connection:
        change(connection, 1, cpmc="中间")
        change(connection, 1, cpmc="第一")
    with database.begin() as connection:
        change(connection, 1, cpmc="第二")
    assert table.take() == [("changed", "CSLX-00001", 2), ("changed", "CSLX-00001", 3)]
    assert table.listed() == {"CSLX-00001": "第二"}


def test_rows_written_while_capture_is_installed(database: Engine) -> None:
    """A transaction that is open when triggers are made is waited for; its rows are in the snapshot, once."""
    table = Captured(database, 1)
    with database.connect() as writer, database.connect() as installer:
        put(writer, product(2))
        installer.exec_driver_sql("SET lock_timeout = '100ms'")
        with pytest.raises(DBAPIError, match="lock timeout"):
            install(installer, table.city_file, NOW)
        installer.rollback()
        writer.commit()
    table.install()
    assert table.take() == [("listed", "CSLX-00002", 1)]


def test_truncated_table(database: Engine) -> None:
    """TRUNCATE withdraws nothing by itself: every entry waits for a person."""
    table = Captured(database, 5)
    with database.begin() as connection:
        connection.exec_driver_sql("TRUNCATE products")
    assert table.take() == []
    assert {kind for kind, _, _ in table.questions()} == {"withdrawal"}
    assert len(table.questions()) == 5


def test_truncated_and_reloaded(database: Engine) -> None:
    """A program that reloads its table in one transaction sends what is different, and withdraws what didn't come back."""
    table = Captured(database, 10)
    with database.begin() as connection:
        connection.exec_driver_sql("TRUNCATE products")
        put(connection, *(product(number) for number in range(2, 12)))
    assert table.take() == [("listed", "CSLX-00011", 1), ("withdrawn", "CSLX-00001", 2)]
    assert table.questions() == []


def test_renamed_column_stops_no_program(database: Engine) -> None:
    """When a mapped column is renamed, the program goes on writing; its rows wait, and nothing wrong is sent."""
    table = Captured(database, 1)
    with database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE products RENAME COLUMN cpmc TO chanpin")
        connection.exec_driver_sql("UPDATE products SET ggxh = 'FJ-2'")
    assert table.take() == []
    assert table.questions() == [("captured", "CSLX-00001", '["product_missing"]')]


def test_column_of_no_interest_is_not_captured(database: Engine) -> None:
    """A change of unmapped columns writes no image: a program may touch its rows all day."""
    Captured(database, 1)
    with database.begin() as connection:
        change(connection, 1, lxdh="12300000002")
        assert connection.execute(select(captured)).all() == []


def test_partitioned_table(database: Engine) -> None:
    """Rows of a partitioned table lie in others."""
    assert "partitioned table" in _refused(database, more="PARTITION BY RANGE (id)")


def test_unlogged_table(database: Engine) -> None:
    """A table that a crash empties, without a trigger, is no register."""
    assert "a crash empties" in _refused(database, prefix="UNLOGGED")


def test_deferrable_key(database: Engine) -> None:
    """A key that two rows may bear until the commit gives no order."""
    assert "id is no key" in _refused(database, COLUMNS.replace("PRIMARY KEY", "PRIMARY KEY DEFERRABLE"))


def test_partial_unique_index(database: Engine) -> None:
    """A column that is unique in some rows is no key."""
    with database.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {TABLE} ({COLUMNS.replace(' PRIMARY KEY', ' NOT NULL')})")
        connection.exec_driver_sql(f"CREATE UNIQUE INDEX ON {TABLE} (id) WHERE id > 0")
        with pytest.raises(TableRefused, match="id is no key"):
            install(connection, city_file(), NOW)


@pytest.mark.parametrize("type_", ["bytea", "jsonb", "text[]", "time"])
def test_type_that_is_no_text(database: Engine, type_: str) -> None:
    """Bytes, documents, lists and times of day are nothing a catalogue's cell can hold."""
    assert f"Column ggxh is {type_}" in _refused(database, COLUMNS.replace("ggxh text", f"ggxh {type_}"))
