"""Catalogues as they come out of the reader, imported into a register."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from producers.catalogue.report import CatalogueReport, RowOutcome, RowResult
from producers.catalogue.typed import Typed
from producers.importing import ImportOptions, ImportResult, import_catalogue
from schemas.entry import RegisterEntry
from tests.support.cities import CHANGSHA
from tests.support.entries import entry

NOW = datetime(2021, 7, 22, 1, 0, tzinfo=UTC)
COMPLETE = ImportOptions(complete=True)


def _row(number: int, one: RegisterEntry, outcome: RowOutcome = "accept") -> RowResult:
    accepted = one if outcome == "accept" else None
    reasons = () if outcome == "accept" else ("status_missing",)
    return RowResult(number, outcome, reasons, (), one.certificate_no, accepted, one, Typed(("certificate_no",), ("raw",)), "有效")


def file_of(
    name: str,
    entries: Sequence[RegisterEntry] = (),
    held: Sequence[RegisterEntry] = (),
    rejected: Sequence[RegisterEntry] = (),
    filed_on: date | None = None,
) -> CatalogueReport:
    """A catalogue of Changsha, read: accepted, held and rejected rows, from the fourth on."""
    judged: list[tuple[RegisterEntry, RowOutcome]] = [
        *((one, "accept") for one in entries),
        *((one, "review") for one in held),
        *((one, "reject") for one in rejected),
    ]
    rows = tuple(_row(number, one, outcome) for number, (one, outcome) in enumerate(judged, start=4))
    return CatalogueReport(CHANGSHA, f"{name}.xlsx", name.ljust(64, "0"), "目录", rows, (), None, (), filed_on)


def imported(engine: Engine, report: CatalogueReport, options: ImportOptions | None = None, hour: int = 0) -> ImportResult:
    """Import it, so many hours after `NOW`."""
    return import_catalogue(engine, report, NOW + timedelta(hours=hour), options or ImportOptions())


def ten() -> list[RegisterEntry]:
    """Ten entries."""
    return [entry(number) for number in range(10)]
