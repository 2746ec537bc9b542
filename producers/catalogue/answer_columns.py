"""The columns that an answer adds at the right of a catalogue: known when the mended file comes back, and not read."""

from collections.abc import Mapping
from dataclasses import replace

from producers.catalogue.sheet import EMPTY, Sheet, SheetRow, squeeze

OUTCOME_LABEL = "导入结果（系统填写）"
ADVICE_LABEL = "问题与改法（系统填写）"
LABELS = (OUTCOME_LABEL, ADVICE_LABEL)

SEARCHED_ROWS = 110
"""Rows among which the labels may stand: those in which a header may end."""

_SQUEEZED = frozenset(map(squeeze, LABELS))


def answer_columns(sheet: Sheet) -> dict[int, int]:
    """0-based columns of earlier answers, each with the number of the row its label stands in."""
    found: dict[int, int] = {}
    for row in sheet.rows[:SEARCHED_ROWS]:
        for column, cell in enumerate(row.cells):
            if squeeze(cell.text) in _SQUEEZED:
                found.setdefault(column, row.number)
    return found


def without_answers(sheet: Sheet) -> Sheet:
    """The sheet as if nobody had answered: labels of an answer and all below them blank."""
    found = answer_columns(sheet)
    return replace(sheet, rows=tuple(_without(row, found) for row in sheet.rows)) if found else sheet


def _without(row: SheetRow, answers: Mapping[int, int]) -> SheetRow:
    cells = tuple(EMPTY if answers.get(column, row.number + 1) <= row.number else cell for column, cell in enumerate(row.cells))
    return replace(row, cells=cells)
