"""An .xlsx unpacked: the visible sheets as grids of cells that keep formats, strike-through, hidden rows and merges."""

import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from producers.catalogue.package_guard import check_package, too_large, unreadable
from producers.catalogue.sheet import EMPTY, Cell, CellKind, Limits, Merge, Sheet, SheetRow, number_cell, text_cell

MAX_COLUMNS = 512
"""Columns looked at. Excel writes styled empty cells out to XFD; a catalogue has some twenty."""

_CJK_DATE_FORMATS = frozenset((*range(27, 37), *range(50, 59)))
"""Built-in number formats that are dates in Chinese Excel only (ECMA-376 18.8.30); openpyxl takes them for General."""

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    struct.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    EOFError,
    OSError,
    RuntimeError,
)
"""What openpyxl raises on damaged parts: it documents no error of its own, and trips wherever the damage is."""


def read_workbook(data: bytes, limits: Limits) -> tuple[Sheet, ...]:
    """The visible sheets of an .xlsx or .xlsm, in order.

    A formula with a cached value is that value; one without stays the formula's text.
    Raises `FileRefused`: `file_encrypted`, `file_unreadable`, `file_too_large`.
    """
    has_formula = check_package(data, limits)
    try:
        values = _load(data, data_only=True)
        formulas = _load(data, data_only=False) if has_formula else None
        return tuple(
            _sheet(sheet, formulas.worksheets[index] if formulas else None, limits)
            for index, sheet in enumerate(values.worksheets)
            if sheet.sheet_state == "visible"
        )
    except _DAMAGED as error:
        raise unreadable("工作簿已损坏。", "the workbook is damaged.") from error


def _load(data: bytes, *, data_only: bool) -> Workbook:
    """Parsed by openpyxl, whose remarks about features it doesn't keep are of no interest to a reader."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_workbook(BytesIO(data), data_only=data_only, rich_text=True, keep_links=False)


def _sheet(sheet: Worksheet, formulas: Worksheet | None, limits: Limits) -> Sheet:
    rows: dict[int, dict[int, Cell]] = {}
    # The private mapping holds only cells that are in the file; iter_rows would make every cell up to the last corner.
    for (number, column), raw in sheet._cells.items():
        if column > MAX_COLUMNS:
            continue
        cell = _cell(raw, formulas._cells.get((number, column)) if formulas else None)
        if cell is not EMPTY:
            rows.setdefault(number, {})[column - 1] = cell
    if len(rows) > limits.rows:
        raise too_large(f"工作表“{sheet.title}”多于 {limits.rows} 行。", f"sheet “{sheet.title}” has more than {limits.rows} rows.")
    epoch = 1904 if sheet.parent is not None and sheet.parent.epoch == CALENDAR_MAC_1904 else 1900
    return Sheet(sheet.title, tuple(_rows(rows, sheet, limits)), epoch, _merges(sheet))


def _rows(rows: Mapping[int, Mapping[int, Cell]], sheet: Worksheet, limits: Limits) -> Iterable[SheetRow]:
    """Rows 1 to the last one with text, the blank ones between included."""
    last = max((number for number, cells in rows.items() if any(not c.is_blank for c in cells.values())), default=0)
    if last > limits.rows:
        raise too_large(
            f"工作表“{sheet.title}”有内容的行到了第 {last} 行，上限 {limits.rows} 行。",
            f"sheet “{sheet.title}” has rows down to {last}, at most {limits.rows} are read.",
        )
    for number in range(1, last + 1):
        cells = rows.get(number, {})
        width = max(cells, default=-1) + 1
        yield SheetRow(number, tuple(cells.get(column, EMPTY) for column in range(width)), _is_hidden(sheet, number))


def _is_hidden(sheet: Worksheet, number: int) -> bool:
    """Hidden by hand, by a filter or group, by zero height, or because rows are hidden by default."""
    if number not in sheet.row_dimensions:
        return bool(sheet.sheet_format.zeroHeight)
    row = sheet.row_dimensions[number]
    return bool(row.hidden) or row.ht == 0


def _merges(sheet: Worksheet) -> dict[int, tuple[Merge, ...]]:
    merges: dict[int, list[Merge]] = {}
    for found in sheet.merged_cells.ranges:
        merge = Merge(int(found.min_row), int(found.min_col) - 1, int(found.max_row), int(found.max_col) - 1)
        merges.setdefault(merge.left, []).append(merge)
    return {column: tuple(sorted(found, key=lambda merge: merge.top)) for column, found in merges.items()}


def _cell(raw: Any, formula: Any) -> Cell:
    """One cell. `raw` and `formula` are openpyxl cells (or placeholders inside a merge), whose types say little."""
    value = raw.value
    if value is None:
        return _valueless(raw, formula)
    struck = bool(raw.has_style and raw.font is not None and raw.font.strike)
    if isinstance(value, CellRichText):
        struck = struck or any(isinstance(run, TextBlock) and bool(run.font.strike) for run in value)
        return text_cell(unescape(str(value)), struck)
    if raw.data_type == "e":
        return Cell(CellKind.ERROR, str(value), struck=struck)
    if isinstance(value, bool):
        return text_cell("TRUE" if value else "FALSE", struck)
    if isinstance(value, str):
        return text_cell(unescape(value), struck)
    if isinstance(value, int | float):
        return _number(raw, value, struck)
    return _day(value, struck)


def _valueless(raw: Any, formula: Any) -> Cell:
    """A formula that no program has calculated is not blank: it stays its own text, which no rule accepts."""
    if formula is None or formula.data_type != "f":
        return EMPTY
    text = formula.value if isinstance(formula.value, str) else getattr(formula.value, "text", None)
    return text_cell(str(text or "="))


def _number(raw: Any, value: int | float, struck: bool) -> Cell:
    if raw.has_style and raw._style.numFmtId in _CJK_DATE_FORMATS and 0 < value < 2_958_466:
        return Cell(CellKind.DATE, str(value), day=_serial_day(raw, value), struck=struck)
    return number_cell(value, raw.number_format if raw.has_style else "General", struck)


def _serial_day(raw: Any, value: float) -> date:
    epoch: datetime = raw.parent.parent.epoch
    return (epoch + timedelta(days=int(value))).date()


def _day(value: object, struck: bool) -> Cell:
    if isinstance(value, datetime):
        return Cell(CellKind.DATE, _day_text(value), day=value.date(), struck=struck)
    if isinstance(value, date):
        return Cell(CellKind.DATE, value.isoformat(), day=value, struck=struck)
    if isinstance(value, time | timedelta):
        return Cell(CellKind.DATE, str(value), struck=struck)
    return Cell(CellKind.ERROR, str(value), struck=struck)


def _day_text(value: datetime) -> str:
    return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
