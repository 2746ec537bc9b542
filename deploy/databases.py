"""Engines: SQLite in WAL with full synchronisation, PostgreSQL through psycopg; writers lock at once, readers have snapshots."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError

from deploy.silent_sessions import SILENCE_SECONDS, end_silent, session_settings
from schemas.errors import Both, SettingsInvalid, UnsafeDatabase
from schemas.tables.transactions import transaction

_ADDRESS = Both("请用 sqlite:///… 或 postgresql+psycopg://…", "Use sqlite:///… or postgresql+psycopg://…")
BUSY_TIMEOUT_MS = 30_000
"""How long a SQLite writer waits for another: batches take milliseconds, a demo on a slow disk a second."""


def shown(url: str) -> str:
    """The URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


def writer_engine(url: str, silence_seconds: float = SILENCE_SECONDS) -> Engine:
    """An engine whose transactions write. Raises `SettingsInvalid` for a URL of no known database.

    `silence_seconds`: after how long PostgreSQL gives up a transaction whose process says nothing (`silent_sessions`).
    On SQLite a process that was stopped inside a transaction keeps the file from all writers, readers go on: the lock is
    the system's and ends with the process, so the process has to be let on or ended. kill -9 loses nothing committed.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (DBAPIError, NoSuchModuleError, ValueError) as error:
        raise SettingsInvalid(Both(f"不是数据库地址：{url}", f"not a database address: {url}"), _ADDRESS) from error
    if backend == "sqlite":
        return _sqlite(url)
    if backend == "postgresql":
        engine = create_engine(url, pool_pre_ping=True, connect_args=session_settings(parsed, silence_seconds))
        event.listen(engine, "handle_error", end_silent(silence_seconds))
        return engine
    raise SettingsInvalid(Both(f"不支持 {backend}。", f"{backend} is not supported"), _ADDRESS)


def reader_engine(writer: Engine) -> Engine:
    """The same database for reading: each transaction sees one moment and can't write on PostgreSQL."""
    if writer.dialect.name == "sqlite":
        return writer.execution_options(czt_begin="BEGIN")
    return writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _sqlite(url: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:" and not path.startswith("file:"):  # SQLite's own form of an address
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that writes later can fail with SQLITE_BUSY at once; an immediate one waits its turn.
    connection.exec_driver_sql(connection.get_execution_options().get("czt_begin", "BEGIN IMMEDIATE"))


def check_durable(engine: Engine) -> None:
    """Refuse a PostgreSQL that may lose committed rows in a crash.

    Raises `UnsafeDatabase` when fsync, synchronous_commit or full_page_writes is off, `StoreUnavailable` when it is silent.
    """
    if engine.dialect.name != "postgresql":
        return
    with transaction(engine) as connection:
        found = {
            name: connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("fsync", "synchronous_commit", "full_page_writes")
        }
    off = ", ".join(sorted(f"{name} = off" for name, value in found.items() if value == "off"))
    if off:
        where = engine.url.render_as_string(hide_password=True)
        raise UnsafeDatabase(
            Both(
                f"PostgreSQL（{where}）的设置是 {off}：断电时可能丢失已提交的数据。",
                f"PostgreSQL ({where}) runs with {off}: committed changes could be lost in a crash",
            ),
            Both(
                "请在 postgresql.conf 中打开（该用户和该库若另有设置也要打开），重新加载后再运行。",
                "Turn it on in postgresql.conf (and for this role and database), reload, and start again.",
            ),
        )
