"""What every store must give when sets of rows go in and sets of keys are asked for (see `test_store`)."""

from collections.abc import Sequence
from typing import Any

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import Column, Integer, LargeBinary, Table, event, select
from sqlalchemy.exc import IntegrityError

from consumers.store.bulk import Row
from consumers.store.store import Store
from schemas.tables import store as t
from tests.support.cities import ZHUZHOU

THEIRS = ZHUZHOU.source
TEXTS = (
    "",
    " 前后空格 ",
    "𠮷野家 😀 \U0010ffff \ufffe",
    "e\u0301 \u200b \u202e",
    "tab\tnewline\nreturn\rbell\x07",
    "quotes ' '' \" `",
    "backslashes \\ \\\\ \\N \\. \\t",
    "NULL",
    "%s %(name)s :name ? $1 {brace}",
    '[["json"]]',
    "长" * 20_000,
)
NUMBERS = (0, -1, 2**53 + 1, 2**63 - 1, -(2**63))
BYTES = (b"", b"\0", bytes(range(256)), "长沙".encode("gb18030"), bytes(300_000))
MADE_ONCE = ("audit_log", "audit_tree", "context", "outbound", "source_position")
"""Tables whose rows `prepare` makes and only `UPDATE` changes."""
FILLED = [table for table in t.metadata.sorted_tables if table.name not in MADE_ONCE]


def _read(store: Store, table: Table) -> list[tuple[Any, ...]]:
    with store.snapshot() as loader:
        query = select(table).order_by(*table.primary_key.columns)
        return [tuple(row) for row in loader.connection.execute(query)]


def _value(column: Column[Any], turn: int) -> Any:
    """A value that suits the column; each turn another one, with nothing where nothing may stand."""
    if column.nullable and turn % 3 == 2:
        return None
    if isinstance(column.type, Integer):
        return turn
    if isinstance(column.type, LargeBinary):
        return BYTES[turn % len(BYTES)]
    length = getattr(column.type, "length", None)
    return f"{turn}{TEXTS[turn % len(TEXTS)]}"[:length]


def _heads(count: int, version: int) -> list[Row]:
    return [(THEIRS, f"ZZLX-{number:05}", version, None, number, None) for number in range(count)]


def test_rows_come_back_as_they_went_in(store: Store) -> None:
    """Every table takes a set of rows, column by column in the table's order, and gives the same values back."""
    for table in FILLED:
        rows = [tuple(_value(column, turn) for column in table.columns) for turn in range(10)]
        with store.transaction() as connection:
            store.bulk.insert(connection, table, rows[:7])
            store.bulk.insert(connection, table, rows[7:])
        assert sorted(_read(store, table)) == sorted(rows), table.name


def test_any_text_and_any_bytes(store: Store) -> None:
    """Text and bytes are never interpreted on their way, inserted or upserted; NULL and empty are two things."""
    records: list[Row] = [(index, BYTES[index % len(BYTES)], found) for index, found in enumerate(TEXTS)]
    records += [(len(TEXTS), None, ""), (len(TEXTS) + 1, b"", "")]
    rule_sets: list[Row] = [(number, found, "0" * 64) for number, found in enumerate(TEXTS)]
    with store.transaction() as connection:
        store.bulk.insert(connection, t.audit_record, records)
        store.bulk.upsert(connection, t.rule_set, rule_sets)
    assert _read(store, t.audit_record) == records
    assert _read(store, t.rule_set) == rule_sets


def test_integers_of_64_bits(store: Store) -> None:
    """The largest and smallest numbers of a sequence or a time keep every digit, inserted, replaced and asked for."""
    rows: list[Row] = [(THEIRS, str(place), number, None, number, None) for place, number in enumerate(NUMBERS)]
    for write in (store.bulk.insert, store.bulk.upsert):
        with store.transaction() as connection:
            write(connection, t.entry_head, rows)
        assert _read(store, t.entry_head) == rows
    with store.snapshot() as loader:
        for number in NUMBERS:
            wanted = store.bulk.among(t.entry_head.c.last_sequence, [number])
            found = loader.connection.execute(select(t.entry_head.c.last_sequence).where(wanted)).scalars().all()
            assert found == [number]


