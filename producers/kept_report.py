"""The answer to an import as it is kept: a hundred thousand rows are 70 MB of JSON, and some megabytes packed."""

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from schemas.codec import canonical

ROWS_A_LINE = 1_000
"""Rows that are turned into text at once."""

QUICK = 1
"""Level of compression: the others save little and cost seconds."""


def packed(answer: Mapping[str, Any]) -> bytes:
    """Deflated lines of canonical JSON: the answer without its rows, then some rows on each."""
    deflater = zlib.compressobj(QUICK)
    return b"".join([*(deflater.compress(line + b"\n") for line in _lines(answer)), deflater.flush()])


def _lines(answer: Mapping[str, Any]) -> Iterator[bytes]:
    yield canonical(dict(answer) | {"rows": []})
    rows = answer["rows"]
    for start in range(0, len(rows), ROWS_A_LINE):
        yield canonical(rows[start : start + ROWS_A_LINE])


def unpacked(kept: bytes) -> dict[str, Any]:
    """The answer as it was. Raises `zlib.error` or `ValueError` when the bytes are not one."""
    head, *lines = zlib.decompress(kept).splitlines()
    answer: dict[str, Any] = orjson.loads(head)
    answer["rows"] = [row for line in lines for row in orjson.loads(line)]
    return answer
