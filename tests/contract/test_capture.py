"""A city's own table, SQLite and PostgreSQL alike: whatever a program does to it becomes events, in order, or a question."""

import json

import pytest
from sqlalchemy import Engine, select, text

from schemas.tables.source import captured, held_row, outbox
from tests.support.own_tables import Captured, change, put
from tests.support.products import TABLE, product


def _number(place: int) -> str:
    return f"CSLX-{place:05d}"


def test_rows_that_are_there_are_listed(source_database: Engine) -> None:
    """The rows a table has when capture is installed are listed, with where they came from and no contact column."""
    table = Captured(source_database, 3)
    assert table.listed() == {_number(number): f"节能风机{number}" for number in (1, 2, 3)}
    with source_database.connect() as connection:
        first = connection.execute(select(outbox)).mappings().first()
    assert first is not None
    assert "12300000001" not in first["data"]
    data = json.loads(first["data"])
    assert (data["origin"]["sheet"], data["origin"]["cells"]["certificate_no"]) == (TABLE, _number(1))
    assert (data["entry"]["batch"], data["entry"]["valid_to"]) == ("2020-1", "2023-12-14")


def test_insert_update_delete(source_database: Engine) -> None:
    """Each committed change is an event, also two of one row in two transactions; a rolled-back one is none."""
    table = Captured(source_database, 10)
    with source_database.begin() as connection:
        put(connection, product(11))
    with source_database.begin() as connection:
        change(connection, 11, cpmc="节能水泵")
    with source_database.connect() as connection, connection.begin() as undone:
        put(connection, product(12))
        change(connection, 11, cpmc="不会发生")
        undone.rollback()
    with source_database.begin() as connection:
        change(connection, 2, zt="暂停", bz="整改")
        connection.execute(text("DELETE FROM products WHERE id = 3"))
        change(connection, 4, lxdh="12300000002")  # of no interest
    events = table.take()
    assert events == [
        ("listed", _number(11), 1),
        ("changed", _number(11), 2),
        ("suspended", _number(2), 2),
        ("withdrawn", _number(3), 2),
    ]
    assert table.take() == []
    with source_database.connect() as connection:
        assert connection.execute(select(captured)).all() == []


def test_bulk_change(source_database: Engine) -> None:
    """One statement over many rows is judged as a whole: a firm that is renamed in all its rows is no conflict."""
    table = Captured(source_database, 0)
    with source_database.begin() as connection:
        put(connection, *(product(number, xydm=product(1)["xydm"], qymc="长沙例甲有限公司") for number in range(1, 201)))
    assert len(table.take()) == 200
    with source_database.begin() as connection:
        connection.execute(text("UPDATE products SET qymc = '长沙例乙有限公司'"))
    assert {word for word, _, _ in table.take()} == {"changed"}
    assert table.questions() == []


def test_rename_row_by_row(source_database: Engine) -> None:
    """Renamed in one transaction after the other, the rows wait until the last one has the new name."""
    table = Captured(source_database, 0)
    with source_database.begin() as connection:
        put(connection, *(product(number, xydm=product(1)["xydm"], qymc="长沙例甲有限公司") for number in (1, 2)))
    table.take()
    with source_database.begin() as connection:
        change(connection, 1, qymc="长沙例乙有限公司")
    assert table.take() == []
    assert table.questions() == [("captured", _number(1), '["name_conflict_same_uscc"]')]
    with source_database.begin() as connection:
        change(connection, 2, qymc="长沙例乙有限公司")
    assert sorted(table.take()) == [("changed", _number(1), 2), ("changed", _number(2), 2)]
    assert table.questions() == []


def test_row_that_fails_waits_for_its_next_image(source_database: Engine) -> None:
    """A row that the rules refuse waits, its entry stays as it was; the newest image takes the place of one that waits."""
    table = Captured(source_database, 1)
    with source_database.begin() as connection:
        change(connection, 1, xydm="91430104DEM000000X", cpmc="一")
    assert (table.take(), table.questions()) == ([], [("captured", _number(1), '["uscc_checksum"]')])
    with source_database.begin() as connection:
        change(connection, 1, jzrq=None)
    table.take()
    assert table.questions() == [("captured", _number(1), '["uscc_checksum", "date_missing"]')]
    with source_database.begin() as connection:
        change(connection, 1, xydm=product(1)["xydm"], jzrq="2023-12-14")
    assert table.take() == [("changed", _number(1), 2)]
    assert table.questions() == []
    with source_database.connect() as connection:
        states = connection.execute(select(held_row.c.state).order_by(held_row.c.id)).scalars().all()
    assert states == ["closed", "closed"]


def test_row_that_waited_is_deleted(source_database: Engine) -> None:
    """With the row the question goes; an entry that was never registered is nobody's withdrawal."""
    table = Captured(source_database, 1)
    with source_database.begin() as connection:
        put(connection, product(2, zt=None))
    table.take()
    with source_database.begin() as connection:
        connection.execute(text("DELETE FROM products WHERE id = 2"))
    assert (table.take(), table.questions()) == ([], [])


