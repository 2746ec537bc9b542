"""Entries whose values can't be true."""

from datetime import date
from typing import Any

import pytest

from schemas import uscc
from schemas.entry import RegisterEntry
from schemas.possible import impossible


def entry(**changes: Any) -> RegisterEntry:
    """An entry that is possible, with changes."""
    fields: dict[str, Any] = {
        "register_city": "430100",
        "certificate_no": "CSLX-00001",
        "uscc": uscc.complete("91430104", "DEM00001"),
        "enterprise_name": "长沙例甲有限公司",
        "district_code": "430104",
        "product_name": "节能风机",
        "valid_from": date(2020, 12, 15),
        "valid_to": date(2023, 12, 14),
    }
    return RegisterEntry(**(fields | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"district_code": None},
        {"district_code": "430124"},
        {"valid_to": date(2020, 12, 15)},
        {"uscc": uscc.complete("91440300", "DEM00001")},
        {"uscc": uscc.complete("52430124", "DEM00001")},
    ],
)
def test_possible(changes: dict[str, Any]) -> None:
    """One day of validity, no district, a replaced one, and a firm registered anywhere are all possible."""
    assert impossible(entry(**changes)) is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"uscc": "91430104DEM000010"}, "uscc"),
        ({"uscc": uscc.complete("91430104", "DEM00001")[::-1]}, "uscc"),
        ({"valid_to": date(2020, 12, 14)}, "valid_to"),
        ({"district_code": "430199"}, "district_code"),
        ({"district_code": "999999"}, "district_code"),
        ({"uscc": "x", "district_code": "999999"}, "uscc"),
    ],
)
def test_impossible(changes: dict[str, Any], named: str) -> None:
    """The first broken rule is told in one sentence that begins with the field."""
    sentence = impossible(entry(**changes))
    assert sentence is not None
    assert sentence.startswith(named)
    assert sentence.endswith(".")
