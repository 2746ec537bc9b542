"""Gives each data row the values it stands under: merged cells and 同上, never a guess."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from producers.catalogue.header import Header
from producers.catalogue.layout import Layout
from producers.catalogue.privacy import people_in, without
from producers.catalogue.recent import Recent
from producers.catalogue.sheet import EMPTY, Cell, Sheet, SheetRow, squeeze, text_cell

DITTO = frozenset(("同上", "同上行", "同前", "〃", "″", '"', "''", "“", "”", "′′", "々"))
"""Words and marks that say: as in the row above. Compared after NFKC, under which ″ becomes two primes."""

MAX_DITTO = 12
"""Characters of a cell that may be such a mark, blanks between included."""

_FIRM = ("enterprise_name", "uscc", "district")


@dataclass(slots=True)  # not frozen: there are a hundred thousand, and each would take six times as long to make
class DataRow:
    """A data row by fields: `own` as it was typed, `cells` after merged ranges and 同上 were followed.

    `ambiguous`: CSV only, name, code and district blank below a filled row, where a merged range may have stood.
    `overlong`: CSV only, more fields than the header has, so that values may stand in the wrong columns.
    `epoch`: 1900 or 1904, of numbers that are days.
    """

    number: int
    own: Mapping[str, Cell]
    cells: Mapping[str, Cell]
    hidden: bool = False
    filled: frozenset[str] = frozenset()
    ambiguous: bool = False
    overlong: bool = False
    epoch: int = 1900

    def cell(self, field: str) -> Cell:
        """The cell of a field after filling; an empty one when the sheet has no such column."""
        return self.cells.get(field, EMPTY)


def data_rows(sheet: Sheet, header: Header, layout: Layout) -> Iterator[DataRow]:
    """The data rows of a sheet in order. Each is let go when it was given: a big sheet need not stay in memory whole."""
    filler = _Filler(replace(sheet, rows=()), header)
    starts, rows = layout.starts, deque(layout.data)
    del sheet, layout
    while rows:
        row = rows.popleft()
        yield filler.next(row, begins_block=row.number in starts)


class _Filler:
    """Walks down the data rows and remembers what the later ones may refer to."""

    def __init__(self, sheet: Sheet, header: Header) -> None:
        self._sheet = sheet
        self._columns = header.columns
        merges = [merge for column in header.columns.values() for merge in sheet.merges.get(column, ())]
        self._anchors = {merge.top for merge in merges if merge.bottom > merge.top}
        self._resolved: dict[int, Mapping[str, Cell]] = {}
        self._previous: Mapping[str, Cell] = {}
        self._below_filled = False
        self._width = header.width
        self._contact_columns = header.contacts
        self._contacts: dict[int, Cell] = {}
        self._refers = Recent(_may_refer)

    def next(self, row: SheetRow, *, begins_block: bool) -> DataRow:
        typed, width = row.cells, len(row.cells)
        own = {field: typed[column] if column < width else EMPTY for field, column in self._columns.items()}
        self._note_contacts(row)
        remark = own.get("remark", EMPTY)
        if remark is not EMPTY:
            own["remark"] = self._without_people(remark)
        filled: set[str] = set()
        refers = self._refers
        open_fields = [field for field, cell in own.items() if refers[cell.text[:1]]]
        found = {field: self._cell(row, field, own[field], filled) for field in open_fields}
        cells = own | found if any(cell is not own[field] for field, cell in found.items()) else own
        no_firm = all(cells.get(field, EMPTY).is_blank for field in _FIRM)
        below_filled = self._below_filled and not begins_block
        self._below_filled = below_filled if no_firm else True
        self._previous = cells
        if row.number in self._anchors:
            self._resolved[row.number] = cells
        overlong = width > self._width and self._sheet.is_csv and any(not cell.is_blank for cell in typed[self._width :])
        ambiguous = self._sheet.is_csv and no_firm and below_filled
        marks = frozenset(filled) if filled else _NONE
        return DataRow(row.number, own, cells, row.hidden, marks, ambiguous, overlong, self._sheet.epoch)

    def _note_contacts(self, row: SheetRow) -> None:
        """Whom the row names; a blank cell may be merged with one above."""
        for column in self._contact_columns:
            cell = row.at(column)
            if cell is not EMPTY:
                self._contacts[column] = cell

    def _without_people(self, cell: Cell) -> Cell:
        """A remark, which says whom to ask. A firm may bear its owner's name, so names of firms stay as they are."""
        said = without(cell.text, people_in(self._contacts.values()))
        return cell if said == cell.text else text_cell(said, cell.struck)

    def _cell(self, row: SheetRow, field: str, own: Cell, filled: set[str]) -> Cell:
        if own.is_blank:
            merge = self._sheet.merge_at(row.number, self._columns[field])
            if merge is None or merge.top == row.number:
                return own
            found = self._resolved.get(merge.top, {}).get(field, EMPTY)
            if not found.is_blank and field != "seq":
                filled.add("merged_fill")
            return found
        if len(own.text) <= MAX_DITTO and squeeze(own.text) in _DITTO_FORMS:
            found = self._previous.get(field, EMPTY)
            if not found.is_blank:
                filled.add("ditto_fill")
            return found
        return own


def _may_refer(first: str) -> bool:
    """Whether a cell whose text begins so may take its value from another: it is blank, or begins like one of the marks."""
    return first in _DITTO_STARTS or not first.isalnum()


_DITTO_STARTS = frozenset(mark[0] for mark in DITTO)
_DITTO_FORMS = frozenset(squeeze(mark) for mark in DITTO)
_NONE: frozenset[str] = frozenset()
