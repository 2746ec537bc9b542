"""Which cells of a row a reason speaks of: those that have it by themselves, else those that the table names."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

NO_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType({})
"""Shared by all rows without a reason, which is nearly every row."""

_DATES = ("valid_from", "valid_to", "validity")

FIELDS_OF: Mapping[str, tuple[str, ...]] = {
    "duplicate_row": (),
    "certificate_missing": ("certificate_no",),
    "dup_certificate": ("certificate_no",),
    "wrong_issuer": ("certificate_no",),
    "enterprise_missing": ("enterprise_name",),
    "product_missing": ("product_name",),
    "ambiguous_fill_down": ("enterprise_name", "uscc", "district"),
    "uscc_missing": ("uscc",),
    "uscc_length": ("uscc",),
    "uscc_legacy_regno": ("uscc",),
    "uscc_legacy_orgcode": ("uscc",),
    "uscc_checksum": ("uscc",),
    "uscc_confusable": ("uscc",),
    "uscc_precision_lost": ("uscc",),
    "uscc_conflict_same_name": ("uscc", "enterprise_name"),
    "name_conflict_same_uscc": ("enterprise_name", "uscc"),
    "former_name_in_cell": ("enterprise_name",),
    "possible_duplicate_product": ("product_name", "models", "certificate_no"),
    "model_in_attachment": ("models",),
    "model_autoconverted_date": ("models",),
    "date_missing": _DATES,
    "date_invalid": _DATES,
    "date_order": ("valid_from", "valid_to"),
    "date_ambiguous_dmy": _DATES,
    "date_two_digit_year": _DATES,
    "date_month_only": _DATES,
    "validity_open_ended": _DATES,
    "status_missing": ("status",),
    "status_unknown": ("status",),
    "district_unknown": ("district",),
    "batch_unknown": ("batch",),
    "certificate_pattern": ("certificate_no",),
    "status_remark_conflict": ("status", "remark"),
    "struck_out": (),
    "hidden_row": (),
    "encoding_loss": (),
    "formula_injection": (),
}
"""Fields by reason. Empty: the whole row, unless single cells have the reason by themselves."""


def concerned(reasons: Iterable[str], own: Mapping[str, tuple[str, ...]], columns: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Fields by reason. `own` holds the reasons that single cells have, `columns` the fields that the sheet has."""
    there = tuple(columns)
    found = {reason: _fields(reason, own, there) for reason in reasons}
    return found or NO_FIELDS


def _fields(reason: str, own: Mapping[str, tuple[str, ...]], columns: tuple[str, ...]) -> tuple[str, ...]:
    by_itself = tuple(field for field in columns if reason in own.get(field, ()))
    return by_itself or tuple(field for field in FIELDS_OF[reason] if field in columns)
