"""What a workbook and a CSV file have in common once unpacked: a grid of cells that still know what they were."""

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cached_property

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x1f\x7f]")
"""Characters nobody sees: zero-width marks, direction marks, controls."""


class CellKind(Enum):
    """What a cell holds. DATE: a day, or a time of day or duration (then `day` is None)."""

    BLANK = "blank"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    ERROR = "error"


@dataclass(slots=True, eq=False)  # a frozen one takes six times as long to make, and a big file has a million
class Cell:
    """One cell, known by its identity: readers make equal cells one object, so that work on them is remembered.

    `text` is what it says in plain text; `number`, `day` the value behind it where it has one.
    `struck` is true when the cell, or a run of its text, is struck through. Nobody changes it.
    """

    kind: CellKind
    text: str = ""
    number: int | float | None = None
    day: date | None = None
    struck: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing can be seen in it."""
        if self.text[:1].isalnum():  # nearly every cell, and squeezing costs
            return False
        return self.kind is CellKind.BLANK or not squeeze(self.text)


_TEXT = CellKind.TEXT  # asking the class takes ten times as long
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROLS = dict.fromkeys((*range(9), 12, *range(14, 32), 127)) | {11: "\n"}
"""Controls no text needs; the vertical tab is a line break of Excel."""

EMPTY = Cell(CellKind.BLANK)


@dataclass(slots=True)  # not frozen for the same reason as a cell
class SheetRow:
    """A row by its 1-based number (CSV: the physical line it begins on)."""

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False

    def at(self, column: int) -> Cell:
        """The cell of a 0-based column; an empty one beyond the end."""
        return self.cells[column] if column < len(self.cells) else EMPTY

    @property
    def is_blank(self) -> bool:
        """Whether every cell is blank."""
        return all(cell.is_blank for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range: rows 1-based, columns 0-based, all ends inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Sheet:
    """A grid. `name` is None for CSV; `epoch` is 1900 or 1904; `merges` maps a left column to its ranges."""

    name: str | None
    rows: tuple[SheetRow, ...]
    epoch: int = 1900
    merges: Mapping[int, tuple[Merge, ...]] = field(default_factory=dict)

    @cached_property
    def _tops(self) -> Mapping[int, tuple[int, ...]]:
        return {column: tuple(merge.top for merge in merges) for column, merges in self.merges.items()}

    def merge_at(self, number: int, left: int) -> Merge | None:
        """The merged range with this left column that covers a row, if there is one."""
        tops = self._tops.get(left)
        if not tops:
            return None
        index = bisect_right(tops, number) - 1
        if index < 0:
            return None
        merge = self.merges[left][index]
        return merge if number <= merge.bottom else None

    def merges_over(self, number: int) -> list[Merge]:
        """The merged ranges over a row."""
        return [merge for column in self.merges if (merge := self.merge_at(number, column)) is not None]

    @property
    def is_csv(self) -> bool:
        """Whether it came from a CSV file, which knows no merged ranges."""
        return self.name is None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost to read. The defaults take 100,000 rows with room to spare and stop a bomb."""

    file_bytes: int = 64 * 1024 * 1024
    unpacked_bytes: int = 256 * 1024 * 1024
    rows: int = 200_000
    cells: int = 6_000_000
    texts: int = 1_500_000
    merges: int = 200_000
    merged_cells: int = 2_000_000


def squeeze(text: str) -> str:
    """Text in NFKC without any white space or invisible character: for comparing words, never for keeping."""
    if " " not in text and text.isprintable() and unicodedata.is_normalized("NFKC", text):
        return text  # what is invisible, and white space but for a blank, is not printable
    return "".join(INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).split())


def text_cell(text: str, struck: bool = False) -> Cell:
    """A cell of text without controls; lone surrogates become U+FFFD, so that they are seen as lost characters."""
    if text and text.isprintable():
        return Cell(_TEXT, text, None, None, struck)
    clean = _LONE_SURROGATE.sub("\ufffd", text.translate(_CONTROLS))
    return Cell(CellKind.TEXT, clean, struck=struck) if clean else EMPTY


def number_cell(number: int | float, number_format: str, struck: bool = False) -> Cell:
    """A cell of a number, with the text that Excel would show for plain formats; infinities are errors."""
    if isinstance(number, float) and not math.isfinite(number):
        return Cell(CellKind.ERROR, "#NUM!", struck=struck)
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e18:
        number = int(number)
    return Cell(CellKind.NUMBER, _shown(number, number_format), number=number, struck=struck)


def _shown(number: int | float, number_format: str) -> str:
    """`007` under the format `000`, `2.50` under `0.00`; the plain number otherwise."""
    if re.fullmatch(r"0+", number_format) and isinstance(number, int) and number >= 0:
        return str(number).zfill(len(number_format))
    decimals = re.fullmatch(r"0\.(0{1,9})", number_format)
    if decimals:
        return f"{number:.{len(decimals[1])}f}"
    return repr(number) if isinstance(number, float) else _digits(number)


def _digits(number: int) -> str:
    """Digits of an integer; Python refuses to print more than 4,300 of them, and nobody reads them."""
    return str(number) if abs(number) < 10**40 else "9E+40"
