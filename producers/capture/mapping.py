"""A row image as a row of a catalogue: the mapped columns as cells, so that the importer's rules can judge them."""

import json
import re
from datetime import datetime
from typing import Any

from producers.catalogue.fill import DataRow
from producers.catalogue.sheet import EMPTY, Cell, CellKind, number_cell, text_cell
from producers.city_file import CaptureMapping
from schemas.codec import SHANGHAI

DAYS = frozenset(("valid_from", "valid_to"))
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?")


def data_row(image: str, mapping: CaptureMapping, number: int) -> DataRow:
    """The row of an image, a JSON object of columns, under a number. A column that the image lacks is blank."""
    # Numbers with a point stay as written: 2.50 is a model too.
    values: dict[str, Any] = json.loads(image, parse_float=str, parse_constant=str)
    cells = {field: _cell(field, values.get(column)) for field, column in mapping.columns.items()}
    cells |= {field: text_cell(text) for field, text in mapping.fixed.items()}
    return DataRow(number, cells, cells)


def _cell(field: str, value: Any) -> Cell:
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return text_cell("TRUE" if value else "FALSE")
    if isinstance(value, int):
        return number_cell(value, "General")
    if not isinstance(value, str):
        return text_cell(json.dumps(value, ensure_ascii=False))
    if field in DAYS and _MOMENT.fullmatch(value):
        return _day_of(value)
    return text_cell(value)


def _day_of(moment: str) -> Cell:
    """The day of a moment, in Shanghai where it names an offset."""
    try:
        read = datetime.fromisoformat(moment)
        day = (read.astimezone(SHANGHAI) if read.tzinfo is not None else read).date()
    except (ValueError, OverflowError):
        return text_cell(moment)
    return Cell(CellKind.DATE, day.isoformat(), day=day)
