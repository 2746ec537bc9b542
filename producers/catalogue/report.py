"""What reading a catalogue answers: a result for every row, and what was seen of the file as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from producers.catalogue.concerned import NO_FIELDS
from producers.catalogue.fill import DataRow
from producers.catalogue.layout import LayoutRow
from producers.catalogue.typed import Typed
from schemas.city import City
from schemas.entry import RegisterEntry

RowOutcome = Literal["accept", "review", "reject", "skip"]
OUTCOMES: tuple[RowOutcome, ...] = ("accept", "review", "reject", "skip")


@dataclass(slots=True)  # not frozen: there are a hundred thousand, and each would take six times as long to make
class RowResult:
    """One data row judged. `reasons` and `warnings` are codes in the catalogue's order; warnings only when accepted.

    `entry` is set only when accepted. `candidate` is set on a held row too, when every value of it could be read: what
    a person's yes would put into the register. `origin` holds the mapped cells as typed, never a contact column.
    `fields` says which cells each reason speaks of; none: the whole row.
    """

    row: int
    outcome: RowOutcome
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    certificate_no: str | None
    entry: RegisterEntry | None
    candidate: RegisterEntry | None
    origin: Typed
    status_words: str
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_FIELDS)
    again: DataRow | None = field(default=None, compare=False)
    """Of a held row: what is judged again when a person has decided."""

    def as_json(self) -> dict[str, Any]:
        """The row as `city import --json` shows it."""
        return {
            "row": self.row,
            "outcome": self.outcome,
            "reasons": list(self.reasons),
            "warnings": list(self.warnings),
            "certificate_no": self.certificate_no,
            "entry": None if self.entry is None else self.entry.as_json(),
            "fields": {reason: list(fields) for reason, fields in self.fields.items()},
        }


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """Products as the last footer counts them, and data rows as read, copies included."""

    declared: int
    counted: int


@dataclass(frozen=True, slots=True)
class CatalogueReport:
    """A catalogue read. `sheet` is None for CSV; `filed_on` is the 填报日期 found above or below the table.

    `header` is the number of the header's last row, `columns` the column of each field, counted from 1.
    """

    city: City
    file: str
    file_sha256: str
    sheet: str | None
    rows: tuple[RowResult, ...]
    layout: tuple[LayoutRow, ...]
    control_total: ControlTotal | None
    extra_columns: tuple[str, ...]
    filed_on: date | None
    header: int = 0
    columns: Mapping[str, int] = field(default_factory=dict)

    @property
    def totals(self) -> dict[str, int]:
        """Rows by outcome, all four named."""
        return {outcome: sum(1 for row in self.rows if row.outcome == outcome) for outcome in OUTCOMES}

    def summary(self) -> dict[str, Any]:
        """The report as `city import --json` shows it, but for the rows, and `events` and `held`, which the register knows."""
        control = self.control_total
        return {
            "city": self.city.word,
            "file": self.file,
            "file_sha256": self.file_sha256,
            "sheet": self.sheet,
            "rows": [],
            "totals": self.totals,
            "header": self.header,
            "columns": dict(self.columns),
            "layout": [{"row": one.row, "reason": one.reason} for one in self.layout],
            "control_total": {"declared": control.declared, "counted": control.counted} if control else None,
            "extra_columns": list(self.extra_columns),
            "filed_on": self.filed_on.isoformat() if self.filed_on else None,
        }


class ReportRows:
    """The rows of a report as JSON, made whenever they are walked through: a hundred thousand at once are 200 MB."""

    def __init__(self, report: CatalogueReport) -> None:
        self._rows = report.rows

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (row.as_json() for row in self._rows)

    def not_accepted(self) -> Iterator[dict[str, Any]]:
        """Those that a person has to look at."""
        return (row.as_json() for row in self._rows if row.outcome != "accept")
