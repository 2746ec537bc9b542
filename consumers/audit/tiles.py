"""The log as tiles (C2SP tlog-tiles): rows of 256 hashes of the Merkle tree, and bundles of entries, read from the log itself.

A tile of level L holds roots of perfect subtrees of 256^L entries, so what is full never changes. The roots of full tiles of
level 0 are remembered, 32 bytes for 256 entries; everything above is computed from them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from schemas.errors import Both, Overloaded
from schemas.tables import store as t
from schemas.tree import leaf_hash, root_of_hashes

HEIGHT = 8
MOST_READ = 512
"""Tiles of level 0 read for one question: 128 Ki entries. What is above costs whoever asks first several questions."""

_PATH = re.compile(r"(?P<level>entries|[0-5])/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class TilePath:
    """Which tile: its level (None: the entries themselves), its index in the level, and its width, 256 unless partial."""

    level: int | None
    index: int
    width: int = 1 << HEIGHT


def tile_path(path: str) -> TilePath | None:
    """What stands behind `tile/`: `0/x001/067`, `1/000.p/17`, `entries/000`; None when it can't name a tile."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    digits = found["index"].replace("x", "").replace("/", "")
    width = int(found["width"] or 1 << HEIGHT)
    shortest = digits.lstrip("0").rjust(3, "0")
    if width > 1 << HEIGHT or (found["width"] and width == 1 << HEIGHT) or len(digits) != (len(shortest) + 2) // 3 * 3:
        return None
    return TilePath(None if found["level"] == "entries" else int(found["level"]), int(digits), width)


class Tiles:
    """Tiles of one log, for several threads at once: two that miss the same root both compute it. `height` is 8 but in tests."""

    def __init__(self, height: int = HEIGHT) -> None:
        self._width = 1 << height
        self._roots: dict[int, bytes] = {}

    def read(self, connection: Connection, size: int, path: TilePath) -> bytes | None:
        """The tile's bytes in a log of this size; None when the log does not reach so far. Raises `Overloaded`."""
        level = path.level or 0
        first = path.index * self._width
        end = first + path.width
        if end > size // self._width**level:
            return None
        if path.level is None:
            return b"".join(len(leaf).to_bytes(2) + leaf for leaf in _leaves(connection, first, end))
        if level == 0:
            return b"".join(map(leaf_hash, _leaves(connection, first, end)))
        below = self._width ** (level - 1)
        roots = self._roots_of(connection, first * below, end * below)
        return b"".join(root_of_hashes(roots[start : start + below]) for start in range(0, len(roots), below))

    def _roots_of(self, connection: Connection, first: int, end: int) -> list[bytes]:
        """Roots of the full tiles of level 0 from `first` to before `end`."""
        missing = [number for number in range(first, end) if number not in self._roots]
        for number in missing[:MOST_READ]:
            leaves = _leaves(connection, number * self._width, (number + 1) * self._width)
            self._roots[number] = root_of_hashes(map(leaf_hash, leaves))
        if len(missing) > MOST_READ:
            raise Overloaded(
                Both("这一段的哈希还没有算完。", "The hashes of this stretch are not computed yet."),
                Both("请再问一次，接着算。", "Ask again: it goes on where it stopped."),
            )
        return [self._roots[number] for number in range(first, end)]


def _leaves(connection: Connection, first: int, end: int) -> Iterator[bytes]:
    table = t.audit_entry
    query = select(table.c.leaf).where(table.c.idx >= first, table.c.idx < end).order_by(table.c.idx)
    yield from map(bytes, connection.execute(query).scalars())
