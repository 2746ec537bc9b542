"""Rows of a worksheet that are written like one above, but for their number and their texts: one match takes such a row apart.

A program writes a table row after row in the same form. What is special in a form is taken literally, so a row that matches
it is a plain row like the one it was made from, and nothing is accepted here that the plain form would not be.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

TEXT = r"[^<&\x00-\x08\x0b-\x1f\ufffe\uffff]*+"
"""A text without entities and markup."""

_NUMBER = re.compile(r' r="(\d{1,7})"')

ROWS_OF_A_FORM = 3
"""Plain rows of one form after which it is worth a pattern."""

MAX_FORMS = 6
"""Patterns of one sheet; each is tried on every row that none before it matches."""

MAX_FORM_CHARACTERS = 8_000
"""Of a pattern: a row of some fifty cells. Longer ones take long to make."""

MAX_LOOKED_AT = 1_000
"""Rows whose form is looked at; where so many differ, forms don't come again."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """How rows are written.

    `pattern` has groups for the row's number and for each cell that holds something; `attributes` are the row's others.
    `cells` has (column letters, other attributes, whether its text is inline) of those that hold something, in order;
    `width` counts them all.
    """

    pattern: re.Pattern[str]
    attributes: dict[str, str]
    cells: tuple[tuple[str, str, bool], ...]
    width: int


class Forms:
    """The forms of a sheet that came often enough, the one matched last first."""

    def __init__(self) -> None:
        self._known: list[Form] = []
        self._seen: Counter[str] = Counter()
        self._looked_at = 0

    def match(self, text: str, position: int) -> tuple[Form, re.Match[str]] | None:
        """The row that begins here, when it has a known form."""
        for index, form in enumerate(self._known):
            found = form.pattern.match(text, position)
            if found is not None:
                if index:
                    self._known.insert(0, self._known.pop(index))
                return form, found
        return None

    def note(self, head: re.Match[str], attributes: dict[str, str], cells: Sequence[re.Match[str]]) -> None:
        """Take note of a plain row of no known form: its opening tag and its cells, as matched in one text.

        Groups of a cell: letters, number, other attributes, value, inline text.
        """
        number = _NUMBER.search(head[0])
        if len(self._known) == MAX_FORMS or self._looked_at == MAX_LOOKED_AT or number is None or head[0].count(' r="') > 1:
            return
        self._looked_at += 1
        written = _written(head[0], number, cells)
        self._seen[written] += 1
        if self._seen[written] == ROWS_OF_A_FORM and len(written) <= MAX_FORM_CHARACTERS:
            held = tuple((cell[1], cell[3], cell[4] is None) for cell in cells if _held(cell))
            others = {name: value for name, value in attributes.items() if name != "r"}
            self._known.append(Form(re.compile(written), others, held, len(cells)))


def _held(cell: re.Match[str]) -> int:
    """The group of what stands in a cell, 0 for none."""
    return next((group for group in (4, 5) if cell[group] is not None), 0)


def _written(head: str, number: re.Match[str], cells: Sequence[re.Match[str]]) -> str:
    """The pattern of rows written like this one."""
    opened = re.escape(head[: number.start(1)].lstrip()), r"(\d{1,7})", re.escape(head[number.end(1) :])
    return "".join([r"\s*+", *opened, *map(_cell_written, cells), "</row>"])


def _cell_written(cell: re.Match[str]) -> str:
    written, begin, held = cell[0], cell.start(), _held(cell)
    before, after = re.escape(written[: cell.start(2) - begin]), cell.end(2) - begin
    if not held:
        return rf"{before}\1{re.escape(written[after:])}"
    opened, closed = written[after : cell.start(held) - begin], written[cell.end(held) - begin :]
    return rf"{before}\1{re.escape(opened)}({TEXT}){re.escape(closed)}"
