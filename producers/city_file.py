"""What only a city knows and its file says: its name and code, its columns, numbers, words and limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.city import City
from schemas.districts import Divisions
from schemas.entry import Kind, SourceStatus

FIELDS = (
    "seq",
    "enterprise_name",
    "uscc",
    "district",
    "product_name",
    "models",
    "category",
    "standards",
    "certificate_no",
    "batch",
    "valid_from",
    "valid_to",
    "validity",
    "status",
    "remark",
)
"""Columns a catalogue may have. `validity` holds a range or a term; `seq` is the running number, never kept."""


@dataclass(frozen=True, slots=True)
class StatusWords:
    """Words of one status: `words` are the city's own, `synonyms` are understood with a warning."""

    words: frozenset[str]
    synonyms: frozenset[str]


@dataclass(frozen=True, slots=True)
class CaptureMapping:
    """How a table of the city's own is a catalogue. `table` may be `schema.table`; `key` is the column that names a row.

    `columns` maps fields to the table's columns, `fixed` gives fields that no column holds the same text in every row.
    """

    table: str
    key: str
    columns: Mapping[str, str]
    fixed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CityFile:
    """A city's file, checked. Regular expressions match the whole canonical text; label lists go from best to last.

    `certificate_example` is an invented number in its normal form. `others` are the other cities that take part,
    `other_prefixes` how their certificate numbers begin; `capture` is None in a city whose register no program writes.
    """

    city: City
    kind: Kind
    withdrawal_share: float
    certificate_prefix: str
    certificate_pattern: re.Pattern[str]
    certificate_example: str
    columns: Mapping[str, tuple[str, ...]]
    needed: tuple[tuple[str, ...], ...]
    contact_words: tuple[str, ...]
    not_in_labels: tuple[str, ...]
    statuses: Mapping[SourceStatus, StatusWords]
    withdrawn_remark: re.Pattern[str]
    suspended_remark: re.Pattern[str]
    status_reasons: Mapping[str, re.Pattern[str]]
    batch_forms: tuple[re.Pattern[str], ...]
    divisions: Divisions
    district_aliases: Mapping[str, str]
    capture: CaptureMapping | None = None
    others: tuple[City, ...] = ()
    other_prefixes: Mapping[str, City] = field(default_factory=dict)
