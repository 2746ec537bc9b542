"""The rows as they were read, in a new workbook with marks: for CSV and web pages, and for workbooks too big to copy."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.cell_range import CellRange

from producers.answers import marking
from producers.answers.remarks import CellRemark, RowRemark
from producers.catalogue.answer_columns import LABELS, without_answers
from producers.catalogue.sheet import EMPTY, Cell, CellKind, Merge, Sheet, SheetRow
from producers.sheet_text import BOLD, FORMULA_STARTS, WRAPPED, put_text, sheet_text

COLUMN_WIDTH = 18
STRUCK = Font(strike=True)
DAY_FORMAT = "yyyy-mm-dd"
_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


def rewritten(sheet: Sheet, header: int, remarks: Iterable[RowRemark], summary: Sequence[str]) -> bytes:
    """The sheet with marks, two columns and a summary sheet. Each row keeps its number; lines of CSV are rows."""
    own = without_answers(sheet)
    width = max((len(row.cells) for row in own.rows), default=0)
    book = Workbook(write_only=True)
    if sheet.epoch == 1904:
        book.epoch = CALENDAR_MAC_1904
    made = book.create_sheet(sheet.name or "目录")
    _lay_out(made, own, width)
    said = {one.row: one for one in remarks}
    for line in _lines(own):
        made.append(_line(made, line, width, header, said.get(line.number)))
    marking.write_summary(book.create_sheet(marking.SUMMARY_SHEET), summary)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _lay_out(made: Any, sheet: Sheet, width: int) -> None:
    for column in range(1, width + 1):
        made.column_dimensions[get_column_letter(column)].width = COLUMN_WIDTH
    made.column_dimensions[get_column_letter(width + 1)].width = marking.OUTCOME_WIDTH
    made.column_dimensions[get_column_letter(width + 2)].width = marking.ADVICE_WIDTH
    for row in sheet.rows:
        if row.hidden:
            made.row_dimensions[row.number].hidden = True
    for merges in sheet.merges.values():
        for merge in merges:
            made.merged_cells.add(_area(merge))


def _area(merge: Merge) -> CellRange:
    return CellRange(min_row=merge.top, min_col=merge.left + 1, max_row=merge.bottom, max_col=merge.right + 1)


def _lines(sheet: Sheet) -> Iterator[SheetRow]:
    """The rows, with blank ones where a CSV record went over several lines."""
    expected = 1
    for row in sheet.rows:
        yield from (SheetRow(number, ()) for number in range(expected, row.number))
        yield row
        expected = row.number + 1


def _line(made: Any, row: SheetRow, width: int, header: int, remark: RowRemark | None) -> list[Any]:
    marks: Mapping[int, CellRemark] = {} if remark is None else {one.column: one for one in remark.cells}
    cells = [_cell(made, row.at(column), marks.get(column + 1)) for column in range(width)]
    if row.number == header:
        return [*cells, *(_text(made, label) for label in LABELS)]
    if remark is None:
        return cells
    if remark.mark is None:
        return [*cells, remark.outcome]
    outcome, advice = WriteOnlyCell(made), WriteOnlyCell(made)
    marking.mark_answer(outcome, advice, remark)
    return [*cells, outcome, advice]


def _cell(made: Any, cell: Cell, mark: CellRemark | None) -> Any:
    """A plain value where that is enough: a cell object costs ten times as much."""
    if mark is None and not cell.struck and _is_plain(cell):
        return sheet_text(cell.text) if cell is not EMPTY else None
    written = WriteOnlyCell(made)
    _put(written, cell)
    if cell.struck:
        written.font = STRUCK
    if mark is not None:
        marking.mark_cell(written, mark)
    return written


def _is_plain(cell: Cell) -> bool:
    text = cell.text
    return cell.kind is CellKind.BLANK or (
        cell.kind is CellKind.TEXT and not text.startswith(FORMULA_STARTS) and text not in _ERRORS
    )


def _put(written: Any, cell: Cell) -> None:
    if cell.kind is CellKind.NUMBER:
        written.value = cell.number
    elif cell.day is not None:
        written.value = cell.day
        written.number_format = DAY_FORMAT
    elif cell is not EMPTY:
        put_text(written, cell.text)


def _text(made: Any, words: str) -> Any:
    cell = WriteOnlyCell(made)
    put_text(cell, words)
    cell.font, cell.alignment = BOLD, WRAPPED
    return cell
