"""Catalogues laid out in other ways agree with their keys, row by row, as workbook and as CSV in several encodings.

`CZT_TEST_CATALOGUES` says how many seeds a city gets.
"""

import csv
import io
import os
from typing import Any

import pytest

from producers.catalogue.read import read_catalogue
from producers.catalogue.report import CatalogueReport
from schemas.city import City
from tests.support.cities import CITIES, FILES
from tests.support.dirty_cases import AS_OF
from tests.support.other_shapes import SHAPES, Shaped
from tests.unit.producers.catalogue.catalogues import xlsx

SEEDS = range(int(os.environ.get("CZT_TEST_CATALOGUES", "2")))


@pytest.mark.parametrize("file", ["目录.xlsx", "gb18030", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_other_shape_agrees_with_its_key(seed: int, city: City, shape: str, file: str) -> None:
    """Every row of data gives its entry, every other row has its code, and the last total is the rows' number."""
    made = SHAPES[shape](seed, city)
    report, numbers = _read(made, file)
    results = {one.row: one for one in report.rows}
    layout = {one.row: one.reason for one in report.layout}
    wrong = []
    for number, (kind, cells) in zip(numbers, made.lines, strict=True):
        if isinstance(kind, str):
            found: Any = layout.get(number, results.get(number))
        else:
            one = results.get(number)
            entry = one.entry.as_json() if one is not None and one.entry is not None else {}
            found = {name: entry.get(name) for name in kind} if entry else (one and one.reasons, layout.get(number))
        if found != kind:
            wrong.append((number, kind, found, cells))
    assert not wrong
    assert report.control_total is not None
    assert report.control_total.declared == report.control_total.counted == len(results)


def _read(made: Shaped, file: str) -> tuple[CatalogueReport, list[int]]:
    lines = [list(cells) for _, cells in made.lines]
    if file.endswith(".xlsx"):
        data, numbers = xlsx(lines), list(range(1, len(lines) + 1))
    else:
        data, numbers = _csv(lines, file)
        file = "目录.csv"
    return read_catalogue(data, file, FILES.file_of(made.city), AS_OF, {}), numbers


def _csv(lines: list[list[Any]], encoding: str) -> tuple[bytes, list[int]]:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    numbers = []
    for line in lines:
        numbers.append(out.getvalue().count("\n") + 1)
        writer.writerow(["" if value is None else value for value in line])
    return out.getvalue().encode(encoding), numbers