def test_upsert_replaces_by_key(store: Store) -> None:
    """A row with a known key takes every value of the new one, NULL too; others stay; new ones come: all in one set."""
    first: list[Row] = [(THEIRS, "a", 1, "0" * 64, 1, 1), (THEIRS, "b", 1, "0" * 64, 2, 2)]
    second: list[Row] = [(THEIRS, "c", 3, None, 3, None), (THEIRS, "b", None, None, 4, None)]
    with store.transaction() as connection:
        store.bulk.upsert(connection, t.entry_head, first)
        store.bulk.upsert(connection, t.entry_head, second)
    assert _read(store, t.entry_head) == [first[0], second[1], second[0]]


def test_upsert_of_nothing_but_a_key(store: Store) -> None:
    """Where the whole row is its key, what is there stays and what is missing comes."""
    rows: list[Row] = [(THEIRS, letter * 64) for letter in "abc"]
    for part in (rows[:2], rows[1:], rows):
        with store.transaction() as connection:
            store.bulk.upsert(connection, t.fork_record, part)
    assert _read(store, t.fork_record) == rows


def test_upsert_again_on_one_connection(store: Store) -> None:
    """The next set of the same table holds nothing of the one before, in the same transaction or after a rolled back one."""
    with store.writer.connect() as connection:
        for version, commit in ((1, True), (2, False), (3, True)):
            with connection.begin() as transaction:
                store.bulk.upsert(connection, t.entry_head, _heads(3, version))
                store.bulk.upsert(connection, t.entry_head, _heads(1, version + 10))
                if not commit:
                    transaction.rollback()
            expected = version if commit else version - 1
            assert [row[2] for row in _read(store, t.entry_head)] == [expected + 10, expected, expected]


def test_empty_sets(store: Store) -> None:
    """Nothing to write is nothing to do."""
    with store.transaction() as connection:
        for table in FILLED:
            store.bulk.insert(connection, table, [])
            store.bulk.upsert(connection, table, [])
    assert [table.name for table in FILLED if _read(store, table)] == []


def test_a_row_that_is_there(store: Store) -> None:
    """Inserting a key that is there is an error, and the whole transaction goes with it."""
    with store.transaction() as connection:
        store.bulk.insert(connection, t.entry_head, _heads(1, 1))

    def insert_again() -> None:
        with store.transaction() as connection:
            store.bulk.insert(connection, t.gap, [(THEIRS, 1, 2, "", "")])
            store.bulk.insert(connection, t.entry_head, [*_heads(2, 2)[::-1]])

    with pytest.raises((IntegrityError, UniqueViolation)):
        insert_again()
    assert _read(store, t.entry_head) == _heads(1, 1)
    assert _read(store, t.gap) == []


@pytest.mark.parametrize("count", [0, 1, 5_000])
def test_among(store: Store, count: int) -> None:
    """Any number of texts or integers is asked for in one statement: what is there comes back, the rest and twins don't harm."""
    with store.transaction() as connection:
        store.bulk.insert(connection, t.entry_head, _heads(6_000, 1))
    subjects = [f"ZZLX-{number:05}" for number in range(count)]
    assert _asked(store, t.entry_head.c.subject, [*subjects, *subjects[:1], *["nobody"][:count]]) == subjects
    assert _asked(store, t.entry_head.c.last_sequence, [*range(count), *[-1][:count]]) == subjects


def test_among_any_text(store: Store) -> None:
    """Whatever stands in a text, it is found by that text and by no other."""
    short = [found[:300] for found in TEXTS]
    with store.transaction() as connection:
        store.bulk.insert(connection, t.entry_head, [(THEIRS, found, 1, "0" * 64, 1, None) for found in short])
    for found in short:
        assert _asked(store, t.entry_head.c.subject, [found]) == [found]
    assert sorted(_asked(store, t.entry_head.c.subject, short)) == sorted(short)
    assert _asked(store, t.entry_head.c.subject, [f"{found}x" for found in short]) == []
    assert _asked(store, t.entry_head.c.sent_hash, [f"{'0' * 64}1"]) == []


def _asked(store: Store, column: Column[Any], values: Sequence[Any]) -> list[Any]:
    """Subjects found by one condition, which must be one statement with the same parameters whatever the number."""
    seen = []
    table = t.entry_head
    with store.snapshot() as loader:
        listen = (store.reader, "before_cursor_execute", lambda *call: seen.append(call[3]))
        event.listen(*listen)
        try:
            query = select(table.c.subject).where(store.bulk.among(column, values)).order_by(table.c.subject)
            found = list(loader.connection.execute(query).scalars())
        finally:
            event.remove(*listen)
    assert [len(parameters) for parameters in seen] == [1]
    return found
