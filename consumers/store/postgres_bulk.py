"""Sets of rows on PostgreSQL: binary COPY, and for upserts COPY into a temporary table and one INSERT … ON CONFLICT."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    any_,
    bindparam,
    cast,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import NULLTYPE

from consumers.store.bulk import Rows
from schemas.tables.clock import now_us


def _type_name(column: Any) -> str:
    kind = column.type
    if isinstance(kind, BigInteger):
        return "int8"
    if isinstance(kind, Integer):
        return "int4"
    return "bytea" if isinstance(kind, LargeBinary) else "text"


@lru_cache(maxsize=100)
def _types(table: Table) -> list[str]:
    return [_type_name(column) for column in table.columns]


@lru_cache(maxsize=100)
def _copy_sql(table: Table, target: str) -> str:
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    return f"COPY {target} ({names}) FROM STDIN (FORMAT BINARY)"


@lru_cache(maxsize=100)
def _merge_sql(table: Table) -> str:
    names = [f'"{c.name}"' for c in table.columns]
    keys = [f'"{c.name}"' for c in table.primary_key.columns]
    updates = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    action = f"DO UPDATE SET {updates}" if updates else "DO NOTHING"
    listed = ", ".join(names)
    return (
        f"WITH taken AS (DELETE FROM incoming_{table.name} RETURNING *) "  # noqa: S608  our own tables
        f"INSERT INTO {table.name} ({listed}) SELECT {listed} FROM taken "
        f"ON CONFLICT ({', '.join(keys)}) {action}"
    )


def _array(values: Iterable[Any]) -> str:
    """PostgreSQL's text form of an array: psycopg's own conversion of a list costs as much as the query."""
    found = list(values)
    if not found:
        return "{}"
    if isinstance(found[0], int):
        return "{" + ",".join(map(str, found)) + "}"
    # Put in quotes as one text: no value has a NUL, which PostgreSQL has no text with.
    whole = "\0".join(found).replace("\\", "\\\\").replace('"', '\\"')
    return '{"' + whole.replace("\0", '","') + '"}'


class PostgresBulk:
    """`Bulk` on PostgreSQL through psycopg 3."""

    def insert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """One binary COPY."""
        if rows:
            self._copy(connection, table, table.name, rows)

    def upsert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """COPY beside the table, then move over: what was written before in the same transaction must not come again."""
        if not rows:
            return
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS incoming_{table.name} (LIKE {table.name}) ON COMMIT DELETE ROWS"
        )
        self._copy(connection, table, f"incoming_{table.name}", rows)
        connection.exec_driver_sql(_merge_sql(table))

    def _copy(self, connection: Connection, table: Table, target: str, rows: Rows) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        sql = _copy_sql(table, target)
        try:
            with driver.cursor() as cursor, cursor.copy(sql) as copy:
                copy.set_types(_types(table))
                for row in rows:
                    copy.write_row(row)
        except (psycopg.OperationalError, psycopg.InternalError) as error:
            # SQLAlchemy doesn't see COPY: its error is the one that callers know as an outage. A session that the server
            # ended for its silence is an InternalError.
            raise OperationalError(sql, None, error) from error

    def among(self, column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
        """`= ANY (array)`: one parameter whatever the number of values.

        It has no type of its own, so that the server reads the array before it plans: a plan for an array that it does
        not know yet may read the whole table.
        """
        # Not the column's own type: a cast to varchar(64) would cut what is longer, and then find it.
        kind = BigInteger() if isinstance(column.type, Integer) else String()
        literal: BindParameter[Any] = bindparam(None, _array(values), type_=NULLTYPE, unique=True)
        return column == any_(cast(literal, ARRAY(kind)))

    def lock_products(self, connection: Connection, keys: Collection[str]) -> None:
        """A row of `product_lock` each, in order: absent ones come, those there are locked, which `DO UPDATE` does to any row."""
        connection.execute(
            text(
                "INSERT INTO product_lock SELECT key FROM unnest(CAST(:keys AS text[])) AS key ORDER BY key "
                "ON CONFLICT (product_key) DO UPDATE SET product_key = excluded.product_key WHERE false"
            ),
            {"keys": _array(keys)},
        )

    def now_us(self, connection: Connection) -> int:
        """The time now, not the transaction's."""
        return int(connection.execute(now_us("postgresql")).scalar_one())
