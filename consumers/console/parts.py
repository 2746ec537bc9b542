"""What the console is given: the store to read, and what only the process around it can find out."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from consumers.audit.archive import Archived
from consumers.audit.tiles import Tiles
from consumers.console.problems import DEFAULT, Lang
from consumers.store.load import Loader
from consumers.store.store import Store
from schemas.city import City


@dataclass(frozen=True)
class Parts:
    """All of it may be called from several threads at once.

    `status`: the answer of `hub status`. `then`: what the store said right after an audit entry; raises `Overloaded`.
    `checkpoint`: the newest signed one, None before the first. `observe`: told of each answer its route, status, seconds.
    `stopping`: whether the process is on its way out, so that nobody is kept waiting. `version`: the program's.
    """

    store: Store
    cities: tuple[City, ...]
    status: Callable[[], dict[str, Any]]
    then: Callable[[int], AbstractContextManager[Loader]]
    checkpoint: Callable[[], Archived | None]
    observe: Callable[[str, int, float], None]
    stopping: Callable[[], bool]
    version: str
    tiles: Tiles = field(default_factory=Tiles)
    lang: Lang = DEFAULT

    def named(self, word: str) -> str:
        """A city's Chinese name by its word."""
        return next((city.zh for city in self.cities if city.word == word), word)
