"""How a set of rows gets into a table: the part of the store that differs between databases."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Table

Row = tuple[Any, ...]
"""Values in the order of the table's columns."""


class Bulk(Protocol):
    """Writes sets of rows in a constant number of statements, and asks for sets of keys in one."""

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows that can't be there yet. Raises sqlalchemy.exc.IntegrityError or the driver's when one is."""
        ...

    def upsert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows, or replace those with the same primary key."""
        ...

    def among(self, column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
        """Whether the column's value is one of `values`, as a condition with a constant number of parameters."""
        ...

    def lock_products(self, connection: Connection, keys: Collection[str]) -> None:
        """Lock these products, each named once, until the transaction ends, whether there is a row of them yet or not."""
        ...

    def now_us(self, connection: Connection) -> int:
        """The database's clock, microseconds since 1970 UTC: leases must not depend on the hosts' clocks."""
        ...
