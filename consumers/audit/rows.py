"""Rows as they really stand in the file: values of whatever type somebody put there, in key order, never an exception.

SQLite keeps any value in any column, also text that is not UTF-8, on which its driver stops. Whoever checks for
tampering must read such a row and say which one it is.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    String,
    Table,
    case,
    cast,
    collate,
    func,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

Row = tuple[Any, ...]
"""Values in the order of the table's columns: int, str, bytes, None; float only when somebody put one there."""

CHUNK = 2_000
"""Rows fetched at a time."""


def stream(connection: Connection, table: Table, chunk: int = CHUNK) -> Iterator[Row]:
    """Every row in the order of the primary key. In text that is not UTF-8, bad bytes come as escapes."""
    query = _every_row(table, connection.dialect.name).execution_options(yield_per=chunk)
    with connection.execute(query) as rows:  # whoever stops reading half-way leaves no cursor open
        if connection.dialect.name != "sqlite":
            yield from map(tuple, rows)
            return
        width = len(table.columns)
        for found in rows:
            values = tuple(found)
            yield tuple(_value(kind, value) for kind, value in zip(values[:width], values[width:], strict=True))


@cache
def _every_row(table: Table, dialect: str) -> Select[*tuple[Any, ...]]:
    """Kept, because making it takes longer than reading a small table. On SQLite the type of each value comes first."""
    order = [by_bytes(dialect, column) for column in table.primary_key.columns]
    if dialect != "sqlite":
        return select(*(type_coerce(column, NullType()) for column in table.columns)).order_by(*order)
    kinds = [func.typeof(column) for column in table.columns]
    return select(*kinds, *(_undecoded(column) for column in table.columns)).order_by(*order)


def by_bytes(dialect: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column to order by, alike on both databases: a collation would put the same keys in another order."""
    return column if dialect == "sqlite" or not isinstance(column.type, String) else collate(column, "C")


def _undecoded(column: Column[Any]) -> ColumnElement[Any]:
    """The value as the file has it, text as its bytes."""
    return type_coerce(case((func.typeof(column) == "text", cast(column, LargeBinary)), else_=column), NullType())


def _value(kind: str, value: Any) -> Any:
    return value.decode(errors="backslashreplace") if kind == "text" else value


def rank(value: Any) -> tuple[int, Any]:
    """Sorts values of different types as SQLite does: nothing, numbers, text, bytes."""
    if value is None:
        return 0, 0
    return (1 if isinstance(value, int | float) else 2 if isinstance(value, str) else 3), value


Left = TypeVar("Left", bound=Row)
Right = TypeVar("Right", bound=Row)


def paired(left: Iterable[Left], right: Iterable[Right], width: int) -> Iterator[tuple[Left | None, Right | None]]:
    """Rows of two streams side by side; the first `width` values are the key, by which both rise."""
    lefts, rights = iter(left), iter(right)
    a, b = next(lefts, None), next(rights, None)
    while a is not None or b is not None:
        key_a = None if a is None else [rank(value) for value in a[:width]]
        key_b = None if b is None else [rank(value) for value in b[:width]]
        if key_b is None or (key_a is not None and key_a < key_b):
            yield a, None
            a = next(lefts, None)
        elif key_a is None or key_b < key_a:
            yield None, b
            b = next(rights, None)
        else:
            yield a, b
            a, b = next(lefts, None), next(rights, None)
