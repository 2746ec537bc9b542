"""A row image as the importer's rules see it."""

import json
from typing import Any

import pytest

from producers.capture.mapping import data_row
from producers.catalogue.remembered import Reads
from producers.catalogue.rows import Judged, judge
from tests.support.own_tables import MAPPING, city_file
from tests.support.products import product


def _judged(**changes: Any) -> Judged:
    row = data_row(json.dumps(product(1, **changes), ensure_ascii=False), MAPPING, 1)
    return judge(row, city_file(), Reads(city_file(), row.epoch))


def test_mapped_columns_and_fixed_values() -> None:
    """Columns fill their fields, fixed values theirs, and what isn't mapped is not there."""
    row = data_row(json.dumps(product(1)), MAPPING, 7)
    assert row.number == 7
    assert row.cell("uscc").text == product(1)["xydm"]
    assert row.cell("batch").text == "2020-1"
    assert "12300000001" not in {cell.text for cell in row.cells.values()}
    judged = _judged()
    assert judged.entry is not None
    assert (judged.entry.batch, judged.reasons) == ("2020-1", frozenset())


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2023-12-14", "2023-12-14"),
        ("2023-12-14T00:00:00", "2023-12-14"),
        ("2023-12-14 23:59:59.5", "2023-12-14"),
        ("2023-12-13T16:00:00+00:00", "2023-12-14"),
        ("2023-12-13T16:00:00Z", "2023-12-14"),
        ("2023年12月14日", "2023-12-14"),
        (20231214, "2023-12-14"),
    ],
)
def test_days(typed: object, day: str) -> None:
    """A moment is its day, in Shanghai where it names an offset; text is read as in any catalogue."""
    judged = _judged(jzrq=typed)
    assert judged.entry is not None
    assert judged.entry.valid_to.isoformat() == day


@pytest.mark.parametrize(
    ("column", "value", "reasons"),
    [
        ("jzrq", "infinity", {"date_invalid"}),
        ("jzrq", 1626915600, {"date_invalid"}),
        ("jzrq", None, {"date_missing"}),
        ("zt", True, {"status_unknown"}),
        ("zt", None, {"status_missing"}),
        ("xydm", None, {"uscc_missing"}),
        ("bh", "ZZLX-00001", {"wrong_issuer"}),
        ("cpmc", "=1+1", {"formula_injection"}),
        ("cpmc", ["a", "b"], set()),
    ],
)
def test_what_the_rules_say(column: str, value: object, reasons: set[str]) -> None:
    """A bad value has the importer's reason code."""
    assert _judged(**{column: value}).reasons == reasons


def test_number_with_a_point_stays_as_written() -> None:
    """2.50 is a model, and not 2.5."""
    row = data_row('{"ggxh": 2.50, "bz": 1e400}', MAPPING, 1)
    assert (row.cell("models").text, row.cell("remark").text) == ("2.50", "1e400")
