"""Waiting for the log to grow: one look at the store for all who wait, none while nobody does."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from anyio import to_thread

from schemas.errors import Both, Overloaded

LOOK_SECONDS = 0.25
"""How often the store is asked for its size while somebody waits: what a change takes at most until those who wait have it."""
MOST_WAITING = 100
"""Readers who wait at the same time; each holds a connection of this process, none of the database's."""


class Tide:
    """The size of the log, as far as it was seen. `size` asks the store for it and may block."""

    def __init__(self, size: Callable[[], int]) -> None:
        self._size = size
        self._looking = asyncio.Lock()
        self._seen = -1
        self._looked = float("-inf")
        self.waiting = 0

    @contextmanager
    def waiter(self) -> Iterator[None]:
        """Count one more who waits. Raises `Overloaded` when there are too many."""
        if self.waiting >= MOST_WAITING:
            raise Overloaded(
                Both(f"已有 {self.waiting} 个请求在等候。", f"{self.waiting} readers wait already."),
                Both("请稍后再试，或不带 wait 查询。", "Ask again later, or without `wait`."),
            )
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1

    async def above(self, size: int) -> bool:
        """Wait a moment; whether the log is longer than `size` now. Raises `StoreUnavailable`."""
        await asyncio.sleep(LOOK_SECONDS)
        async with self._looking:
            if time.monotonic() - self._looked >= LOOK_SECONDS:
                self._seen = await to_thread.run_sync(self._size)
                self._looked = time.monotonic()
        return self._seen > size
