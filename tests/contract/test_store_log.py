"""What every store must give to hold a log: it grows at its end, in order, and refuses any other change (see `test_store`)."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import Table, text
from sqlalchemy.exc import DBAPIError

from consumers.store import log
from consumers.store.store import Store
from schemas.codec import utc_micros
from schemas.tables import store as t
from schemas.tables.append_only import AUDIT_TABLES
from tests.support.cities import CHANGSHA
from tests.support.histories import NOW
from tests.support.log_entries import prepared
from tests.support.stores import contents

OURS = CHANGSHA.source
ANY_DATABASE = (
    "UPDATE {table} SET {column} = {column}",
    "UPDATE {table} SET {column} = {column} WHERE idx = 1",
    "UPDATE {table} SET idx = 9 WHERE idx = 1",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE idx = 2",
    "INSERT INTO {table} SELECT * FROM {table} WHERE idx = 1",
    "INSERT INTO {table} SELECT * FROM {table} WHERE idx = 1 ON CONFLICT (idx) DO UPDATE SET {column} = excluded.{column}",
)
REFUSED = {
    "sqlite": (
        *ANY_DATABASE,
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE idx = 1",
        "REPLACE INTO {table} SELECT * FROM {table}",
        "UPDATE OR REPLACE {table} SET idx = 0 WHERE idx = 1",
    ),
    "postgresql": (
        *ANY_DATABASE,
        "TRUNCATE {table}",
        "TRUNCATE {table} CASCADE",
        "MERGE INTO {table} USING (SELECT 1 AS one) AS it ON {table}.idx = it.one WHEN MATCHED THEN DELETE",
        "WITH gone AS (DELETE FROM {table} RETURNING idx) SELECT count(*) FROM gone",
    ),
}
COLUMN = {"audit_entry": "leaf", "audit_record": "value"}


def _append(store: Store, *entries: log.Prepared, seconds: float = 0) -> int:
    with store.transaction() as connection:
        return log.append(connection, store.bulk, entries, NOW + timedelta(seconds=seconds))


def test_what_an_entry_writes(store: Store) -> None:
    """Leaf with its time spliced in, record, sequence and touched products stand under one index; the log's row says how many."""
    assert _append(store, prepared(7, "p", "q"), prepared(8)) == 0
    found = contents(store)
    us = log.micros(NOW)
    leaf = f'{{"recorded_at":"{utc_micros(NOW)}","sequence":7}}'.encode()
    assert found["audit_entry"][0] == (0, leaf, us)
    assert found["audit_record"] == [(0, b"record 7", "[]"), (1, b"record 8", "[]")]
    assert [(row[1], row[3]) for row in found["received"]] == [(7, 0), (8, 1)]
    assert found["product_change"] == [(0, "p"), (0, "q")]
    assert found["audit_log"] == [(1, 2, us + 1)]


def test_an_event_that_was_parked(store: Store) -> None:
    """Its release is an entry of its own, which its sequence then names; the parked row stands under the first one."""
    first = replace(prepared(7), parked=(7, "CSLX-00001", "schema_unknown"))
    _append(store, first, prepared(8))
    assert contents(store)["parked"] == [(OURS, 7, "CSLX-00001", "schema_unknown", 0)]
    assert _append(store, replace(prepared(7), again=True)) == 2
    assert [(row[1], row[3]) for row in contents(store)["received"]] == [(7, 2), (8, 1)]


def test_indexes_are_dense_and_times_rise(store: Store) -> None:
    """Also when the clock stands still or goes back an hour: each entry is later than the one before."""
    firsts = [
        _append(store, *[prepared(number) for number in range(start, start + count)], seconds=seconds)
        for start, count, seconds in ((0, 3, 0), (3, 1, 0), (4, 4, -3_600), (8, 2, 3_600), (10, 1, 0))
    ]
    assert firsts == [0, 3, 4, 8, 10]
    rows = contents(store)["audit_entry"]
    assert [row[0] for row in rows] == list(range(11))
    offsets = [row[2] - log.micros(NOW) for row in rows]
    assert offsets == [0, 1, 2, 3, 4, 5, 6, 7, 3_600_000_000, 3_600_000_001, 3_600_000_002]
    assert all(log.recorded_at(us).encode() in leaf for _, leaf, us in rows)


@pytest.mark.parametrize("table", AUDIT_TABLES)
def test_audit_tables_refuse_any_change(store: Store, table: str) -> None:
    """UPDATE, DELETE, TRUNCATE and whatever replaces a row fail, with or without a condition, and nothing has changed."""
    _append(store, *[prepared(number) for number in range(4)])
    before = contents(store)
    statements = REFUSED[store.writer.dialect.name]
    for statement in statements:
        sql = statement.format(table=table, column=COLUMN[table])
        with pytest.raises(DBAPIError, match="append-only|duplicate key"), store.writer.begin() as connection:
            connection.execute(text(sql))
        assert contents(store) == before, sql


@pytest.mark.parametrize("table", [t.audit_entry, t.audit_record], ids=lambda table: table.name)
def test_an_index_is_written_once(store: Store, table: Table) -> None:
    """The store's own way of writing can't write an index again either, with the same row or another."""
    _append(store, prepared(1))
    before = contents(store)
    same = before[table.name][0]
    other = (0, b"other", 0 if table is t.audit_entry else "[]")
    for row in (same, other):
        for write in (store.bulk.insert, store.bulk.upsert):
            with pytest.raises((DBAPIError, psycopg.Error)) as refusal, store.transaction() as connection:
                write(connection, table, [row])
            assert isinstance(refusal.value, UniqueViolation) or "append-only" in str(refusal.value)
    assert contents(store) == before


def test_the_log_goes_on_after_a_refusal(store: Store) -> None:
    """A refused change takes its whole transaction along, and the next entry has the next index."""
    _append(store, prepared(1))

    def append_and_delete() -> None:
        with store.transaction() as connection:
            log.append(connection, store.bulk, [prepared(2)], NOW)
            connection.execute(text("DELETE FROM audit_entry WHERE idx = 0"))

    with pytest.raises(DBAPIError, match="append-only"):
        append_and_delete()
    assert _append(store, prepared(2)) == 1
