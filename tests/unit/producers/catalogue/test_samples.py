"""The three cities' samples against their answer keys, row by row, as workbook and as CSV."""

import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from producers.catalogue.read import read_catalogue
from producers.catalogue.report import CatalogueReport, ReportRows
from schemas.city import City
from tests.support.cities import CITIES, FILES
from tests.unit.producers.catalogue.catalogues import LABELS, OTHER_LABELS, xlsx

SAMPLES = Path(__file__).parents[3] / "samples"
CATALOGUES = {"catalogue.xlsx": "xlsx_row", "catalogue_gbk.csv": "csv_line"}


def _key(city: City) -> dict[str, Any]:
    key: dict[str, Any] = json.loads((SAMPLES / city.word / "answer_key.json").read_text("utf-8"))
    return key


def _report(city: City, file: str) -> CatalogueReport:
    data = (SAMPLES / city.word / file).read_bytes()
    return read_catalogue(data, file, FILES.file_of(city), date.fromisoformat(_key(city)["as_of"]), {})


def _answers() -> list[Any]:
    return [
        pytest.param(city, file, answer, id=f"{city}-{file}-{answer['id'] or answer['reasons'][0]}-{answer[column]}")
        for city in CITIES
        for file, column in CATALOGUES.items()
        for answer in _key(city)["rows"]
    ]


@pytest.fixture(scope="module")
def reports() -> dict[tuple[City, str], CatalogueReport]:
    """Every sample read once."""
    return {(city, file): _report(city, file) for city in CITIES for file in CATALOGUES}


@pytest.mark.parametrize(("city", "file", "answer"), _answers())
def test_row_agrees_with_key(
    reports: dict[tuple[City, str], CatalogueReport], city: City, file: str, answer: dict[str, Any]
) -> None:
    """Each row has the outcome, reasons, warnings and values of the key; layout rows have its layout code."""
    report = reports[city, file]
    number = answer[CATALOGUES[file]]
    if answer["id"] is None:
        layout = {one.row: one.reason for one in report.layout}
        assert layout.get(number, "blank_row") == answer["reasons"][0]
        return
    answer = answer | (answer.get("csv", {}) if file.endswith(".csv") else {})
    result = next(one for one in report.rows if one.row == number)
    assert (result.outcome, list(result.reasons)) == (answer["outcome"], answer["reasons"])
    if answer["outcome"] != "accept":
        assert result.entry is None
        return
    assert list(result.warnings) == answer["warnings"]
    expected = {name: value for name, value in answer["expect"].items() if name != "eligible"}
    expected |= {"standards": [expected.pop("standard")], "source_status": expected.pop("status")}
    entry = result.as_json()["entry"]
    assert {name: entry[name] for name in expected} == expected


@pytest.mark.parametrize("file", CATALOGUES)
@pytest.mark.parametrize("city", CITIES)
def test_file_agrees_with_key(reports: dict[tuple[City, str], CatalogueReport], city: City, file: str) -> None:
    """Totals, control total and the days of filing are the key's; no row is missing or invented."""
    key, report = _key(city), reports[city, file]
    assert report.file_sha256 == key["files"][file]
    assert report.totals == {"skip": 0} | key["tally"]["csv" if file.endswith(".csv") else "xlsx"]
    assert report.control_total is not None
    assert report.control_total.declared == key["control_total"]["declared_products"]
    assert report.control_total.counted == key["control_total"]["data_rows"]
    assert report.filed_on == date(2021, 7, 16)
    assert report.extra_columns == ()
    known = {answer[CATALOGUES[file]] for answer in key["rows"]}
    assert {one.row for one in report.layout} | {one.row for one in report.rows} <= known


@pytest.mark.parametrize("file", CATALOGUES)
@pytest.mark.parametrize("city", CITIES)
def test_contacts_never_leave(reports: dict[tuple[City, str], CatalogueReport], city: City, file: str) -> None:
    """No contact name or phone number stands anywhere in a report."""
    report = reports[city, file]
    shown = repr(report) + json.dumps([report.summary(), *ReportRows(report)], ensure_ascii=False)
    assert not [word for word in _key(city)["forbidden_in_output"] if word in shown]


@pytest.mark.parametrize("city", CITIES)
def test_reading_again_into_a_full_register_changes_nothing(city: City) -> None:
    """Rows that the file replaces don't count as conflicts: the second import judges as the first did."""
    data = (SAMPLES / city.word / "catalogue.xlsx").read_bytes()
    first = _report(city, "catalogue.xlsx")
    register = {row.entry.certificate_no: row.entry for row in first.rows if row.entry is not None}
    again = read_catalogue(data, "catalogue.xlsx", FILES.file_of(city), date(2021, 7, 22), register)
    assert again == first


def _raw(value: Any) -> Any:
    """A raw cell of the key as openpyxl writes it."""
    if not isinstance(value, dict):
        return value
    if "date" in value:
        return date.fromisoformat(value["date"])
    return value["number"] if "number" in value else value["xlsx"]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("city", CITIES)
def test_same_rows_in_another_sheet(city: City, seed: int) -> None:
    """The key's raw rows under other labels, in another order of columns, without title and headings, judge alike."""
    answers = [answer for answer in _key(city)["rows"] if answer["id"]]
    fields = [field for field in LABELS if field not in ("person", "phone")]
    random.Random(seed).shuffle(fields)
    labels = (LABELS, OTHER_LABELS)[seed % 2]
    cells = [[labels[field] for field in fields]]
    cells += [[_raw(answer["raw"][field]) for field in map(_key_name, fields)] for answer in answers]

    def merge(sheet: Worksheet) -> None:
        for field in ("enterprise_name", "uscc", "district"):
            column = fields.index(field) + 1
            sheet.merge_cells(start_row=2, end_row=4, start_column=column, end_column=column)

    report = read_catalogue(xlsx(cells, merge), "x.xlsx", FILES.file_of(city), date(2021, 7, 22), {})
    assert [(row.outcome, list(row.reasons)) for row in report.rows] == [(a["outcome"], a["reasons"]) for a in answers]
    assert [list(row.warnings) for row in report.rows] == [answer["warnings"] for answer in answers]


def _key_name(field: str) -> str:
    return "standard" if field == "standards" else field
