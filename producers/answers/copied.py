"""The clerk's own workbook with marks: same sheets, formats, widths, merges and hidden rows, as far as openpyxl keeps them."""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from producers.answers import marking
from producers.answers.remarks import RowRemark
from producers.catalogue.answer_columns import LABELS, answer_columns, without_answers
from producers.catalogue.sheet import Cell, CellKind, Sheet
from producers.sheet_text import BOLD, WRAPPED, put_text

UNREADABLE = (InvalidFileException, zipfile.BadZipFile, ParseError, LookupError, ValueError, TypeError, AttributeError, OSError)
"""What openpyxl raises on workbooks that spreadsheets and our reader take: it wants every part of them to be in order. It reads
from memory, so that an OSError too is only its word for a part that it misses."""

NOT_KEPT: Mapping[str, str] = {
    "xl/media/": "图片",
    "xl/charts/": "图表",
    "xl/pivotTables/": "数据透视表",
    "xl/externalLinks/": "外部链接",
    "xl/activeX/": "控件",
    "xl/ctrlProps/": "控件",
    "xl/slicers/": "切片器",
    "xl/vbaProject.bin": "宏",
}
"""Parts of a workbook that openpyxl leaves out."""

_OWN_COLOURS = frozenset(f"00{colour}" for colour in marking.COLOURS.values())


class NotCopied(Exception):
    """openpyxl can't read the workbook; the answer is written anew then."""


def marked_copy(
    data: bytes,
    sheet: Sheet,
    header: int,
    remarks: Iterable[RowRemark],
    summary: Sequence[str],
) -> bytes:
    """The workbook with marks, two columns and a summary sheet. `sheet` is the catalogue's as our reader has it.

    Raises `NotCopied`.
    """
    try:
        book = load_workbook(BytesIO(data), rich_text=True, keep_links=False)
        copied = book[sheet.name or ""]
    except UNREADABLE as error:
        raise NotCopied(repr(error)) from error
    _clean(copied, sheet)
    width = max((len(row.cells) for row in without_answers(sheet).rows), default=0)
    _put_values(copied, sheet)
    _label(copied, header, width)
    _mark(copied, width, remarks)
    if marking.SUMMARY_SHEET in book.sheetnames:
        del book[marking.SUMMARY_SHEET]
    marking.write_summary(book.create_sheet(marking.SUMMARY_SHEET), summary)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def left_out(data: bytes) -> tuple[str, ...]:
    """What of a workbook the copy won't have, in words; formulas always become their values."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        names = package.namelist()
    found = (words for part, words in NOT_KEPT.items() if any(name.startswith(part) for name in names))
    return tuple(dict.fromkeys(found))


def _clean(copied: Any, sheet: Sheet) -> None:
    """Take away what an earlier answer wrote, so that rounds don't pile up."""
    old = answer_columns(sheet)
    # Only cells that exist: walking over rows would make every cell of a sheet that claims to reach to XFD1048576.
    for cell in list(copied._cells.values()):
        if isinstance(cell, MergedCell):
            continue
        if old.get(cell.column - 1, cell.row + 1) <= cell.row:
            cell.value, cell.fill = None, PatternFill()
        elif cell.comment is not None and (before := marking.before_ours(cell.comment)) is not None:
            cell.comment = marking.comment_of_others(before)
            if cell.fill.fgColor.rgb in _OWN_COLOURS:
                cell.fill = PatternFill()


def _put_values(copied: Any, sheet: Sheet) -> None:
    """A formula's value in its place: a copy has no cached values, and nothing would be read of it."""
    for row in sheet.rows:
        for column, value in enumerate(row.cells, 1):
            cell = copied.cell(row.number, column)
            if cell.data_type == "f":
                _put_value(cell, value)


def _put_value(cell: Any, value: Cell) -> None:
    if value.day is not None:
        cell.value = value.day
    elif value.kind is CellKind.NUMBER:
        cell.value = value.number
    elif value.is_blank:
        cell.value = None
    else:
        put_text(cell, value.text)


def _label(copied: Any, header: int, width: int) -> None:
    for place, label in enumerate(LABELS, width + 1):
        cell = copied.cell(header, place)
        put_text(cell, label)
        cell.font, cell.alignment = BOLD, WRAPPED
    copied.column_dimensions[get_column_letter(width + 1)].width = marking.OUTCOME_WIDTH
    copied.column_dimensions[get_column_letter(width + 2)].width = marking.ADVICE_WIDTH


def _mark(copied: Any, width: int, remarks: Iterable[RowRemark]) -> None:
    anchors = {cell: area.start_cell for area in copied.merged_cells.ranges for cell in area.cells}
    marked: set[str] = set()
    for one in remarks:
        marking.mark_answer(copied.cell(one.row, width + 1), copied.cell(one.row, width + 2), one)
        for remark in one.cells:
            cell = anchors.get((one.row, remark.column)) or copied.cell(one.row, remark.column)
            # A merged cell stands for several rows; what is wrong with the first of them is wrong with all.
            if cell.coordinate not in marked:
                marking.mark_cell(cell, remark, str(cell.comment.text) if cell.comment is not None else "")
                marked.add(cell.coordinate)
