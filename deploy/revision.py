"""Whether a database has this version's tables, asked with one small query: alembic itself takes a third of a second."""

from importlib.resources import files
from typing import Literal

from sqlalchemy import Engine, inspect, text

from schemas.errors import SchemaOutdated


def require_revision(engine: Engine, which: Literal["store", "source"]) -> None:
    """Raises `SchemaOutdated` when the tables are missing or another version's."""
    expected = newest_revision(which)
    with engine.connect() as connection:
        there = inspect(connection).has_table("alembic_version")
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if there else None
    if found != expected:
        what = "has no tables yet" if found is None else f"is at version {found} of its tables, expected {expected}"
        raise SchemaOutdated(f"The database {what}.", "Run `czt init`.")


def newest_revision(which: Literal["store", "source"]) -> str:
    """The last migration: their files are `<revision>_<words>.py`, in rising order."""
    versions = files("deploy") / "migrations" / which / "versions"
    return max(one.name.partition("_")[0] for one in versions.iterdir() if one.name[:1].isdigit())
