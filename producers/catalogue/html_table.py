"""A table of a web page, as many systems export it under the name `.xls`: cells, merges, strike-through, hidden rows."""

import html
import re
from collections.abc import Iterable, Iterator

from producers.catalogue.package_guard import too_large, unreadable
from producers.catalogue.sheet import EMPTY, Cell, Limits, Merge, Sheet, SheetRow, number_cell, text_cell
from producers.catalogue.workbook import by_column
from schemas.errors import FileRefused

MAX_HTML_CHARACTERS = 32 * 1024 * 1024
MAX_SPAN = 65_534
"""Rows or columns that one cell may cover (HTML standard, 4.9.11)."""

MAX_CELLS = 1_200_000
"""Cells of all tables together: 18 columns of as many rows as Excel had when its files were called .xls."""

MAX_ATTRIBUTES = 4_096
"""Characters of a tag that are searched for attributes; what Excel writes into one has some hundred."""

_TAG = re.compile(r"<(/?)(table|tr|td|th|br|p|div|s|strike|del)\b([^<>]*)>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[!/?a-zA-Z][^<>]*>")
_ATTRIBUTE = re.compile(r"([a-zA-Z:-]+)\s*(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_WHITE = re.compile(r"[ \t\r\n\f]+")
_NUMBER = re.compile(r"-?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?")


def read_html(text: str, limits: Limits) -> tuple[Sheet, ...]:
    """The tables of a page, outermost ones, in order. Raises `FileRefused`: `file_unreadable`, `file_too_large`."""
    if len(text) > MAX_HTML_CHARACTERS:
        raise too_large("网页表格过大。", "the web page is too long.")
    if sum(map(text.count, ("<td", "<TD", "<th", "<TH"))) > MAX_CELLS:
        raise _too_many_cells()
    page = _Page(limits)
    for closes, name, attributes, before in _tokens(_without_comments(text)):
        page.say(before)
        page.tag(name, attributes, closes=closes)
    if not page.tables:
        raise unreadable("网页里没有表格。", "the web page holds no table.")
    return tuple(table.as_sheet(f"表{number}") for number, table in enumerate(page.tables, 1))


def _too_many_cells() -> FileRefused:
    return too_large(f"表格多于 {MAX_CELLS} 格。", f"its tables have more than {MAX_CELLS} cells.")


def _without_comments(text: str) -> str:
    parts, position = [], 0
    while (begin := text.find("<!--", position)) >= 0:
        parts.append(text[position:begin])
        end = text.find("-->", begin)
        position = len(text) if end < 0 else end + 3
    return "".join((*parts, text[position:]))


def _tokens(text: str) -> Iterator[tuple[bool, str, str, str]]:
    """(closes, name, attributes, text before) of each tag that matters; the text behind the last one says nothing."""
    position = 0
    for tag in _TAG.finditer(text):
        yield bool(tag[1]), tag[2].lower(), tag[3], text[position : tag.start()]
        position = tag.end()


class _Page:
    """Walks through the tags; remembers the table, row and cell it is in."""

    def __init__(self, limits: Limits) -> None:
        self.tables: list[_Table] = []
        self._limits = limits
        self._rows = self._cells = 0
        self._depth = 0
        self._texts: list[str] | None = None
        self._cell: dict[str, str] = {}
        self._struck = 0
        self._was_struck = False

    def say(self, text: str) -> None:
        """Text between two tags."""
        if self._texts is None or not text:
            return
        said = _WHITE.sub(" ", html.unescape(_ANY_TAG.sub("", text)))
        self._texts.append(said)
        self._was_struck = self._was_struck or (self._struck > 0 and not said.isspace())

    def tag(self, name: str, attributes: str, *, closes: bool) -> None:
        """A tag. A table inside of a cell is part of what the cell says."""
        if name == "table":
            self._table(closes=closes)
        elif name in ("s", "strike", "del"):
            self._struck = max(0, self._struck + (-1 if closes else 1))
        elif name in ("br", "p", "div") or self._depth != 1:
            if self._texts is not None and (not closes or name != "br"):
                self._texts.append("\n")
        else:
            self._end_cell()
            if not closes and name == "tr":
                self._begin_row(attributes)
            elif not closes:
                self._cell, self._texts, self._was_struck = _attributes(attributes), [], False

    def _begin_row(self, attributes: str) -> None:
        self._rows += 1
        if self._rows > self._limits.rows:
            raise too_large(f"表格多于 {self._limits.rows} 行。", f"its tables have more than {self._limits.rows} rows.")
        self.tables[-1].begin_row(_attributes(attributes))

    def _table(self, *, closes: bool) -> None:
        if self._depth == 1 and closes:
            self._end_cell()
        self._depth = max(0, self._depth + (-1 if closes else 1))
        if self._depth == 1 and not closes:
            self.tables.append(_Table(self._limits))

    def _end_cell(self) -> None:
        if self._texts is None:
            return
        self._cells += 1
        if self._cells > MAX_CELLS:
            raise _too_many_cells()
        text = "\n".join(line.strip() for line in "".join(self._texts).strip().split("\n"))
        struck = self._was_struck or "line-through" in self._cell.get("style", "")
        self.tables[-1].add(_cell(text, self._cell, struck=struck), self._cell)
        self._texts, self._struck = None, 0


def _attributes(text: str) -> dict[str, str]:
    return {name.lower(): html.unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(text[:MAX_ATTRIBUTES])}


def _cell(text: str, attributes: dict[str, str], *, struck: bool) -> Cell:
    """Text, or the number that Excel wrote beside it (`x:num`)."""
    number = attributes.get("x:num")
    if number is not None and _NUMBER.fullmatch(number or text):
        said = number or text
        return number_cell(int(said) if said.lstrip("-").isdigit() else float(said), "General", struck)
    return text_cell(text, struck)


class _Table:
    """Rows as they come; cells that span rows or columns leave their place open, and are merges."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rows: list[dict[int, Cell]] = []
        self._hidden: set[int] = set()
        self._open: dict[int, int] = {}  # column: last row that a cell above covers
        self._column = 0
        self._merges: list[Merge] = []
        self._merged = 0

    def begin_row(self, attributes: dict[str, str]) -> None:
        """The next row."""
        self._rows.append({})
        self._column = 0
        if "hidden" in attributes or re.search(r"display\s*:\s*none", attributes.get("style", "")):
            self._hidden.add(len(self._rows))

    def add(self, cell: Cell, attributes: dict[str, str]) -> None:
        """The next cell of the row, in the first column that no cell above covers."""
        if not self._rows:
            self.begin_row({})
        number = len(self._rows)
        while self._open.get(self._column, 0) >= number:
            self._column += 1
        left = self._column
        down, across = _span(attributes.get("rowspan")), _span(attributes.get("colspan"))
        self._merged += down * across
        if self._merged > self._limits.merged_cells:
            raise too_large(
                f"表格多于 {self._limits.merged_cells} 格。", f"the table has more than {self._limits.merged_cells} cells."
            )
        if cell is not EMPTY:
            self._rows[-1][left] = cell
        if down * across > 1:
            self._merges.append(Merge(number, left, number + down - 1, left + across - 1))
            self._open |= dict.fromkeys(range(left, left + across), number + down - 1)
        self._column = left + across

    def as_sheet(self, name: str) -> Sheet:
        """The table as a sheet."""
        return Sheet(name, tuple(self._sheet_rows()), 1900, by_column(self._merges))

    def _sheet_rows(self) -> Iterable[SheetRow]:
        for number, cells in enumerate(self._rows, 1):
            width = max(cells, default=-1) + 1
            yield SheetRow(number, tuple(cells.get(column, EMPTY) for column in range(width)), number in self._hidden)


def _span(text: str | None) -> int:
    number = int(text) if text is not None and re.fullmatch("[0-9]{1,5}", text) else 1
    return min(max(number, 1), MAX_SPAN)
