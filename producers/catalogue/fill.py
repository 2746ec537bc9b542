"""Gives each data row the values it stands under: merged cells and 同上, never a guess."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from producers.catalogue.header import Header
from producers.catalogue.layout import Layout
from producers.catalogue.sheet import EMPTY, Cell, Sheet, SheetRow, squeeze

DITTO = frozenset(("同上", "同上行", "同前", "〃", "″", '"', "''", "“", "”", "′′", "々"))
"""Words and marks that say: as in the row above. Compared after NFKC, under which ″ becomes two primes."""

_FIRM = ("enterprise_name", "uscc", "district")


@dataclass(frozen=True, slots=True)
class DataRow:
    """A data row by fields: `own` as it was typed, `cells` after merged ranges and 同上 were followed.

    `ambiguous`: CSV only, name, code and district blank below a filled row, where a merged range may have stood.
    `overlong`: CSV only, more fields than the header has, so that values may stand in the wrong columns.
    """

    number: int
    own: Mapping[str, Cell]
    cells: Mapping[str, Cell]
    hidden: bool = False
    filled: frozenset[str] = frozenset()
    ambiguous: bool = False
    overlong: bool = False

    def cell(self, field: str) -> Cell:
        """The cell of a field after filling; an empty one when the sheet has no such column."""
        return self.cells.get(field, EMPTY)


def data_rows(sheet: Sheet, header: Header, layout: Layout) -> tuple[DataRow, ...]:
    """The data rows of a sheet in order."""
    filler = _Filler(sheet, header)
    return tuple(filler.next(row, begins_block=row.number in layout.starts) for row in layout.data)


class _Filler:
    """Walks down the data rows and remembers what the later ones may refer to."""

    def __init__(self, sheet: Sheet, header: Header) -> None:
        self._sheet = sheet
        self._columns = header.columns
        self._tops = {column: [merge.top for merge in merges] for column, merges in sheet.merges.items()}
        self._resolved: dict[int, Mapping[str, Cell]] = {}
        self._previous: Mapping[str, Cell] = {}
        self._below_filled = False
        self._width = max((len(row.cells) for row in sheet.rows[header.first : header.first + header.height]), default=0)

    def next(self, row: SheetRow, *, begins_block: bool) -> DataRow:
        own = {field: row.at(column) for field, column in self._columns.items()}
        filled: set[str] = set()
        cells = {field: self._cell(row, field, cell, filled) for field, cell in own.items()}
        no_firm = all(cells.get(field, EMPTY).is_blank for field in _FIRM)
        below_filled = self._below_filled and not begins_block
        self._below_filled = below_filled if no_firm else True
        self._previous = self._resolved[row.number] = cells
        overlong = self._sheet.is_csv and any(not cell.is_blank for cell in row.cells[self._width :])
        ambiguous = self._sheet.is_csv and no_firm and below_filled
        return DataRow(row.number, own, cells, row.hidden, frozenset(filled), ambiguous, overlong)

    def _cell(self, row: SheetRow, field: str, own: Cell, filled: set[str]) -> Cell:
        if own.is_blank:
            above = self._anchor(row.number, self._columns[field])
            if above is None:
                return own
            found = self._resolved.get(above, {}).get(field, EMPTY)
            if not found.is_blank and field != "seq":
                filled.add("merged_fill")
            return found
        if squeeze(own.text) in _DITTO_FORMS:
            found = self._previous.get(field, EMPTY)
            if not found.is_blank:
                filled.add("ditto_fill")
            return found
        return own

    def _anchor(self, number: int, column: int) -> int | None:
        """The row in which the merged range over this cell begins, when it begins above."""
        tops = self._tops.get(column)
        if not tops:
            return None
        index = bisect_right(tops, number) - 1
        if index < 0:
            return None
        merge = self._sheet.merges[column][index]
        return merge.top if merge.top < number <= merge.bottom else None


_DITTO_FORMS = frozenset(squeeze(mark) for mark in DITTO)
