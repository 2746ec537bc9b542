"""A log of several levels read as tiles: what is served leads to the root of the tree, whatever the size."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, select

from consumers.audit import tiles
from consumers.audit.tiles import TilePath, Tiles
from consumers.store import log
from schemas.errors import Overloaded
from schemas.tables import store as t
from schemas.tree import Frontier, root_of
from tests.support.histories import NOW
from tests.support.log_entries import prepared
from tests.support.stores import replay_store

HEIGHT, WIDTH, LEVELS = 2, 4, 4
"""Small tiles: a hundred entries then have as many levels as millions in tiles of 256."""
ENTRIES = 100


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A connection to a store whose log has a hundred entries."""
    store = replay_store()
    with store.transaction() as writing:
        log.append(writing, store.bulk, [prepared(number) for number in range(1, ENTRIES + 1)], NOW)
    with store.snapshot() as loader:
        yield loader.connection


@pytest.fixture
def leaves(connection: Connection) -> list[bytes]:
    """Its entries."""
    return [bytes(leaf) for leaf in connection.execute(select(t.audit_entry.c.leaf).order_by(t.audit_entry.c.idx)).scalars()]


def _rows(found: bytes | None) -> list[bytes]:
    assert found is not None
    return [found[start : start + 32] for start in range(0, len(found), 32)]


@pytest.mark.parametrize("size", [1, 3, 4, 5, 15, 16, 17, 63, 64, 65, 85, ENTRIES])
def test_the_right_edge_gives_the_root(connection: Connection, leaves: list[bytes], size: int) -> None:
    """The partial tiles of a size, which a reader asks for first, are the frontier of its tree."""
    served, edge = Tiles(HEIGHT), list[bytes]()
    for level in reversed(range(LEVELS)):
        whole, rest = divmod(size >> HEIGHT * level, WIDTH)
        if rest:
            row = _rows(served.read(connection, size, TilePath(level, whole, rest)))
            edge += Frontier().extend_hashes(row).hashes
    assert Frontier(size, tuple(edge)).root() == root_of(leaves[:size])


def test_every_hash_is_that_of_its_subtree(connection: Connection, leaves: list[bytes]) -> None:
    """Each hash of a tile of level L stands for 4^L entries; beyond the log there is none."""
    served = Tiles(HEIGHT)
    for level in range(LEVELS):
        each = WIDTH**level
        for index in range(ENTRIES // each // WIDTH):
            row = _rows(served.read(connection, ENTRIES, TilePath(level, index, WIDTH)))
            starts = range(index * WIDTH * each, (index + 1) * WIDTH * each, each)
            assert row == [root_of(leaves[start : start + each]) for start in starts]
        assert served.read(connection, ENTRIES, TilePath(level, ENTRIES // each // WIDTH, WIDTH)) is None


def test_entries_come_with_their_length(connection: Connection, leaves: list[bytes]) -> None:
    """A bundle is each entry after its length in two bytes."""
    found = Tiles(HEIGHT).read(connection, ENTRIES, TilePath(None, 3, 2))
    assert found == b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves[12:14])


def test_much_is_computed_in_several_questions(
    connection: Connection, leaves: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for what is not computed yet is told to come back, and each question gets further."""
    monkeypatch.setattr(tiles, "MOST_READ", 6)
    served, asked = Tiles(HEIGHT), 0
    while asked < 10:
        asked += 1
        try:
            found = served.read(connection, ENTRIES, TilePath(2, 0, WIDTH))
        except Overloaded:
            continue
        break
    assert (asked, _rows(found)[-1]) == (3, root_of(leaves[48:64]))
