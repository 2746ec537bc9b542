"""Judges one data row by itself: its values, everything that is wrong with it, and what was put right on the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from producers.catalogue import fields, words
from producers.catalogue.fill import DataRow
from producers.catalogue.privacy import masked
from producers.catalogue.sheet import Cell
from producers.catalogue.validity import ValidityRead, read_validity
from producers.city_file import FIELDS, CityFile
from schemas import text
from schemas.codec import canonical
from schemas.entry import RegisterEntry

MAX_ORIGIN_TEXT = 1_000
"""Characters of a raw cell that are kept as origin."""

MAX_EVENT_BYTES = 56 * 1024
"""Bytes of entry and origin together: a relay seals nothing over 64 KiB, and the envelope takes some."""

MAX_REMARK = 2_000

_GUARDED = ("enterprise_name", "product_name", "models", "certificate_no", "uscc", "standards", "category")
"""Cells that are shown and exported as they are, and so must not begin like a formula."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its own reasons.

    `uscc` is set only when valid, `entry` when every value was read; `copy_key` holds the canonical columns, by which
    exact copies are known.
    """

    row: DataRow
    reasons: frozenset[str]
    warnings: tuple[str, ...]
    certificate_no: str | None
    uscc: str | None
    enterprise_name: str | None
    product_name: str | None
    models: tuple[str, ...]
    entry: RegisterEntry | None
    copy_key: tuple[object, ...]
    origin: Mapping[str, str]
    status_words: str


@dataclass(frozen=True, slots=True)
class _Values:
    """Every cell of a row as read."""

    name: fields.TextRead
    code: fields.TextRead
    product: fields.TextRead
    certificate: fields.TextRead
    models: fields.ListRead
    standards: fields.ListRead
    category: fields.TextRead
    district: words.WordRead
    batch: words.WordRead
    validity: ValidityRead
    status: words.StatusRead
    remark: str | None


def judge(row: DataRow, city_file: CityFile, epoch: int) -> Judged:
    """One row, without looking at any other. `epoch` is the workbook's (1900 or 1904)."""
    values = _read(row, city_file, epoch)
    entry = _entry(values, city_file)
    origin = _origin(row)
    reasons = {*_formula_reasons(row), *_value_reasons(row, values), *_row_reasons(row, values, city_file)}
    if entry is not None and len(canonical([entry.as_json(), origin])) > MAX_EVENT_BYTES:
        reasons.add("model_in_attachment")
    if entry is None and not reasons:
        reasons.add("encoding_loss")
    return Judged(
        row,
        frozenset(reasons),
        tuple(dict.fromkeys((*row.filled, *_warnings(values)))),
        values.certificate.value,
        values.code.value,
        values.name.value,
        values.product.value,
        values.models.values,
        entry,
        _copy_key(row, values),
        origin,
        values.status.words,
    )


def _read(row: DataRow, city_file: CityFile, epoch: int) -> _Values:
    return _Values(
        fields.read_name(row.cell("enterprise_name"), text.enterprise_name, "enterprise_missing"),
        fields.read_uscc(row.cell("uscc"), city_file),
        fields.read_name(row.cell("product_name"), text.product_name, "product_missing"),
        fields.read_certificate(row.cell("certificate_no"), city_file),
        fields.read_models(row.cell("models")),
        fields.read_standards(row.cell("standards")),
        fields.read_category(row.cell("category")),
        words.read_district(row.cell("district"), city_file),
        words.read_batch(row.cell("batch"), city_file),
        read_validity(row.cell("valid_from"), row.cell("valid_to"), row.cell("validity"), epoch),
        words.read_status(row.cell("status"), city_file),
        words.read_remark(row.cell("remark")),
    )


def _formula_reasons(row: DataRow) -> Iterable[str]:
    return ("formula_injection" for field in _GUARDED if fields.is_formula_like(row.cell(field)))


