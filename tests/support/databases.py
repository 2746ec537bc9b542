"""Databases for tests, made and copied in milliseconds: SQLite files, or databases of a real PostgreSQL."""

import shutil
from pathlib import Path
from typing import Protocol


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
