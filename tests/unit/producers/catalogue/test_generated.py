"""Catalogues of any seed agree with their own answer keys, as workbook and as CSV: rules, not the three samples.

`CZT_TEST_CATALOGUES` says how many seeds a city gets; the usual run takes two.
"""

import os
from collections.abc import Callable

import pytest

from producers.catalogue.read import read_catalogue
from schemas.city import City
from schemas.reason_texts.layout import LAYOUT
from schemas.reason_texts.rows import ROWS
from schemas.reason_texts.warnings import WARNINGS
from tests.support.catalogue_files import csv_file, xlsx
from tests.support.cities import CHANGSHA, CITIES, FILES
from tests.support.dirty_catalogues import AS_OF, Answer, Catalogue, Line, make

SEEDS = range(int(os.environ.get("CZT_TEST_CATALOGUES", "2")))
Written = tuple[bytes, dict[int, Line], dict[int, str]]


@pytest.mark.parametrize(("name", "write"), [("目录.xlsx", xlsx), ("目录.csv", csv_file)])
@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_generated_catalogue_agrees_with_its_key(seed: int, city: City, name: str, write: Callable[[Catalogue], Written]) -> None:
    """Every row has the outcome, reasons, warnings and values of its key, every layout row its code."""
    data, lines, layout = write(make(seed, city))
    report = read_catalogue(data, name, FILES.file_of(city), AS_OF, {})
    assert {one.row: one.reason for one in report.layout} == layout
    assert {one.row for one in report.rows} == set(lines)
    wrong = []
    for one in report.rows:
        answer = _answer(lines[one.row], name)
        entry = one.as_json()["entry"] or {}
        found = (one.outcome, one.reasons, one.warnings, {field: entry.get(field) for field in answer.entry})
        reasons = ("duplicate_row",) if answer.is_copy else answer.reasons
        if found != (answer.outcome, reasons, answer.warnings, dict(answer.entry)):
            wrong.append((one.row, dict(lines[one.row].cells), answer, found))
    assert not wrong
    assert report.control_total is not None
    assert report.control_total.declared == report.control_total.counted == len(lines)


def _answer(line: Line, name: str) -> Answer:
    return line.csv if name.endswith(".csv") else line.xlsx


def test_every_code_of_rows_comes_from_a_real_file() -> None:
    """No code, warning or layout code of the catalogue of reasons is left out of the generated files."""
    seen: set[str] = set()
    for name, write in (("目录.xlsx", xlsx), ("目录.csv", csv_file)):
        report = read_catalogue(write(make(0, CHANGSHA))[0], name, FILES.file_of(CHANGSHA), AS_OF, {})
        seen |= {code for one in report.rows for code in (*one.reasons, *one.warnings)}
        seen |= {one.reason for one in report.layout}
    assert seen == {reason.code for table in (ROWS, WARNINGS, LAYOUT) for reason in table}
