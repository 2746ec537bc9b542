"""A write transaction whose outage is ours to explain: the driver's error becomes `StoreUnavailable`."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError

from schemas.errors import StoreUnavailable


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Committed at the end, rolled back by any exception. Raises `StoreUnavailable` when the database does not answer."""
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        if not is_outage(error):
            raise
        raise unavailable(error, engine) from error


def is_outage(error: DBAPIError) -> bool:
    """Whether the database could not do its work, as opposed to refusing what we asked of it.

    A session that the server ended (for its silence, 25P03) comes as an InternalError. SQLite says DatabaseError itself,
    and none of its kinds, of a file that is damaged or no database.
    """
    by_kind = isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError
    return by_kind or error.connection_invalidated


def unavailable(error: DBAPIError, engine: Engine) -> StoreUnavailable:
    """The error with the database's own first line and address, without password, statement or parameters."""
    line = str(error.orig).strip().splitlines()[0] if error.orig is not None and str(error.orig).strip() else "no answer"
    address = engine.url.render_as_string(hide_password=True)
    if "database is locked" in line or "lock timeout" in line:
        return StoreUnavailable(
            f"Another process holds what is needed of the database {address}: {line}",
            "Wait for it. On SQLite, if it stands still, let it go on or end it (kill -9 loses nothing that was committed).",
        )
    return StoreUnavailable(
        f"The database {address} did not answer: {line}",
        "Check the address in the settings and that the database runs; then start again. Nothing was half written.",
    )
