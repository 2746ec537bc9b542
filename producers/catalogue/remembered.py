"""What each cell of a column says, worked out once for cells that come again."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from producers.catalogue import fields, words
from producers.catalogue.privacy import masked
from producers.catalogue.recent import Recent
from producers.catalogue.sheet import Cell
from producers.catalogue.validity import ValidityRead, date_reasons, read_validity
from producers.city_file import FIELDS, CityFile
from schemas import text

MAX_ORIGIN_TEXT = 1_000
"""Characters of a raw cell that are kept as origin."""

_GUARDED = frozenset(("enterprise_name", "product_name", "models", "certificate_no", "uscc", "standards", "category"))
"""Cells that are shown and exported as they are, and so must not begin like a formula."""


class Said(NamedTuple):
    """What one cell says in its column.

    `value` is what the entry takes (of the status: the whole reading, of days: nothing); `copied` what copies of a row
    have in common; `origin` the text as typed, masked and cut.
    """

    value: Any
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    copied: Any
    origin: str


Read = fields.TextRead | fields.ListRead | tuple[Any, tuple[str, ...], tuple[str, ...]]
"""Value, reasons and warnings."""


def _readers(city_file: CityFile) -> Mapping[str, Callable[[Cell], Read]]:
    """How each column is read."""
    return {
        "certificate_no": lambda cell: fields.read_certificate(cell, city_file),
        "enterprise_name": _enterprise,
        "uscc": lambda cell: fields.read_uscc(cell, city_file),
        "product_name": _product,
        "models": fields.read_models,
        "standards": fields.read_standards,
        "category": fields.read_category,
        "district": lambda cell: _word(words.read_district(cell, city_file)),
        "batch": lambda cell: _word(words.read_batch(cell, city_file)),
        "status": lambda cell: _status(words.read_status(cell, city_file)),
        "remark": lambda cell: (words.read_remark(cell), (), ()),
    }


def _word(read: words.WordRead) -> Read:
    return read.value, () if read.reason is None else (read.reason,), read.warnings


def _status(read: words.StatusRead) -> Read:
    return read, () if read.reason is None else (read.reason,), read.warnings


def _enterprise(cell: Cell) -> Read:
    read = fields.read_name(cell, text.enterprise_name, "enterprise_missing")
    more = ("former_name_in_cell",) if read.value and fields.holds_more_than_name(cell) else ()
    return read.value, (*read.reasons, *more), read.warnings


def _product(cell: Cell) -> Read:
    read = fields.read_name(cell, text.product_name, "product_missing")
    more = ("former_name_in_cell",) if read.value and masked(read.value) != read.value else ()
    return read.value, (*read.reasons, *more), read.warnings


def _unread(cell: Cell) -> Read:
    return None, (), ()


def _said(field: str, cell: Cell, read: Callable[[Cell], Read]) -> Said:
    """A cell that begins like a formula has no other reason of its own."""
    value, reasons, warnings = read(cell)
    is_blank = cell.is_blank
    if field in _GUARDED and fields.is_formula_like(cell):
        reasons = ("formula_injection",)
    if cell.struck and not is_blank:
        reasons += ("struck_out",)
    if fields.has_lost_characters(cell, is_remark=field == "remark"):
        reasons += ("encoding_loss",)
    known = value.status if isinstance(value, words.StatusRead) else value
    copied = known or ("" if is_blank else text.plain(cell.text).value)
    origin = "" if is_blank else cell.text if field == "uscc" else masked(cell.text)
    return Said(value, reasons, warnings, copied, origin[:MAX_ORIGIN_TEXT])


class Reads:
    """The readers of a city's cells by field, and of the validity in three of them, each remembering."""

    def __init__(self, city_file: CityFile, epoch: int) -> None:
        """`epoch` is the workbook's, 1900 or 1904."""
        readers = _readers(city_file)
        self.fields = tuple(field for field in FIELDS if field != "seq")
        self.by_field = {field: _remembering(field, readers.get(field, _unread)) for field in self.fields}
        self.shared: Recent[tuple[str, ...], tuple[str, ...]] = Recent(lambda fields: fields)
        self.validity: Recent[tuple[Cell, Cell, Cell], ValidityRead] = Recent(lambda cells: read_validity(*cells, epoch))
        self.date_reasons: Recent[Cell, tuple[str, ...]] = Recent(lambda cell: date_reasons(cell, epoch))


def _remembering(field: str, read: Callable[[Cell], Read]) -> Recent[Cell, Said]:
    return Recent(lambda cell: _said(field, cell, read))
