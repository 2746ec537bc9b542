"""The tree computed again, entry by entry, with its frontier remembered at the sizes somebody asks about."""

from collections.abc import Iterable

from schemas.tree import Frontier, leaf_hash

_CHUNK = 4_096


class Roots:
    """Follows the leaves of a log. `sizes`: where to remember the frontier; others are forgotten."""

    def __init__(self, sizes: Iterable[int]) -> None:
        self._wanted = set(sizes)
        self._waiting: list[bytes] = []
        self._frontier = Frontier()
        self.size = 0
        self.at: dict[int, Frontier] = {0: self._frontier}

    def add(self, leaf: bytes) -> None:
        """The next leaf."""
        self._waiting.append(leaf_hash(leaf))
        self.size += 1
        if self.size in self._wanted:
            self.at[self.size] = self.frontier()
        elif len(self._waiting) == _CHUNK:
            self.frontier()

    def frontier(self) -> Frontier:
        """The frontier of all leaves so far."""
        self._frontier = self._frontier.extend_hashes(self._waiting)
        self._waiting.clear()
        return self._frontier
