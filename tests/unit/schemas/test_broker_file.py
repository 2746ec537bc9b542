"""How headers, keys and odd cells of the embedded broker's file are read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.broker_file import headers_of, milliseconds, octets, partition_of, written

NAMES = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(NAMES, st.binary())))
def test_headers_come_back_as_they_went(headers: list[tuple[str, bytes]]) -> None:
    """Order, repeated names and every byte survive."""
    assert headers_of(written(tuple(headers)).encode()) == tuple(headers)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        7,
        b"",
        b"\xff",
        b"{}",
        b"null",
        b"[1]",
        b'["ab"]',
        b'[["name"]]',
        b'[["name", null]]',
        b'[[1, "QQ=="]]',
        b'[["name", "not base64!"]]',
        b'[["name", "QQ==\\n"]]',
        '[["name", "长沙"]]'.encode(),
        b'[["\\ud800", "QQ=="]]',
        b'[["good", "QQ=="], ["bad"]]',
        b"[" * 100_000,
    ],
)
def test_headers_that_cannot_be_read_are_none(stored: object) -> None:
    """Anything but a JSON list of [name, base64] counts as no headers, in whole."""
    assert headers_of(stored) == ()


@given(st.one_of(st.none(), st.integers(), st.floats(), st.binary()))
def test_no_headers_cell_raises(stored: object) -> None:
    """Whatever others put there is read."""
    assert isinstance(headers_of(stored), tuple)


def test_cells_of_other_types_are_read_as_bytes() -> None:
    """NULL is None, text (which comes as bytes) itself, a number its digits."""
    assert [octets(cell) for cell in (None, b"", b"text", 12, 1.5)] == [None, b"", b"text", b"12", b"1.5"]


def test_a_timestamp_that_is_no_integer_is_zero() -> None:
    """Only integers are milliseconds."""
    assert [milliseconds(cell) for cell in (1_700_000_000_000, None, b"now", 1.5)] == [1_700_000_000_000, 0, 0, 0]


@given(st.binary(), st.integers(1, 20))
def test_a_key_has_one_partition(key: bytes, partitions: int) -> None:
    """It is the same each time and there is one."""
    assert partition_of(key, partitions) == partition_of(key, partitions)
    assert 0 <= partition_of(key, partitions) < partitions


def test_no_key_is_the_first_partition() -> None:
    """A record without a key goes to partition 0."""
    assert partition_of(None, 3) == 0
