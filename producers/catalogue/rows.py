"""Judges one data row by itself: its values, everything that is wrong with it, and what was put right on the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from producers.catalogue import words
from producers.catalogue.concerned import NO_FIELDS
from producers.catalogue.fill import DataRow
from producers.catalogue.remembered import Reads, Said
from producers.catalogue.sheet import EMPTY
from producers.catalogue.typed import Typed
from producers.catalogue.validity import ValidityRead
from producers.city_file import CityFile
from schemas.codec import canonical
from schemas.entry import RegisterEntry

MAX_EVENT_BYTES = 56 * 1024
"""Bytes of entry and origin together: a relay seals nothing over 64 KiB, and the envelope takes some."""

SURELY_SMALL = 1_000
"""Characters of a row that can't come to so many bytes, whatever they are."""

MAX_REMARK = 2_000


@dataclass(slots=True)  # not frozen: there are a hundred thousand, and each would take six times as long to make
class Judged:
    """A row, by its number, with its own reasons.

    `own` holds the reasons that single cells have, by field. `uscc` is set only when valid, `entry` when every value was
    read; `copy_key` holds the canonical columns, by which exact copies are known.
    """

    number: int
    reasons: frozenset[str]
    own: Mapping[str, tuple[str, ...]]
    columns: tuple[str, ...]
    warnings: tuple[str, ...]
    certificate_no: str | None
    uscc: str | None
    enterprise_name: str | None
    product_name: str | None
    models: tuple[str, ...]
    entry: RegisterEntry | None
    copy_key: tuple[object, ...]
    origin: Typed
    status_words: str
    row: DataRow | None = None
    """The row itself, when something is wrong with it: a person may put it right, and then it is judged again."""


_Says = Mapping[str, Said]


def judge(row: DataRow, city_file: CityFile, reads: Reads) -> Judged:
    """One row, without looking at any other."""
    cells = row.cells
    says = {field: said[cells.get(field, EMPTY)] for field, said in reads.by_field.items()}
    validity = reads.validity[cells.get("valid_from", EMPTY), cells.get("valid_to", EMPTY), cells.get("validity", EMPTY)]
    entry = _entry(says, validity, city_file)
    origin = _origin(row, says, reads)
    reasons = {*_value_reasons(row, says), *validity.reasons, *_row_reasons(row, says, city_file)}
    if entry is not None and _is_too_large(entry, origin):
        reasons.add("model_in_attachment")
    if entry is None and not reasons:
        reasons.add("encoding_loss")
    return Judged(
        row.number,
        frozenset(reasons),
        _own_reasons(row, says, reads) if reasons else NO_FIELDS,
        reads.shared[tuple(row.own)],
        (*row.filled, *validity.warnings, *[warning for said in says.values() for warning in said.warnings]),
        says["certificate_no"].value,
        says["uscc"].value,
        says["enterprise_name"].value,
        says["product_name"].value,
        says["models"].value,
        entry,
        _copy_key(says, validity),
        origin,
        says["status"].value.words,
        row if reasons else None,
    )


def _value_reasons(row: DataRow, says: _Says) -> Iterable[str]:
    """Reasons of the single cells; a firm that may have stood in a merged cell is a question, its blank code is not."""
    for field, said in says.items():
        if not said.reasons:
            continue
        if row.ambiguous and field == "enterprise_name":
            yield "ambiguous_fill_down"
        elif not (row.ambiguous and field == "uscc"):
            yield from said.reasons


def _own_reasons(row: DataRow, says: _Says, reads: Reads) -> dict[str, tuple[str, ...]]:
    """What each cell is at fault for; only columns that the sheet has."""
    dates = {field: reads.date_reasons[row.cell(field)] for field in ("valid_from", "valid_to", "validity")}
    faults = {field: (*said.reasons, *dates.get(field, ())) for field, said in says.items() if field in row.own}
    return {field: found for field, found in faults.items() if found}


def _row_reasons(row: DataRow, says: _Says, city_file: CityFile) -> Iterable[str]:
    """Reasons that need more than one cell, or the row as a whole."""
    status, remark = says["status"].value.status, says["remark"].value
    if remark:
        if status and words.remark_contradicts(status, remark, city_file):
            yield "status_remark_conflict"
        if len(remark) > MAX_REMARK:
            yield "encoding_loss"
    if row.hidden:
        yield "hidden_row"
    if row.overlong:
        yield "encoding_loss"


def _is_too_large(entry: RegisterEntry, origin: Typed) -> bool:
    if origin.characters <= SURELY_SMALL:
        return False
    return len(canonical([entry.as_json(), origin.as_dict()])) > MAX_EVENT_BYTES


def _entry(says: _Says, validity: ValidityRead, city_file: CityFile) -> RegisterEntry | None:
    """The entry, when every needed value was read; None when one is missing or its shape can't be kept."""
    certificate, code = says["certificate_no"].value, says["uscc"].value
    name, product = says["enterprise_name"].value, says["product_name"].value
    status, remark = says["status"].value, says["remark"].value
    if None in (certificate, code, name, product, status.status, validity.valid_from, validity.valid_to):
        return None
    try:
        entry = RegisterEntry.model_validate(
            {
                "register_city": city_file.city.code,
                "certificate_no": certificate,
                "batch": says["batch"].value,
                "kind": city_file.kind,
                "uscc": code,
                "enterprise_name": name,
                "district_code": says["district"].value,
                "product_name": product,
                "models": says["models"].value,
                "category": says["category"].value,
                "standards": says["standards"].value,
                "valid_from": validity.valid_from,
                "valid_to": validity.valid_to,
                "source_status": status.status,
                "status_reason": words.status_reason(status.status, status.words, remark, city_file),
                "remark": remark,
            }
        )
    except ValidationError:
        return None
    # Every entry here has the same fields set; pydantic keeps a set of its own for each, half of an entry's memory.
    object.__setattr__(entry, "__pydantic_fields_set__", _FIELDS_SET)
    return entry


_FIELDS_SET = set(RegisterEntry.model_fields) - {"category_code", "category_scheme_year"}

_COPIED = (
    "certificate_no",
    "enterprise_name",
    "uscc",
    "product_name",
    "models",
    "standards",
    "category",
    "district",
    "batch",
    "status",
)
"""Columns in which a copy is the same; the days and the remark too."""


def _copy_key(says: _Says, validity: ValidityRead) -> tuple[object, ...]:
    days = (validity.valid_from, validity.valid_to)
    if None in days:
        days = tuple(says[field].copied for field in ("valid_from", "valid_to", "validity"))
    return (*[says[field].copied for field in _COPIED], *days, says["remark"].value)


def _origin(row: DataRow, says: _Says, reads: Reads) -> Typed:
    """The cells as typed. Whatever looks like a phone number is masked wherever it stands: columns slip."""
    if row.own is row.cells:
        return Typed(reads.fields, tuple([said.origin for said in says.values()]))
    own = {field: cell for field, cell in row.own.items() if field != "seq"}
    texts = [(says[field] if row.cells[field] is cell else reads.by_field[field][cell]).origin for field, cell in own.items()]
    return Typed(reads.shared[tuple(own)], tuple(texts))
