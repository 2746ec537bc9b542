"""What a database driver raised, as an error of our tree: silent for now, unusable as it is, or without our tables."""

import re
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from schemas.errors import Both, CztError, DatabaseUnusable, SchemaOutdated, StoreUnavailable

SILENT_NEXT = Both(
    "请检查设置里的地址，确认数据库已启动、网络通畅，再运行一次；没有写坏任何数据。",
    "Check the address in the settings and that the database runs; then start again. Nothing was half written.",
)
NO_TABLES = re.compile(r'no such table|relation "[^"]*" does not exist')
NO_RIGHT = re.compile("permission denied")

PASSWORD_NEXT = Both(
    "请核对用户名和密码。密码写在 PGPASSFILE 指向的文件里（权限 0600），不要写进地址。",
    "Check user name and password. The password belongs in the file that PGPASSFILE names (mode 0600), not in the address.",
)
_POSTGRES_REFUSES: tuple[tuple[str, Both], ...] = (
    ("password authentication failed|no password supplied|empty password returned", PASSWORD_NEXT),
    (r'role "[^"]*" does not exist', PASSWORD_NEXT),
    (
        r'database "[^"]*" does not exist',
        Both(
            "请核对地址里的库名；确实还没有的，先用 createdb 建库。",
            "Check the name in the address; make the database (createdb) first.",
        ),
    ),
    (
        "no pg_hba.conf entry|server does not support SSL",
        Both("请数据库管理员在 pg_hba.conf 中放行本机和该用户。", "Have pg_hba.conf admit this machine and this user."),
    ),
)
"""What libpq says of a server that answers and does not let us in: no SQLSTATE reaches us for these."""

_SQLITE_REFUSES: dict[str, tuple[Both, Both]] = {
    "SQLITE_NOTADB": (
        Both("不是数据库文件", "the file is no SQLite database"),
        Both("请核对设置：地址指向了别的文件。", "Check the setting: it names another file."),
    ),
    "SQLITE_CORRUPT": (
        Both("数据库文件已损坏", "the database file is damaged"),
        Both("请停用，保留这个文件，从备份恢复。", "Stop, keep the file, and restore a backup."),
    ),
    "SQLITE_READONLY": (
        Both("数据库文件只读", "the database file is read-only"),
        Both(
            "请用有写权限的用户运行，或改正文件和目录的权限。",
            "Run this as a user who may write, or correct the rights of file and folder.",
        ),
    ),
    "SQLITE_CANTOPEN": (
        Both("打不开数据库文件", "the database file can't be opened"),
        Both(
            "请检查路径是否正确、目录是否存在、当前用户有无权限。",
            "Check the path, that its folder exists, and that this user may use it.",
        ),
    ),
    "SQLITE_FULL": (
        Both("磁盘已满", "the disk is full"),
        Both("请清出磁盘空间后再运行一次；没有写坏任何数据。", "Free some space and start again; nothing was half written."),
    ),
}
_PASSING = ("SQLITE_IOERR", "SQLITE_PROTOCOL", "SQLITE_LOCKED")
HELD_NEXT = Both(
    "请稍等再试。SQLite 上若对方一直不动，让它继续或将它结束（kill -9 不会丢失已提交的数据）。",
    "Wait for it. On SQLite, if it stands still, let it go on or end it (kill -9 loses nothing that was committed).",
)


def explained(error: DBAPIError, url: URL) -> CztError | None:
    """The error as `StoreUnavailable`, `DatabaseUnusable` or `SchemaOutdated`; None when it is a defect of ours.

    Says the database's own first line and the address, without password, statement or parameters.
    """
    where, line = url.render_as_string(hide_password=True), first_line(error)
    if NO_TABLES.search(line):
        return SchemaOutdated(
            Both(f"数据库 {where} 缺少本程序的表：{line}", f"The database {where} lacks tables of this program: {line}"),
            Both("请核对地址；地址没错的，运行 czt init。", "Check the address; if it is right, run `czt init`."),
        )
    if "database is locked" in line or "lock timeout" in line:
        return StoreUnavailable(
            Both(
                f"另一个程序占着数据库 {where} 中要用的部分：{line}",
                f"Another process holds what is needed of the database {where}: {line}",
            ),
            HELD_NEXT,
        )
    if url.get_backend_name() == "sqlite":
        return _sqlite(error, url, where)
    if NO_RIGHT.search(line):
        return _unusable(
            where, line, Both("请数据库管理员授予该用户权限。", "Have the database's owner grant this user the right.")
        )
    if isinstance(error, OperationalError | InterfaceError):
        for pattern, next_step in _POSTGRES_REFUSES:
            if found := re.search(f".*({pattern}).*", str(error.orig)):
                return _unusable(where, found[0].rpartition("FATAL:")[2].strip(), next_step)
        return _silent(where, line)
    # A session that the server ended for its silence (25P03) comes as an InternalError.
    return _silent(where, line) if error.connection_invalidated else None


def first_line(error: DBAPIError) -> str:
    """What the driver said, one line."""
    lines = str(error.orig).strip().splitlines() if error.orig is not None else []
    return lines[0] if lines else "no answer"


def _sqlite(error: DBAPIError, url: URL, where: str) -> CztError | None:
    name = getattr(error.orig, "sqlite_errorname", "")
    for known, (what, next_step) in _SQLITE_REFUSES.items():
        if name.startswith(known):
            if known == "SQLITE_CANTOPEN" and url.database and Path(url.database).is_dir():
                what = Both("那是一个文件夹", "that is a folder")
            kind = StoreUnavailable if known == "SQLITE_FULL" else DatabaseUnusable
            return kind(Both(f"{where}：{what.zh}。", f"{where}: {what.en}."), next_step)
    return _silent(where, first_line(error)) if name.startswith(_PASSING) else None


def _unusable(where: str, line: str, next_step: Both) -> DatabaseUnusable:
    return DatabaseUnusable(Both(f"数据库 {where} 拒绝了我们：{line}", f"The database {where} refuses us: {line}"), next_step)


def _silent(where: str, line: str) -> StoreUnavailable:
    return StoreUnavailable(Both(f"数据库 {where} 没有应答：{line}", f"The database {where} did not answer: {line}"), SILENT_NEXT)
