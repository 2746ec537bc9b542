"""The answer to an import as it is kept: a hundred thousand rows are 70 MB of JSON, and some megabytes packed."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import orjson

from schemas.codec import canonical

ROWS_A_LINE = 1_000
"""Rows that are turned into text, or back, at once."""

PIECE_BYTES = 64 * 1024

QUICK = 1
"""Level of compression: the others save little and cost seconds."""


def packed(summary: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Deflated lines of JSON: the answer without its rows, then some rows on each."""
    deflater = zlib.compressobj(QUICK)
    return b"".join([*(deflater.compress(line + b"\n") for line in _lines(summary, rows)), deflater.flush()])


def _lines(summary: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    yield canonical(dict(summary))
    left = iter(rows)
    while some := list(islice(left, ROWS_A_LINE)):
        yield canonical(some)


def summary_of(kept: bytes) -> dict[str, Any]:
    """The answer without its rows. Raises `zlib.error` or `ValueError` when the bytes are not one."""
    answer: dict[str, Any] = orjson.loads(next(_unpacked(kept)))
    return answer


class KeptRows:
    """The rows of a kept answer, unpacked some at a time whenever they are walked through."""

    def __init__(self, kept: bytes) -> None:
        self._kept = kept

    def __iter__(self) -> Iterator[dict[str, Any]]:
        lines = _unpacked(self._kept)
        next(lines)
        return (row for line in lines for row in orjson.loads(line))

    def not_accepted(self) -> Iterator[dict[str, Any]]:
        """Those that a person has to look at."""
        return (row for row in self if row["outcome"] != "accept")


def _unpacked(kept: bytes) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    left = b""
    for start in range(0, len(kept), PIECE_BYTES):
        *lines, left = (left + inflater.decompress(kept[start : start + PIECE_BYTES])).split(b"\n")
        yield from lines
    if left or not inflater.eof:
        raise ValueError("a kept report is cut off")
