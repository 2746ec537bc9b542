"""The store as it was at an index or a time: the log folded again up to there."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from consumers.replay.replay import fold_through
from consumers.store import queries
from deploy.verifying import empty_store
from deploy.wiring import Wiring

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


def as_of(wiring: Wiring, at: str, valid_on: str | None, product: str | None, entry: tuple[str, str] | None) -> dict[str, Any]:
    """`audit as-of`: the products as they were, on the day the store had then or on `valid_on`; of one key or entry, or all.

    Raises `AnswerIsNo` when the log has no such entry, `UsageError`, `LogRolledBack`.
    """
    with wiring.store.snapshot() as loader:
        index, recorded_at = queries.entry_at(loader, at)
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
