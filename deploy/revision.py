"""Whether a database has this version's tables, asked with small queries: alembic itself takes a third of a second."""

from importlib.resources import files
from typing import Literal

from sqlalchemy import Engine, inspect, text

from schemas.errors import Both, DatabaseUnusable, SchemaOutdated
from schemas.tables.transactions import transaction

Which = Literal["store", "source"]

MARKS: dict[str, Which] = {"audit_entry": "store", "outbox": "source"}
"""A table that only one of the two kinds of database has."""
NAMES = {
    "store": Both("共享库", "the shared store"),
    "source": Both("某一来源的登记库", "a source's register"),
}


def require_revision(engine: Engine, which: Which) -> None:
    """Raises `SchemaOutdated` when the tables are missing or older, and whatever `is_current` raises."""
    if not is_current(engine, which):
        where = engine.url.render_as_string(hide_password=True)
        raise SchemaOutdated(
            Both(f"数据库 {where} 还没有建表，或表的版本较旧。", f"The database {where} has no tables yet, or older ones."),
            Both("请先备份（若有数据），再运行 czt init。", "Run `czt init`; make a backup first if it holds anything."),
        )


def is_current(engine: Engine, which: Which) -> bool:
    """Whether the database is at this version's tables.

    Raises `DatabaseUnusable` when it holds the other kind's tables, `SchemaOutdated` when it is ahead of this program,
    `StoreUnavailable`.
    """
    with transaction(engine) as connection:
        there = inspect(connection)
        if not there.has_table("alembic_version"):
            return False
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        holds = next((kind for table, kind in MARKS.items() if there.has_table(table)), which)
    where = engine.url.render_as_string(hide_password=True)
    if holds != which:
        expected, got = NAMES[which], NAMES[holds]
        raise DatabaseUnusable(
            Both(f"数据库 {where} 是{got.zh}，应为{expected.zh}。", f"The database {where} is {got.en}, expected {expected.en}."),
            Both(
                "请核对各个数据库地址的设置，每个库要有自己的地址。", "Check the settings: each database has an address of its own."
            ),
        )
    if found is not None and found > newest_revision(which):
        raise SchemaOutdated(
            Both(
                f"数据库 {where} 的表是 {found} 版，比本程序新。", f"The tables of {where} are at {found}: newer than this program."
            ),
            Both("请升级 czt 后再运行。", "Upgrade czt, then run this again."),
        )
    return bool(found == newest_revision(which))


def newest_revision(which: Which) -> str:
    """The last migration: their files are `<revision>_<words>.py`, in rising order."""
    versions = files("deploy") / "migrations" / which / "versions"
    return max(one.name.partition("_")[0] for one in versions.iterdir() if one.name[:1].isdigit())
