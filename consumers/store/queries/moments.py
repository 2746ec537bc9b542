"""Which entry of the log a moment means: by its index, or by the time it was recorded."""

from datetime import datetime

from sqlalchemy import func, select

from consumers.store import log
from consumers.store.load import Loader
from schemas.codec import moment_of
from schemas.errors import AnswerIsNo, Both, UsageError
from schemas.tables import store as t


def entry_at(loader: Loader, at: str) -> tuple[int, str]:
    """The index that an index or an RFC 3339 time means (the last entry not after it), and when it was recorded.

    Raises `UsageError` for words that are neither, `AnswerIsNo` when the log has no such entry.
    """
    table = t.audit_entry
    if at.isdecimal() and at.isascii():
        wanted = select(table.c.idx, table.c.recorded_us).where(table.c.idx == int(at[:18]))
    else:
        last = select(func.max(table.c.idx)).where(table.c.recorded_us <= log.micros(_moment(at))).scalar_subquery()
        wanted = select(table.c.idx, table.c.recorded_us).where(table.c.idx == last)
    row = loader.connection.execute(wanted).one_or_none()
    if row is None:
        size = log.size(loader.connection)
        raise AnswerIsNo(
            Both(f"日志里没有 {at} 这一条，共 {size} 条。", f"The log has no entry at {at}; it has {size} entries."),
            Both("请填更小的序号，或更晚的时间。", "Name an index below that, or a later time."),
        )
    return row.idx, log.recorded_at(row.recorded_us)


def _moment(words: str) -> datetime:
    try:
        return moment_of(words)
    except ValueError:
        raise UsageError(
            Both(f"at 的值“{words}”既不是序号也不是时间。", f"at: {words!r} is neither an index nor a time."),
            Both("应写成 120 或 2021-07-22T09:00:00+08:00。", "Write 120 or 2021-07-22T09:00:00+08:00."),
        ) from None
