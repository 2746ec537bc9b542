"""A clerk who opens an answer, types what is right into the rows that came back, and saves it."""

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Font

from producers.answers.remarks import OUTCOME_WORDS
from producers.catalogue.answer_columns import LABELS
from tests.support.catalogue_files import COLUMNS
from tests.support.dirty_catalogues import Line

COMES_BACK = (OUTCOME_WORDS["reject"], OUTCOME_WORDS["review"])


def outcomes(answer: bytes, sheet: str) -> dict[int, str]:
    """The outcome's word beside each row."""
    found = load_workbook(BytesIO(answer))[sheet]
    (column,) = (cell.column for row in found.iter_rows() for cell in row if cell.value == LABELS[0])
    words = ((row, found.cell(row, column).value) for row in range(1, found.max_row + 1))
    return {row: str(word) for row, word in words if word not in (None, LABELS[0])}


def mended(answer: bytes, sheet: str, lines: Mapping[int, Line], rows: int | None = None) -> bytes:
    """The answer with the first `rows` of the rows that came back typed anew, by the answer key; all of them if None."""
    wrong = [row for row, word in sorted(outcomes(answer, sheet).items()) if word in COMES_BACK]
    book = load_workbook(BytesIO(answer))
    for row in wrong[:rows]:
        _type(book[sheet], row, lines[row].mended)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _type(sheet: Any, row: int, values: Mapping[str, Any]) -> None:
    sheet.row_dimensions[row].hidden = False
    for column, name in enumerate(COLUMNS, 1):
        cell = sheet.cell(row, column)
        if isinstance(cell, MergedCell):
            continue
        cell.value = values[name]
        cell.font = Font(strike=False)
        if isinstance(values[name], date):
            cell.number_format = "yyyy/m/d"
