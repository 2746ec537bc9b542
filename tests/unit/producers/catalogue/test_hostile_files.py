"""Files made to exhaust the reader: each is refused, and none takes the memory of a large catalogue."""

import io
import re
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest

from schemas.errors import FileRefused
from tests.unit.producers.catalogue.catalogues import csv_bytes, grid, read, rewritten, row, xlsx

GOOD = xlsx(grid([row(1)]))
MEMORY = 20 * 1024 * 1024
"""Bytes that refusing one of these may take, several times less than what it claims to hold."""

LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'


def _in_rows(more: bytes) -> bytes:
    return rewritten(GOOD, "sheet1.xml", lambda part: part.replace(b"</sheetData>", more + b"</sheetData>"))


def _head(part: str, declaration: bytes) -> bytes:
    return rewritten(GOOD, part, lambda old: declaration + re.sub(rb"^<\?xml[^>]*\?>", b"", old))


def _with_part(name: str, content: bytes = b"<x/>") -> bytes:
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return out.getvalue()


def _wrong_crc() -> bytes:
    """The directory and the header of the sheet both name a checksum that its bytes don't have."""
    with zipfile.ZipFile(io.BytesIO(GOOD)) as package:
        crc = package.getinfo("xl/worksheets/sheet1.xml").CRC.to_bytes(4, "little")
    return GOOD.replace(crc, bytes(4))


LARGE = 30_000_000
FILES: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "formatted rows": ("目录.xlsx", "file_too_large", lambda: _in_rows(b'<row ht="9"/>' * 209_000)),
    "comment": ("目录.xlsx", "file_too_large", lambda: _in_rows(b"<!--" + b"A" * LARGE + b"-->")),
    "attribute": ("目录.xlsx", "file_too_large", lambda: _in_rows(b'<row r="9" x="' + b"A" * LARGE + b'"/>')),
    "cell": ("目录.xlsx", "file_too_large", lambda: _in_rows(b'<row r="9"><c r="A9"><v>' + b"1" * LARGE + b"</v></c></row>")),
    "depth": ("目录.xlsx", "file_unreadable", lambda: _in_rows(b"<c>" * 1_000_000)),
    "formats": ("目录.xlsx", "file_too_large", lambda: rewritten(GOOD, "styles.xml", lambda part: part + b" " * LARGE)),
    "entities": ("目录.xlsx", "file_unreadable", lambda: _head("sheet1.xml", LAUGHS)),
    "entities of the workbook": ("目录.xlsx", "file_unreadable", lambda: _head("workbook.xml", LAUGHS)),
    "outside entity": ("目录.xlsx", "file_unreadable", lambda: _head("styles.xml", OUTSIDE)),
    "path": ("目录.xlsx", "file_unreadable", lambda: _with_part("../../evil.xml")),
    "absolute path": ("目录.xlsx", "file_unreadable", lambda: _with_part("/etc/evil.xml")),
    "same name": ("目录.xlsx", "file_unreadable", lambda: _with_part("XL/workbook.xml")),
    "checksum": ("目录.xlsx", "file_unreadable", _wrong_crc),
    "truncated": ("目录.xlsx", "file_unreadable", lambda: GOOD[: len(GOOD) - 60]),
    "line": ("目录.csv", "file_unreadable", lambda: b"a," * 1_000_000),
    "columns": ("目录.csv", "file_unreadable", lambda: (b"," * 150_000 + b"\n") * 20),
    "nul": ("目录.csv", "file_unreadable", lambda: csv_bytes(grid([row(1)])).replace(b"2020", b"2\x0020")),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_hostile_file_is_refused(name: str) -> None:
    """A clear refusal, within bounds of memory that its contents would pass many times over."""
    file_name, reason, made = FILES[name]
    data = made()
    tracemalloc.start()
    try:
        with pytest.raises(FileRefused) as found:
            read(data, file_name)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.value.reason == reason
    assert peak < MEMORY + 2 * len(data)


def test_claimed_dimension_counts_for_nothing() -> None:
    """What a sheet says of its own size is not believed."""
    data = rewritten(GOOD, "sheet1.xml", lambda part: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:A1"', part))
    assert read(data).totals["accept"] == 1
