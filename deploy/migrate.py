"""Bringing a database to this version's tables, and telling whether it is there."""

from importlib.resources import files
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from schemas.errors import SchemaOutdated

Which = Literal["store", "source"]


def _config(which: Which, connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("deploy") / "migrations" / which))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, which: Which) -> None:
    """Create or migrate the tables, in one transaction. Safe to run again. Raises what the database raises."""
    with engine.begin() as connection:
        command.upgrade(_config(which, connection), "head")


def is_current(engine: Engine, which: Which) -> bool:
    """Whether the database is at this version's tables."""
    head = ScriptDirectory.from_config(_config(which)).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def require_current(engine: Engine, which: Which) -> None:
    """Raises `SchemaOutdated` when the database is not at this version's tables."""
    if not is_current(engine, which):
        raise SchemaOutdated("The tables of the database are missing or of another version.", "Run `czt init`.")
