"""Bringing a database to this version's tables."""

from importlib.resources import files
from typing import Literal

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from schemas.tables.transactions import transaction

Which = Literal["store", "source"]


def upgrade(engine: Engine, which: Which) -> None:
    """Create or migrate the tables, in one transaction. Safe to run again. Raises what `transaction` raises."""
    with transaction(engine) as connection:
        command.upgrade(_config(which, connection), "head")


def _config(which: Which, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("deploy") / "migrations" / which))
    config.attributes["connection"] = connection
    return config
