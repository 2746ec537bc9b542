"""Databases for tests, made and copied in milliseconds: SQLite files, or databases of a real PostgreSQL."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from deploy.databases import writer_engine
from deploy.migrate import upgrade


class Databases(Protocol):
    """Makes databases by name. `PostgresServer` is the other one."""

    def create_database(self, name: str, template: str = ...) -> str:
        """The URL of a new database: empty, or a copy of `template`, to which nobody may be connected."""
        ...

    def drop_database(self, name: str) -> None:
        """Remove a database; nothing happens when there is none."""
        ...


class SqliteDatabases:
    """Files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create_database(self, name: str, template: str = "") -> str:
        """See Databases."""
        file = self._file(name)
        if template:
            shutil.copyfile(self._file(template), file)
        return f"sqlite:///{file}"

    def drop_database(self, name: str) -> None:
        """See Databases."""
        for suffix in ("", "-wal", "-shm"):
            self._file(name).with_name(f"{name}.db{suffix}").unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.db"


@contextmanager
def opened_database(databases: Databases, name: str, *template: str) -> Iterator[Engine]:
    """A database, empty or a copy of one template, open to write; removed at the end."""
    engine = writer_engine(databases.create_database(name, *template))
    yield engine
    engine.dispose()
    databases.drop_database(name)


@contextmanager
def source_template(databases: Databases, name: str) -> Iterator[str]:
    """The name of a source's database as `czt init` leaves it, to be copied; nobody is connected to it."""
    engine = writer_engine(databases.create_database(name))
    upgrade(engine, "source")
    engine.dispose()
    yield name
    databases.drop_database(name)
