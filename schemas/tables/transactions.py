"""A transaction whose failure is ours to explain: the driver's error becomes one of our tree."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from schemas.tables.explained import explained


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Committed at the end, rolled back by any exception.

    Raises `StoreUnavailable` when the database does not answer, `DatabaseUnusable`, `SchemaOutdated`.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        known = explained(error, engine.url)
        if known is None:
            raise
        raise known from error
