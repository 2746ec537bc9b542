"""Finds the header of a sheet by itself: which rows it takes and which column holds which field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from producers.catalogue.header_notes import MAX_NOTES, is_note
from producers.catalogue.labels import BRACKETED, GROUP_WORDS, MAX_LABEL, Labels, Path
from producers.catalogue.sheet import Cell, CellKind, Sheet, SheetRow, squeeze

SEARCHED_ROWS = 100
"""Rows in which a header may begin; notes before it take a page at most."""

MAX_HEIGHT = 3
"""Rows of a header: groups, sub-groups, labels."""

MIN_FIELDS = 4
"""Known fields that make a row of labels a header; two of them must be core."""

_SENTENCE = re.compile(r":.|\d{4}[-年./]\d")
"""填报单位：某局, 2021年7月: what stands above a header, not in it."""

_CORE = frozenset(("enterprise_name", "uscc", "product_name", "certificate_no"))


@dataclass(frozen=True, slots=True)
class Header:
    """A header found. `first` is the index of its first row, `columns` maps fields to 0-based columns.

    `own_labels` holds the squeezed labels of each header row, the last with inherited ones filled in: a row further
    down that says the same is the header repeated. `doubled` names fields that two columns claim with equal right.
    `width` counts its columns; `contacts` are those that hold names, phones or addresses of people.
    """

    first: int
    height: int
    columns: Mapping[str, int]
    own_labels: tuple[Mapping[int, str], ...]
    extra_columns: tuple[str, ...]
    doubled: tuple[str, ...]
    width: int
    contacts: tuple[int, ...]

    def missing(self, needed: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
        """The needed fields (each a choice of several) that no column holds."""
        return tuple(tuple(choice) for choice in needed if not any(field in self.columns for field in choice))


def find_header(sheet: Sheet, labels: Labels, needed: Sequence[Sequence[str]]) -> Header | None:
    """The first header with every needed column, else the one with most fields, else None; notes under it included."""
    best: Header | None = None
    for first in range(min(len(sheet.rows), SEARCHED_ROWS)):
        header = _tallest(sheet, first, labels)
        if header is None:
            continue
        if not header.missing(needed):
            return _with_notes(sheet, header, labels)
        if best is None or len(header.columns) > len(best.columns):
            best = header
    return best


def may_have_header(rows: Mapping[int, Mapping[int, Cell]], labels: Labels) -> bool:
    """Whether a known label stands in any of the rows in which a header may begin; `rows` by number."""
    first = (cells for number, cells in rows.items() if number <= SEARCHED_ROWS + MAX_HEIGHT)
    texts = {cell.text for cells in first for cell in cells.values()}
    return any(labels.exact(text) or labels.contained((text,)) for text in texts)


def _with_notes(sheet: Sheet, header: Header, labels: Labels) -> Header:
    """The header down to the last row that explains it."""
    end = header.first + header.height
    paths = _paths(sheet, sheet.rows[header.first : end])
    notes = 0
    while notes < MAX_NOTES and end + notes < len(sheet.rows) and is_note(sheet.rows[end + notes], paths, labels):
        notes += 1
    said = tuple(map(_squeezed, sheet.rows[end : end + notes]))
    return replace(header, height=header.height + notes, own_labels=(*header.own_labels, *said)) if notes else header


def _tallest(sheet: Sheet, first: int, labels: Labels) -> Header | None:
    """The header beginning at this row whose height names most fields; a lower one when they tie."""
    best: Header | None = None
    if not _may_be_labels(sheet.rows[first]):
        return None
    for height in range(1, min(MAX_HEIGHT, len(sheet.rows) - first) + 1):
        if not _may_be_labels(sheet.rows[first + height - 1]):
            break
        if height == 2 and not _may_be_groups(sheet.rows[first], labels):
            break
        header = _header(sheet, first, height, labels)
        if best is None or len(header.columns) > len(best.columns):
            best = header
    if best is None or len(best.columns) < MIN_FIELDS or len(_CORE & set(best.columns)) < 2:
        return None
    return best


def _may_be_labels(row: SheetRow) -> bool:
    """Two labels or more, no dates, each short and none a sentence as 填报单位：某局 is; notes in brackets aside."""
    cells = [cell for cell in row.cells if not cell.is_blank]
    if any(cell.kind is CellKind.DATE for cell in cells):
        return False
    texts = {BRACKETED.sub("", squeeze(cell.text)) for cell in cells}
    return len(texts) >= 2 and not any(len(text) > MAX_LABEL or _SENTENCE.search(text) for text in texts)


def _may_be_groups(row: SheetRow, labels: Labels) -> bool:
    """Whether a row can stand above the labels: it has a known label itself, three words, or says 信息 and the like."""
    texts = {squeeze(cell.text) for cell in row.cells if not cell.is_blank}
    return len(texts) > 2 or any(labels.exact(text) or GROUP_WORDS.search(text) for text in texts)


def _header(sheet: Sheet, first: int, height: int, labels: Labels) -> Header:
    rows = sheet.rows[first : first + height]
    paths = _paths(sheet, rows)
    claims: dict[str, list[tuple[int, int]]] = {}
    for column, path in paths.items():
        found = None if labels.is_contact(path) else labels.of_path(path)
        if found is not None:
            claims.setdefault(found[0], []).append((found[1], column))
    columns = {field: min(claim)[1] for field, claim in claims.items()}
    columns |= _contained(paths, columns, labels)
    taken = set(columns.values())
    known = [path for column, path in paths.items() if column not in taken and not labels.is_contact(path)]
    return Header(
        first,
        height,
        columns,
        _own_labels(rows, paths),
        tuple(dict.fromkeys(" ".join(path[-1].split()) for path in known)),
        tuple(field for field, claim in claims.items() if _is_doubled(sheet, rows[-1], claim)),
        max(len(row.cells) for row in rows),
        tuple(column for column, path in paths.items() if labels.is_contact(path)),
    )


def _is_doubled(sheet: Sheet, row: SheetRow, claim: Sequence[tuple[int, int]]) -> bool:
    """Whether two columns have the same best label, and not because one label is merged over both."""
    best = sorted(claim)
    if len(best) < 2 or best[0][0] != best[1][0]:
        return False
    return not any(merge.left <= best[0][1] and best[1][1] <= merge.right for merge in sheet.merges_over(row.number))


def _contained(paths: Mapping[int, Path], columns: Mapping[str, int], labels: Labels) -> dict[str, int]:
    """Fields without a listed label, when exactly one unlisted label contains a name of theirs."""
    guesses: dict[str, list[int]] = {}
    for column, path in paths.items():
        if column in columns.values() or labels.is_contact(path):
            continue
        field = labels.contained(path)
        if field is not None and field not in columns:
            guesses.setdefault(field, []).append(column)
    return {field: found[0] for field, found in guesses.items() if len(found) == 1}


def _paths(sheet: Sheet, rows: Sequence[SheetRow]) -> dict[int, Path]:
    """The labels above each column, outermost first, each once. A label merged down stands in every row it covers."""
    width = max(len(row.cells) for row in rows)
    grid = [_labels_of(sheet, row, width, is_last=row is rows[-1]) for row in rows]
    paths: dict[int, Path] = {}
    for column in range(width):
        path = tuple(dict.fromkeys(line[column] for line in grid if line[column]))
        if path and (_own(rows, column) or _is_merged(sheet, rows, column)):
            paths[column] = path
    return paths


def _own(rows: Sequence[SheetRow], column: int) -> bool:
    """Whether a column has a label of its own and not only a group's drawn over it."""
    return any(not row.at(column).is_blank for row in rows)


