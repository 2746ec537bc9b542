"""Text as a workbook holds it: what looks like a formula or like an escape of Excel's stays the text that it is."""

import re
from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

FORMULA_STARTS = ("=", "+", "-", "@")

WRAPPED = Alignment(wrap_text=True, vertical="top")
BOLD = Font(bold=True)


def sheet_text(value: str) -> str:
    """The text with `_x000D_` and the like escaped (ECMA-376 22.4.2.4), without controls that XML can't hold."""
    return _CONTROLS.sub("", _LOOKS_ESCAPED.sub("_x005F_", value)).replace("\r", "_x000D_")


def put_text(cell: Any, value: str) -> None:
    """Write text into an openpyxl cell so that no program takes it for a formula, and digits typed there stay text."""
    cell.value = sheet_text(value)
    cell.data_type = "s"
    cell.number_format = "@"


def text_cell(sheet: Any, words: str, font: Font | None = None) -> Any:
    """A cell of a write-only sheet that holds a text for people, wrapped."""
    cell = WriteOnlyCell(sheet)
    put_text(cell, words)
    cell.alignment = WRAPPED
    if font is not None:
        cell.font = font
    return cell
