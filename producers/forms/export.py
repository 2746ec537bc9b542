"""The register as a catalogue, read again before it is given away: it must import as no change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from producers.catalogue.read import read_catalogue
from producers.catalogue.sheet import Limits
from producers.city_file import CityFile
from producers.forms.cells import cells_of
from producers.forms.workbook import workbook
from schemas.entry import RegisterEntry, SourceStatus

FILE_NAME = "目录.xlsx"


@dataclass(frozen=True, slots=True)
class Export:
    """The workbook, how many entries it holds, and the certificate numbers of those that a row can't say exactly.

    `left_out` are withdrawn entries, which a catalogue need not name; `inexact` stand in it and would import as changes.
    """

    data: bytes
    entries: int
    left_out: tuple[str, ...]
    inexact: tuple[str, ...]


def export(register: Mapping[str, RegisterEntry], city_file: CityFile, today: date, filed_on: date, limits: Limits) -> Export:
    """Every entry, by certificate number. `filed_on` must not be before the day of the last catalogue that was imported."""
    entries = dict(sorted(register.items()))
    data = _written(entries, city_file, today, filed_on)
    changed = _changed(data, entries, city_file, today, limits)
    gone = tuple(number for number in changed if entries[number].source_status is SourceStatus.WITHDRAWN)
    kept = {number: entry for number, entry in entries.items() if number not in set(gone)}
    if gone:
        data = _written(kept, city_file, today, filed_on)
        changed = _changed(data, entries, city_file, today, limits)
    return Export(data, len(kept), gone, tuple(changed))


def _written(entries: Mapping[str, RegisterEntry], city_file: CityFile, today: date, filed_on: date) -> bytes:
    return workbook(city_file, today, filed_on, (cells_of(entry, city_file) for entry in entries.values()))


def _changed(data: bytes, register: Mapping[str, RegisterEntry], city_file: CityFile, today: date, limits: Limits) -> list[str]:
    """Which entries importing it would change. Rows that would wait for a person change nothing."""
    report = read_catalogue(data, FILE_NAME, city_file, today, register, limits)
    accepted = (row.entry for row in report.rows if row.entry is not None)
    return [entry.certificate_no for entry in accepted if register.get(entry.certificate_no) != entry]