def test_changed_key(source_database: Engine) -> None:
    """A row under another key is the same entry: nothing is sent."""
    table = Captured(source_database, 2)
    with source_database.begin() as connection:
        change(connection, 1, id=100)
    assert table.take() == []
    with source_database.begin() as connection:
        connection.execute(text("UPDATE products SET cpmc = '节能水泵' WHERE id = 100"))
    assert table.take() == [("changed", _number(1), 2)]


def test_changed_certificate_number(source_database: Engine) -> None:
    """Another number is another entry; the old one is withdrawn once the new one is accepted, not before."""
    table = Captured(source_database, 5)
    with source_database.begin() as connection:
        change(connection, 1, bh="没有编号")
    assert table.take() == []
    with source_database.begin() as connection:
        change(connection, 1, bh=_number(77))
    assert table.take() == [("listed", _number(77), 1), ("withdrawn", _number(1), 2)]


def test_one_number_on_two_rows(source_database: Engine) -> None:
    """The row that was there first stays; the other waits, and is the entry's row when the first one goes."""
    table = Captured(source_database, 5)
    with source_database.begin() as connection:
        put(connection, product(6, bh=_number(1)))
    table.take()
    assert table.questions() == [("captured", _number(1), '["dup_certificate"]')]
    with source_database.begin() as connection:
        connection.execute(text("DELETE FROM products WHERE id = 1"))
    assert table.take() == [("changed", _number(1), 2)]
    assert table.listed()[_number(1)] == "节能风机6"


def test_numbers_swapped(source_database: Engine) -> None:
    """Two rows that take each other's number in one transaction change, and nothing is withdrawn."""
    table = Captured(source_database, 2)
    with source_database.begin() as connection:
        connection.execute(text("UPDATE products SET bh = CASE id WHEN 1 THEN 'CSLX-00002' ELSE 'CSLX-00001' END"))
    assert sorted(table.take()) == [("changed", _number(1), 2), ("changed", _number(2), 2)]
    assert table.listed() == {_number(1): "节能风机2", _number(2): "节能风机1"}


def test_delete_everything(source_database: Engine) -> None:
    """`DELETE FROM` a whole table withdraws nothing by itself; rows that come back close their questions."""
    table = Captured(source_database, 10)
    with source_database.begin() as connection:
        connection.execute(text("DELETE FROM products"))
    assert table.take() == []
    assert {(kind, reasons) for kind, _, reasons in table.questions()} == {("withdrawal", '["mass_change_held"]')}
    assert len(table.questions()) == 10
    with source_database.begin() as connection:
        put(connection, *(product(number) for number in range(1, 10)))
    assert table.take() == []
    assert [number for _, number, _ in table.questions()] == [_number(10)]
    assert len(table.listed()) == 10


def test_delete_row_by_row(source_database: Engine) -> None:
    """What vanishes in one day counts together: a table that is emptied row by row is held like one emptied at once."""
    table = Captured(source_database, 10)
    events = []
    for number in range(1, 11):
        with source_database.begin() as connection:
            connection.execute(text("DELETE FROM products WHERE id = :id"), {"id": number})
        events += table.take()
    assert events == [("withdrawn", _number(1), 2), ("withdrawn", _number(2), 2)]
    assert len(table.questions()) == 8


def test_table_reloaded_in_one_transaction(source_database: Engine) -> None:
    """A program that deletes everything and writes it anew, as many do at night, changes what is different and nothing else."""
    table = Captured(source_database, 10)
    with source_database.begin() as connection:
        connection.execute(text("DELETE FROM products"))
        put(connection, *(product(number, cpmc="节能水泵" if number == 1 else product(number)["cpmc"]) for number in range(1, 11)))
    assert table.take() == [("changed", _number(1), 2)]
    assert table.questions() == []


def test_install_again(source_database: Engine) -> None:
    """Installing twice sends nothing twice, and makes good what happened while the triggers were off."""
    table = Captured(source_database, 10)
    with source_database.begin() as connection:
        change(connection, 1, cpmc="节能水泵")
    assert table.install()["again"] is True
    assert table.take() == [("changed", _number(1), 2)]
    with source_database.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE products DISABLE TRIGGER USER"))
        else:
            connection.execute(text("DROP TRIGGER czt_capture_update"))
            connection.execute(text("DROP TRIGGER czt_capture_delete"))
        change(connection, 2, cpmc="节能水泵")
        connection.execute(text("DELETE FROM products WHERE id = 3"))
    table.install()
    assert sorted(table.take()) == [("changed", _number(2), 2), ("withdrawn", _number(3), 2)]


@pytest.mark.parametrize("zt", ["有效\x00", "有效\ufffd", "=cmd()", "x" * 100_000, "\u202e有效"])
def test_hostile_text(source_database: Engine, zt: str) -> None:
    """Text that no status is waits for a person and stops nobody."""
    if source_database.dialect.name == "postgresql":
        zt = zt.replace("\x00", "")  # which it takes in no text
    table = Captured(source_database, 1)
    with source_database.begin() as connection:
        put(connection, product(2, zt=zt), product(3))
    events = table.take()
    assert ("listed", _number(3), 1) in events
    assert len(events) + len(table.questions()) == 2
