"""Paths of tiles are those of C2SP tlog-tiles and no others: two ways to write one would be two tiles."""

import pytest

from consumers.audit.tiles import TilePath, tile_path


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("0/000", TilePath(0, 0)),
        ("0/x001/067", TilePath(0, 1067)),
        ("3/x001/x234/067", TilePath(3, 1_234_067)),
        ("1/999.p/1", TilePath(1, 999, 1)),
        ("entries/x001/000.p/255", TilePath(None, 1000, 255)),
    ],
)
def test_a_path_names_a_tile(path: str, tile: TilePath) -> None:
    """Groups of three digits, all but the last after an x; a partial tile with its width."""
    assert tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        *("", "0", "0/0", "0/0000", "0/x000/001", "0/1/001", "0/001/x001", "6/000", "-1/000", "00/000", "entry/000"),
        *("0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/", "0/000.p/999", "0/000/", "0/０００", "data/000", "0/000.p/1/2"),
    ],
)
def test_anything_else_names_none(path: str) -> None:
    """Leading groups of zeros, full widths, other digits: refused rather than guessed."""
    assert tile_path(path) is None
