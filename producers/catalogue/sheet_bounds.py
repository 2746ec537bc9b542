"""How much a workbook's sheets and texts hold, counted in their bytes before any of them is parsed: counting costs a hundredth.

The counts are upper bounds for sheets as programs write them; what slips through is stopped while it is parsed.
"""

import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from producers.catalogue.package_guard import too_large
from producers.catalogue.sheet import Cell, Limits
from producers.catalogue.xml_part import MAX_ELEMENTS, opened, pieces
from schemas.errors import FileRefused

TAGS_OF_A_CELL = 6
"""`<c><is><t></t></is></c>`: a text that stands in the sheet itself."""


LOOKED_AT_AFTER = 1_000
"""Rows after which a sheet must look like what is wanted; its header stands in the first hundred."""

Rows = Mapping[int, Mapping[int, Cell]]
"""Cells by row number and 0-based column."""


class NotWanted(Exception):
    """The rows so far are not what is looked for: reading millions more of them would tell nothing."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Of one part or several: elements by their first letters, and tags of any kind."""

    rows: int = 0
    cells: int = 0
    texts: int = 0
    tags: int = 0

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(self.rows + other.rows, self.cells + other.cells, self.texts + other.texts, self.tags + other.tags)


def refuse_too_much(package: zipfile.ZipFile, sheets: Iterable[str], strings: str | None, limits: Limits) -> None:
    """Raises `FileRefused` (`file_too_large`) when the visible sheets together, or the texts, are beyond the limits."""
    found = sum((_counted(package, part) for part in sheets), Counted())
    if found.rows > limits.rows:
        raise too_large(
            f"工作表的行（含只有格式的空行）多于 {limits.rows} 行。",
            f"its sheets have more than {limits.rows} rows, formatted empty ones included.",
        )
    if found.cells > limits.cells:
        raise too_many_cells(limits)
    if found.tags - TAGS_OF_A_CELL * found.cells > MAX_ELEMENTS:
        raise too_large("工作表的 XML 元素过多。", "its sheets have too many XML elements.")
    if strings is not None and _counted(package, strings).texts > limits.texts:
        raise too_large(f"不同的文字多于 {limits.texts} 条。", f"it has more than {limits.texts} texts.")


def too_many_cells(limits: Limits) -> FileRefused:
    """`file_too_large` with the limit of cells."""
    return too_large(
        f"单元格（含只有格式的空格）多于 {limits.cells} 个。",
        f"it has more than {limits.cells} cells, formatted empty ones included.",
    )


def _counted(package: zipfile.ZipFile, name: str) -> Counted:
    with opened(package, name) as part:
        return sum(map(_in_piece, pieces(part)), Counted())


def _in_piece(piece: bytes) -> Counted:
    return Counted(_named(piece, b"row"), _named(piece, b"c"), _named(piece, b"si"), piece.count(b"<"))


def _named(piece: bytes, name: bytes) -> int:
    """Elements whose name begins so, under no prefix or any: a prefixed one is seen where it begins and where it ends."""
    return piece.count(b"<" + name) + piece.count(b":" + name) // 2
