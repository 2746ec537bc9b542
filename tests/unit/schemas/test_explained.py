"""What a database driver raises, told as an error of our tree."""

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from schemas.errors import CztError, DatabaseUnusable, SchemaOutdated, StoreUnavailable
from schemas.tables.explained import explained

URL = make_url("postgresql+psycopg://czt:very-secret@db.example:5432/store")
SERVER = 'connection failed: connection to server at "192.0.2.1", port 5432 failed: '


def _raised(line: str) -> DBAPIError:
    return OperationalError("SELECT secret_column", None, psycopg.OperationalError(line))


@pytest.mark.parametrize(
    ("line", "kind", "said"),
    [
        (SERVER + "Connection refused\n\tIs the server running?", StoreUnavailable, "Connection refused"),
        (SERVER + 'FATAL:  password authentication failed for user "czt"', DatabaseUnusable, "PGPASSFILE"),
        (SERVER + "fe_sendauth: no password supplied", DatabaseUnusable, "PGPASSFILE"),
        (SERVER + 'FATAL:  role "czt" does not exist', DatabaseUnusable, "user name"),
        (SERVER + 'FATAL:  database "store" does not exist', DatabaseUnusable, "createdb"),
        (SERVER + "FATAL:  no pg_hba.conf entry for host", DatabaseUnusable, "pg_hba.conf"),
        (SERVER + "FATAL:  the database system is starting up", StoreUnavailable, "starting up"),
        ("SSL connection has been closed unexpectedly", StoreUnavailable, "closed unexpectedly"),
        ("server closed the connection unexpectedly", StoreUnavailable, "did not answer"),
    ],
)
def test_a_server_that_is_silent_and_one_that_refuses(line: str, kind: type[CztError], said: str) -> None:
    """Only what waiting can mend is an outage; password and statement are never shown."""
    found = explained(_raised(line), URL)
    assert type(found) is kind
    assert said in f"{found.message} {found.next_step}"
    told = repr(found.said("zh")) + repr(found.said("en"))
    assert "very-secret" not in told
    assert "secret_column" not in told
    assert "db.example" in told


def test_a_table_that_is_missing() -> None:
    """It is the wrong database, or `czt init` was not run."""
    found = explained(ProgrammingError("", None, psycopg.ProgrammingError('relation "seal" does not exist')), URL)
    assert type(found) is SchemaOutdated


def test_a_right_that_is_missing() -> None:
    """The owner of the database has to grant it."""
    found = explained(ProgrammingError("", None, psycopg.ProgrammingError("permission denied for table seal")), URL)
    assert type(found) is DatabaseUnusable


def test_a_defect_is_not_explained_away() -> None:
    """A statement that is wrong is ours to mend, not the database's."""
    assert explained(ProgrammingError("", None, psycopg.ProgrammingError('syntax error at or near "x"')), URL) is None
