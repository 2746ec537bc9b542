"""An .xlsx unpacked: the visible sheets as grids of cells that keep formats, strike-through, hidden rows and merges."""

from collections.abc import Callable, Iterable
from contextlib import suppress

from producers.catalogue.cell_values import CellValues
from producers.catalogue.package_guard import open_package, too_large
from producers.catalogue.plain_rows import read_rows
from producers.catalogue.shared_strings import read_shared_strings
from producers.catalogue.sheet import EMPTY, Limits, Merge, Sheet, SheetRow
from producers.catalogue.sheet_bounds import NotWanted, Rows, refuse_too_much
from producers.catalogue.workbook_parts import read_workbook_parts
from producers.catalogue.worksheet import SheetReader
from producers.catalogue.xml_part import refuse_doctypes


def read_workbook(data: bytes, limits: Limits, wanted: Callable[[Rows], bool] = lambda rows: True) -> tuple[Sheet, ...]:
    """The visible sheets of an .xlsx or .xlsm, in order; of a large one that is not `wanted` only the first rows.

    A formula with a cached value is that value; one without stays the formula's text.
    Raises `FileRefused`: `file_encrypted`, `file_unreadable`, `file_too_large`.
    """
    with open_package(data, limits) as package:
        refuse_doctypes(package)
        book = read_workbook_parts(package)
        sheets = [part for part in book.sheets if part.is_visible]
        refuse_too_much(package, [part.part for part in sheets], book.strings, limits)
        strings = read_shared_strings(package, book.strings)
        readers = [(part, SheetReader(CellValues(strings, book.formats, book.epoch), limits, wanted)) for part in sheets]
        for part, reader in readers:
            with suppress(NotWanted):
                read_rows(package, part.part, reader)
    return tuple(
        Sheet(part.name, tuple(_rows(reader, part.name, limits)), book.epoch, by_column(reader.merges)) for part, reader in readers
    )


def _rows(reader: SheetReader, name: str, limits: Limits) -> Iterable[SheetRow]:
    """Rows 1 to the last one with text, the blank ones between included."""
    filled = (number for number, cells in reader.rows.items() if any(not cell.is_blank for cell in cells.values()))
    last = max(filled, default=0)
    if last > limits.rows:
        raise too_large(
            f"工作表“{name}”有内容的行到了第 {last} 行，上限 {limits.rows} 行。",
            f"sheet “{name}” has rows down to {last}, at most {limits.rows} are read.",
        )
    for number in range(1, last + 1):
        cells = reader.rows.pop(number, {})
        width = max(cells, default=-1) + 1
        yield SheetRow(number, tuple([cells.get(column, EMPTY) for column in range(width)]), number in reader.hidden)


def by_column(found: Iterable[Merge]) -> dict[int, tuple[Merge, ...]]:
    """Merged ranges by their left column, from the top down."""
    merges: dict[int, list[Merge]] = {}
    for merge in found:
        merges.setdefault(merge.left, []).append(merge)
    return {column: tuple(sorted(ranges, key=lambda merge: merge.top)) for column, ranges in merges.items()}
