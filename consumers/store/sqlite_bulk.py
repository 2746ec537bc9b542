"""Sets of rows on SQLite: one prepared statement over many tuples. Writers are serial, so nothing needs locking."""

import json
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Table, bindparam, column, func, select

from consumers.store.bulk import Rows
from schemas.tables.clock import now_us


@lru_cache(maxsize=100)
def _insert_sql(table: Table, replace: bool) -> str:
    names = [f'"{c.name}"' for c in table.columns]
    sql = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608  our own tables
    if not replace:
        return sql
    keys = [f'"{c.name}"' for c in table.primary_key.columns]
    updates = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    action = f"DO UPDATE SET {updates}" if updates else "DO NOTHING"
    return f"{sql} ON CONFLICT ({', '.join(keys)}) {action}"


class SqliteBulk:
    """`Bulk` on SQLite."""

    def insert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """One `executemany`."""
        if rows:
            connection.exec_driver_sql(_insert_sql(table, replace=False), list(rows))

    def upsert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """One `executemany` with ON CONFLICT."""
        if rows:
            connection.exec_driver_sql(_insert_sql(table, replace=True), list(rows))

    def among(self, column_: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
        """Membership in a JSON array: SQLite limits the number of parameters."""
        array: BindParameter[str] = bindparam(None, json.dumps(list(values)), unique=True)
        return column_.in_(select(column("value")).select_from(func.json_each(array)))

    def lock_products(self, connection: Connection, keys: Collection[str]) -> None:
        """Nothing to do: BEGIN IMMEDIATE holds the whole database."""

    def now_us(self, connection: Connection) -> int:
        """Milliseconds are what SQLite's clock gives."""
        return int(connection.execute(now_us("sqlite")).scalar_one())
