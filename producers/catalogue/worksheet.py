"""One sheet of a workbook, read cell by cell as it streams past: values, strike-through, hidden rows and merges.

openpyxl keeps an object with a style for every cell: 20,000 rows took 300 MB.
"""

import re
from collections.abc import Callable, Sequence

from producers.catalogue.cell_values import CellValues
from producers.catalogue.package_guard import too_large, unreadable
from producers.catalogue.plain_rows import PlainCell, pairs
from producers.catalogue.recent import Recent
from producers.catalogue.row_forms import Form
from producers.catalogue.shared_strings import RichText
from producers.catalogue.sheet import EMPTY, Cell, Limits, Merge, text_cell
from producers.catalogue.sheet_bounds import LOOKED_AT_AFTER, NotWanted, Rows, too_many_cells
from producers.catalogue.xml_part import local_names
from schemas.errors import FileRefused

MAX_COLUMNS = 512
"""Columns looked at. Excel writes styled empty cells out to XFD; a catalogue has some twenty."""

_NAMES = local_names(("row", "c", "v", "f", "is", "r", "t", "rPh", "strike", "mergeCell", "sheetData"))
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})(?::\$?([A-Z]{1,3})\$?([1-9]\d{0,6}))?")


class SheetReader:
    """Handler of a worksheet part. `rows` maps numbers to cells by 0-based column, blank ones left out."""

    def __init__(self, values: CellValues, limits: Limits, wanted: Callable[[Rows], bool] = lambda rows: True) -> None:
        """`wanted` is asked once, about the first rows of a large sheet."""
        self._wanted = wanted
        self.rows: dict[int, dict[int, Cell]] = {}
        self.hidden: set[int] = set()
        self.merges: list[Merge] = []
        self._values = values
        self._limits = limits
        self._text = RichText()
        self.texts = self._text.texts
        self._row_count = self._cell_count = self._merged = 0
        self._row, self._column = 0, -1
        self._cells: dict[int, Cell] = {}
        self._columns: dict[str, int] = {}
        self._kind: str | None = None
        self._style: str | None = None
        self._value: str | None = None
        self._formula: str | None = None
        self._inline = False
        self._plain: Recent[tuple[str, str], tuple[int, bool, Recent[str, Cell]]] = Recent(self._plain_cells)
        self._columns_of: Recent[Form, list[tuple[int, Recent[str, Cell]]]] = Recent(self._of_form)
        self.rows_ended = 0
        self.in_rows = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        known = _NAMES.get(name)
        if known == "v":
            self.texts.clear()
        elif known == "c":
            self._begin_cell(attributes)
        elif known == "row":
            self._begin_row(attributes)
        elif known == "f":
            self.texts.clear()
        elif known == "is":
            self._inline = True
            self._text.taken()  # a cell whose type says that it holds no text may have held one nevertheless
        elif known == "mergeCell":
            self._merge(attributes)
        elif known == "sheetData":
            self.in_rows = True
        elif known is not None and self._inline:
            self._text.start(known, attributes)

    def end(self, name: str) -> None:
        """An element ends."""
        known = _NAMES.get(name)
        if known == "v":
            self._value = "".join(self.texts)
        elif known == "c":
            self._end_cell()
        elif known == "f":
            self._formula = "".join(self.texts)
        elif known == "row":
            self.rows_ended += 1
        elif known == "sheetData":
            self.in_rows = False
        elif known == "is":
            self._inline = False
        elif known is not None and self._inline:
            self._text.end(known)

    def plain_row(self, attributes: dict[str, str], cells: list[PlainCell]) -> None:
        """A whole row without formulas, rich text and the like."""
        self._begin_row(attributes)
        self._count_cells(len(cells))
        here = str(self._row)
        for letters, number, other, value, text in cells:
            if number != here:
                raise _not_in_its_row()
            column, inline, said = self._plain[letters or "", other or ""]
            cell = said[(text if inline else value) or ""]
            if cell is not EMPTY:
                self._put(self._cells, column, cell)

    def row_of(self, form: Form, number: str, texts: Sequence[str]) -> None:
        """A whole row of a form that plain rows had."""
        self._begin_row(form.attributes | {"r": number})
        self._count_cells(form.width)
        if number != str(self._row):
            raise _not_in_its_row()
        found = self._cells
        for (column, said), text in zip(self._columns_of[form], texts, strict=True):
            cell = said[text]
            if cell is EMPTY:
                continue
            if column in found:
                self._put(found, column, cell)
            found[column] = cell

    def _of_form(self, form: Form) -> list[tuple[int, Recent[str, Cell]]]:
        """Columns of a form, and what their cells say; where it is not what a cell of this type says, that is nothing."""
        nothing: Recent[str, Cell] = Recent(lambda text: EMPTY)
        found = []
        for letters, other, is_inline in form.cells:
            column, inline, said = self._plain[letters, other]
            found.append((column, said if inline == is_inline and column < MAX_COLUMNS else nothing))
        return found

    def _plain_cells(self, named: tuple[str, str]) -> tuple[int, bool, Recent[str, Cell]]:
        """The column with these letters, whether its cells with these other attributes hold their text, and what they say."""
        letters, other = named
        attributes = pairs(other)
        if "r" in attributes:
            raise unreadable("有写坏的单元格地址。", "a cell's address is broken.")
        kind = attributes.get("t")
        return column_index(letters), kind == "inlineStr", self._values.of(kind, attributes.get("s"))

    def _count_cells(self, more: int) -> None:
        self._cell_count += more
        if self._cell_count > self._limits.cells:
            raise too_many_cells(self._limits)

    def _put(self, cells: dict[int, Cell], column: int, cell: Cell) -> None:
        if column >= MAX_COLUMNS:
            return
        if column in cells:
            raise unreadable(f"第 {self._row} 行有单元格写了两次。", f"a cell of row {self._row} is there twice.")
        cells[column] = cell

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._row_count += 1
        if self._row_count > self._limits.rows:
            raise too_large(
                f"工作表的行（含只有格式的空行）多于 {self._limits.rows} 行。",
                f"a sheet has more than {self._limits.rows} rows, formatted empty ones included.",
            )
        if self._row_count == LOOKED_AT_AFTER and not self._wanted(self.rows):
            raise NotWanted
        number = attributes.get("r")
        self._row = _row_number(number) if number is not None else self._row + 1
        self._column = -1
        if self._row in self.rows:
            raise unreadable(f"第 {self._row} 行写了两次。", f"row {self._row} is there twice.")
        self._cells = self.rows[self._row] = {}
        if _is_true(attributes.get("hidden")) or _is_zero(attributes.get("ht")):
            self.hidden.add(self._row)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._count_cells(1)
        reference = attributes.get("r")
        self._column = self._column + 1 if reference is None else self._column_of(reference)
        self._kind = attributes.get("t")
        self._style = attributes.get("s")
        self._value = self._formula = None

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            if not _REFERENCE.fullmatch(reference):
                raise unreadable("有写坏的单元格地址。", "a cell's address is broken.")
            column = self._columns[letters] = column_index(letters)
        if reference[len(letters) :] != str(self._row):
            raise _not_in_its_row()
        return column

    def _end_cell(self) -> None:
        if self._kind == "inlineStr":
            cell = self._inline_text()
        elif self._value is None:
            cell = EMPTY if self._formula is None else text_cell(f"={self._formula}")
        else:
            cell = self._values.valued(self._kind, self._style, self._value, self._formula)
        if cell is not EMPTY:
            self._put(self._cells, self._column, cell)

    def _inline_text(self) -> Cell:
        cell = self._text.taken()
        return text_cell(cell.text, struck=True) if cell.struck else self._values.written(cell.text, self._style)

    def _merge(self, attributes: dict[str, str]) -> None:
        found = _RANGE.fullmatch(attributes.get("ref", ""))
        if found is None:
            raise unreadable("有写坏的合并单元格。", "a merged range is broken.")
        if len(self.merges) >= self._limits.merges:
            raise too_large(f"合并单元格多于 {self._limits.merges} 处。", f"it has more than {self._limits.merges} merged ranges.")
        left, top, right, bottom = found.groups()
        if right is None:
            return
        merge = Merge(int(top), column_index(left), int(bottom), column_index(right))
        self._merged += (abs(merge.bottom - merge.top) + 1) * (abs(merge.right - merge.left) + 1)
        if self._merged > self._limits.merged_cells:
            raise too_large(
                f"合并单元格覆盖多于 {self._limits.merged_cells} 格。",
                f"merged ranges cover more than {self._limits.merged_cells} cells.",
            )
        self.merges.append(merge)


def _not_in_its_row() -> FileRefused:
    return unreadable("有单元格的地址与所在行不符。", "a cell's address is not in its row.")


def column_index(letters: str) -> int:
    """0 for A, 26 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _is_true(flag: str | None) -> bool:
    return flag in ("1", "true", "on")


def _is_zero(height: str | None) -> bool:
    return height is not None and height.strip("0.") == ""


def _row_number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 7 and int(text) > 0):
        raise unreadable("有写坏的行号。", "a row's number is broken.")
    return int(text)