def _value_reasons(row: DataRow, values: _Values) -> Iterable[str]:
    """Reasons of the single cells.

    A cell that begins like a formula has no other; a firm that may have stood in a merged cell is a question.
    """
    read: dict[str, tuple[str, ...]] = {
        "certificate_no": values.certificate.reasons,
        "enterprise_name": values.name.reasons,
        "uscc": values.code.reasons,
        "product_name": values.product.reasons,
        "models": values.models.reasons,
        "standards": values.standards.reasons,
        "category": values.category.reasons,
        "valid_from": values.validity.reasons,
        "district": _one(values.district.reason),
        "batch": _one(values.batch.reason),
        "status": _one(values.status.reason),
    }
    if row.ambiguous:
        read |= {"enterprise_name": ("ambiguous_fill_down",), "uscc": ()}
    for field, reasons in read.items():
        if not (field in _GUARDED and fields.is_formula_like(row.cell(field))):
            yield from reasons


def _one(reason: str | None) -> tuple[str, ...]:
    return () if reason is None else (reason,)


def _row_reasons(row: DataRow, values: _Values, city_file: CityFile) -> Iterable[str]:
    """Reasons that need more than one cell, or the look of the row."""
    if values.name.value and fields.holds_more_than_name(row.cell("enterprise_name")):
        yield "former_name_in_cell"
    if values.product.value and masked(values.product.value) != values.product.value:
        yield "former_name_in_cell"
    if values.status.status and words.remark_contradicts(values.status.status, values.remark, city_file):
        yield "status_remark_conflict"
    if row.hidden:
        yield "hidden_row"
    cells = {field: row.cell(field) for field in FIELDS}
    if any(cell.struck and not cell.is_blank for cell in cells.values()):
        yield "struck_out"
    lost = any(fields.has_lost_characters(cell, is_remark=field == "remark") for field, cell in cells.items())
    if lost or row.overlong or len(values.remark or "") > MAX_REMARK:
        yield "encoding_loss"


def _warnings(values: _Values) -> Iterable[str]:
    reads = (
        values.certificate,
        values.name,
        values.code,
        values.product,
        values.models,
        values.category,
        values.standards,
    )
    for read in reads:
        yield from read.warnings
    for word in (values.district, values.batch, values.validity, values.status):
        yield from word.warnings


def _entry(values: _Values, city_file: CityFile) -> RegisterEntry | None:
    """The entry, when every needed value was read; None when one is missing or its shape can't be kept."""
    status, validity = values.status.status, values.validity
    found = (values.certificate.value, values.code.value, values.name.value, values.product.value)
    if None in found or status is None or validity.valid_from is None or validity.valid_to is None:
        return None
    try:
        return RegisterEntry.model_validate(
            {
                "register_city": city_file.city.code,
                "certificate_no": values.certificate.value,
                "batch": values.batch.value,
                "kind": city_file.kind,
                "uscc": values.code.value,
                "enterprise_name": values.name.value,
                "district_code": values.district.value,
                "product_name": values.product.value,
                "models": values.models.values,
                "category": values.category.value,
                "standards": values.standards.values,
                "valid_from": validity.valid_from,
                "valid_to": validity.valid_to,
                "source_status": status,
                "status_reason": words.status_reason(status, values.status.words, values.remark, city_file),
                "remark": values.remark,
            }
        )
    except ValidationError:
        return None


def _copy_key(row: DataRow, values: _Values) -> tuple[object, ...]:
    return (
        values.certificate.value,
        values.name.value or _plain(row.cell("enterprise_name")),
        values.code.value or _plain(row.cell("uscc")),
        values.product.value or _plain(row.cell("product_name")),
        values.models.values or _plain(row.cell("models")),
        values.standards.values or _plain(row.cell("standards")),
        values.category.value or _plain(row.cell("category")),
        values.district.value or _plain(row.cell("district")),
        values.batch.value or _plain(row.cell("batch")),
        values.validity.valid_from or tuple(_plain(row.cell(field)) for field in ("valid_from", "valid_to", "validity")),
        values.validity.valid_to,
        values.status.status or _plain(row.cell("status")),
        values.remark,
    )


def _plain(cell: Cell) -> str:
    return "" if cell.is_blank else text.plain(cell.text).value


def _origin(row: DataRow) -> dict[str, str]:
    """The cells as typed. Whatever looks like a phone number is masked wherever it stands: columns slip."""
    kept = {field: cell.text for field, cell in row.own.items() if field != "seq" and not cell.is_blank}
    return {field: (said if field == "uscc" else masked(said))[:MAX_ORIGIN_TEXT] for field, said in kept.items()}