def _is_merged(sheet: Sheet, rows: Sequence[SheetRow], column: int) -> bool:
    return any(merge.left <= column <= merge.right for row in rows for merge in sheet.merges_over(row.number))


def _labels_of(sheet: Sheet, row: SheetRow, width: int, *, is_last: bool) -> list[str]:
    """The labels of one row; groups are drawn over the columns they cover: merged ones, else the blanks to their right."""
    line = ["" if row.at(column).is_blank else row.at(column).text for column in range(width)]
    merged: set[int] = set()
    for merge in sheet.merges_over(row.number):
        anchor = sheet.rows[merge.top - 1].at(merge.left)
        for column in range(merge.left, min(merge.right + 1, width)):
            line[column] = "" if anchor.is_blank else anchor.text
            merged.add(column)
    for column in range(1, width if not is_last else 0):
        if not line[column] and not {column - 1, column} & merged:
            line[column] = line[column - 1]
    return line


def _own_labels(rows: Sequence[SheetRow], paths: Mapping[int, Path]) -> tuple[Mapping[int, str], ...]:
    return (*map(_squeezed, rows[:-1]), {column: squeeze(path[-1]) for column, path in paths.items()})


def _squeezed(row: SheetRow) -> dict[int, str]:
    return {column: squeeze(cell.text) for column, cell in enumerate(row.cells) if not cell.is_blank}
