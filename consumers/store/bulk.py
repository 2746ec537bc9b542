"""How a set of rows gets into a table: the part of the store that differs between databases."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Table

Row = tuple[Any, ...]
"""Values in the order of the table's columns."""

Key = TypeVar("Key")


class Rows(Protocol):
    """A known number of rows: a list, or `Made`."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Row]: ...


class Made(Generic[Key]):
    """Rows that are made one by one as the database takes them: it works on those before in the meantime."""

    def __init__(self, keys: Sequence[Key], make: Callable[[Key], Row]) -> None:
        self._keys = keys
        self._make = make

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Row]:
        return map(self._make, self._keys)


class Bulk(Protocol):
    """Writes sets of rows in a constant number of statements, and asks for sets of keys in one."""

    def insert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """Insert rows that can't be there yet. Raises sqlalchemy.exc.IntegrityError or the driver's when one is."""
        ...

    def upsert(self, connection: Connection, table: Table, rows: Rows) -> None:
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
