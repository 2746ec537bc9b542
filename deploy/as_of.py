"""The store as it was at an index or a time: the log folded again up to there."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from consumers.replay.replay import fold_through
from consumers.store import log, queries
from deploy.verifying import empty_store
from deploy.wiring import Wiring
from schemas.codec import moment_of
from schemas.errors import AnswerIsNo, Both, UsageError
from schemas.tables import store as t

if TYPE_CHECKING:
    from consumers.store.load import Loader

ALL = 10_000_000
"""No page: whoever asks what was known wants all of it."""


@contextmanager
def store_at(wiring: Wiring, index: int) -> "Iterator[Loader]":
    """What the store said right after audit entry `index`. Raises `LogRolledBack`, `StoreUnavailable`."""
    with closing(stores_at(wiring, [index])) as found:
        yield next(found)[1]


def stores_at(wiring: Wiring, indexes: Iterable[int]) -> "Generator[tuple[int, Loader]]":
    """The same for several entries, in one pass: each index, rising, with what the store said right after it."""
    with empty_store(wiring) as fresh:
        for index in fold_through(wiring.store, fresh, indexes):
            with fresh.snapshot() as loader:
                yield index, loader


def index_of(wiring: Wiring, at: str) -> tuple[int, str]:
    """The index that an index or an RFC 3339 time means (the last entry not after it), and when it was recorded.

    Raises `UsageError` for words that are neither, `AnswerIsNo` when the log has no such entry.
    """
    table = t.audit_entry
    with wiring.store.snapshot() as loader:
        if at.isdecimal() and at.isascii():
            wanted = select(table.c.idx, table.c.recorded_us).where(table.c.idx == int(at[:18]))
        else:
            last = select(func.max(table.c.idx)).where(table.c.recorded_us <= log.micros(_moment(at))).scalar_subquery()
            wanted = select(table.c.idx, table.c.recorded_us).where(table.c.idx == last)
        row = loader.connection.execute(wanted).one_or_none()
        size = log.size(loader.connection)
    if row is None:
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
            Both(f"--at 的值“{words}”既不是序号也不是时间。", f"--at {words!r} is neither an index nor a time."),
            Both("应写成 120 或 2021-07-22T09:00:00+08:00。", "Write 120 or 2021-07-22T09:00:00+08:00."),
        ) from None


def as_of(wiring: Wiring, at: str, valid_on: str | None, product: str | None, entry: tuple[str, str] | None) -> dict[str, Any]:
    """`audit as-of`: the products as they were, on the day the store had then or on `valid_on`; of one key or entry, or all.

    Raises `AnswerIsNo` when the log has no such entry, `UsageError`, `LogRolledBack`.
    """
    index, recorded_at = index_of(wiring, at)
    with store_at(wiring, index) as loader:
        keys = None if product is None else {product}
        if entry is not None:
            keys = {found.product_key for found in loader.listings([entry]).values() if found.key == entry}
        shown = queries.products(loader, day=valid_on, limit=ALL, keys=keys)
    return {
        "index": index,
        "recorded_at": recorded_at,
        "valid_on": shown["day"],
        "preference": shown["preference"],
        "products": shown["products"],
    }
