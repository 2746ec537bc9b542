"""Many rows into a table as tuples for the driver: a dictionary for each costs as much as the database itself."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection


def insert_tuples(connection: Connection, columns: Sequence[Column[Any]], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows that hold values of these columns of one table, in one `executemany`."""
    if rows:
        connection.exec_driver_sql(_sql(tuple(columns), connection.dialect.paramstyle), list(rows))


@lru_cache(maxsize=100)
def _sql(columns: tuple[Column[Any], ...], paramstyle: str) -> str:
    names = ", ".join(column.name for column in columns)
    marks = ", ".join(["?" if paramstyle == "qmark" else "%s"] * len(columns))
    return f"INSERT INTO {columns[0].table.name} ({names}) VALUES ({marks})"  # noqa: S608  our own tables
