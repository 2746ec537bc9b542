"""A store put back to where it was, in milliseconds: for tests that use one up some hundred times."""

import shutil
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, text

from schemas.tables.store import metadata


class Renewal(Protocol):
    """Remembers a store as it is when this is made."""

    def renew(self) -> None:
        """Put it back, whatever happened since. Nobody may be inside a transaction who is still alive."""
        ...


class SqliteRenewal:
    """A copy of the file."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file = Path(str(engine.url.database))
        self._kept = self._file.with_suffix(".kept")
        engine.dispose()  # the last to leave brings the write-ahead log home
        shutil.copyfile(self._file, self._kept)

    def renew(self) -> None:
        """See Renewal."""
        self._engine.dispose()
        for suffix in ("-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self._kept, self._file)


class PostgresRenewal:
    """Copies of the tables in a schema of their own: a tenth of what another database takes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        names = [table.name for table in metadata.sorted_tables]
        keep = [f"CREATE TABLE kept.{name} AS TABLE {name}" for name in names]
        again = [f"DELETE FROM {name}; INSERT INTO {name} SELECT * FROM kept.{name}" for name in names]  # noqa: S608  our tables
        # Triggers don't fire for a replica: the audit tables let go of their rows.
        self._renew = "; ".join(["SET LOCAL session_replication_role = replica", *again])
        with engine.begin() as connection:
            connection.execute(text("; ".join(["CREATE SCHEMA kept", *keep])))

    def renew(self) -> None:
        """See Renewal."""
        with self._engine.begin() as connection:
            connection.execute(text(self._renew))


def renewal_of(engine: Engine) -> Renewal:
    """What puts the store on this engine back to where it is now."""
    return SqliteRenewal(engine) if engine.dialect.name == "sqlite" else PostgresRenewal(engine)
