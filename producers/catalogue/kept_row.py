"""A row that waits for a person, as it is kept: what the rules read, so that they can be run again, on more than the text."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from producers.catalogue.fill import DataRow
from producers.catalogue.privacy import masked
from producers.catalogue.rows import Judged
from producers.catalogue.sheet import EMPTY, Cell, CellKind, text_cell
from schemas.entry import RegisterEntry

_MARKS = ("hidden", "ambiguous", "overlong")


def again(one: Judged) -> DataRow:
    """The row to judge again. One without a fault of its own is made of its typed cells, and of its entry where it had none."""
    if one.row is not None:
        return one.row
    values = (_values(one.entry, one.status_words) if one.entry is not None else {}) | dict(one.origin)
    cells = {field: text_cell(text) for field, text in values.items()}
    return DataRow(one.number, cells, cells)


def _values(entry: RegisterEntry, status_words: str) -> dict[str, str]:
    """What an entry's columns say, in words that are read as the same entry again."""
    values = {
        "certificate_no": entry.certificate_no,
        "enterprise_name": entry.enterprise_name,
        "uscc": entry.uscc,
        "district": entry.district_code,
        "product_name": entry.product_name,
        "models": "、".join(entry.models),
        "category": entry.category,
        "standards": "；".join(entry.standards),
        "batch": entry.batch,
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
        "status": status_words,
        "remark": entry.remark,
    }
    return {field: str(value) for field, value in values.items() if value}


def packed_row(row: DataRow) -> str:
    """A row as JSON text."""
    marks = {mark: True for mark in _MARKS if getattr(row, mark)}
    cells = {field: _packed(cell) for field, cell in row.cells.items() if not cell.is_blank}
    if "remark" in row.cells and not row.cells["remark"].is_blank:
        cells["remark"] = masked(row.cells["remark"].text)  # as the rules read it
    return json.dumps({"cells": cells, "filled": sorted(row.filled), "epoch": row.epoch, **marks}, ensure_ascii=False)


def _packed(cell: Cell) -> str | dict[str, Any]:
    if cell.kind is CellKind.TEXT and not cell.struck:
        return cell.text
    day = cell.day.isoformat() if cell.day else None
    return {"kind": cell.kind.value, "text": cell.text, "number": cell.number, "day": day, "struck": cell.struck}


def unpacked_row(text: str, number: int) -> DataRow:
    """The row again, under a number. Raises `ValueError` or `KeyError` when the text is not one."""
    kept = json.loads(text)
    cells = {field: _cell(cell) for field, cell in kept["cells"].items()}
    marks = {mark: bool(kept.get(mark)) for mark in _MARKS}
    return DataRow(number, cells, cells, filled=frozenset(kept["filled"]), epoch=kept["epoch"], **marks)


def _cell(kept: str | Mapping[str, Any]) -> Cell:
    if isinstance(kept, str):
        return text_cell(kept)
    day = date.fromisoformat(kept["day"]) if kept["day"] else None
    return Cell(CellKind(kept["kind"]), kept["text"], kept["number"], day, kept["struck"])


def with_values(row: DataRow, values: Mapping[str, str]) -> DataRow:
    """The row with what a person says in some of its fields; an empty text makes a cell blank."""
    said = {field: text_cell(text) if text else EMPTY for field, text in values.items()}
    ambiguous = row.ambiguous and not {"enterprise_name", "uscc"} & {*values}
    return DataRow(row.number, row.own, {**row.cells, **said}, row.hidden, row.filled, ambiguous, row.overlong, row.epoch)
