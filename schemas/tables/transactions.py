"""A write transaction whose outage is ours to explain: the driver's error becomes `StoreUnavailable`."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from schemas.errors import StoreUnavailable


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Committed at the end, rolled back by any exception. Raises `StoreUnavailable` when the database does not answer."""
    try:
        with engine.begin() as connection:
            yield connection
    except (OperationalError, InterfaceError) as error:
        raise unavailable(error, engine) from error


def unavailable(error: DBAPIError, engine: Engine) -> StoreUnavailable:
    """The error with the database's own first line and address, without password, statement or parameters."""
    line = str(error.orig).strip().splitlines()[0] if error.orig is not None and str(error.orig).strip() else "no answer"
    return StoreUnavailable(
        f"The database {engine.url.render_as_string(hide_password=True)} did not answer: {line}",
        "Check the address in the settings and that the database runs; then start again. Nothing was half written.",
    )
