"""An entry as JSON: what stands in an event."""

from typing import Any

import pytest

from schemas.entry import RegisterEntry
from tests.support.entries import entry

FULL: dict[str, Any] = {
    "batch": "2020-1",
    "kind": "service",
    "district_code": "430104",
    "models": ["SL-100", "SL-200"],
    "category": "通用设备",
    "category_code": "C34",
    "category_scheme_year": 2017,
    "standards": ["GB 19762-2007"],
    "source_status": "withdrawn",
    "status_reason": {"code": "voluntary", "text": "企业申请"},
    "remark": "备注",
}


@pytest.mark.parametrize("given", [{}, FULL, {"colour": "green", "status_reason": {"code": "other", "by": "甲"}}])
def test_as_json(given: dict[str, Any]) -> None:
    """Every field of the model as pydantic would write it, those that nobody gave too, and no other."""
    made = entry(**given)
    assert made.as_json() == made.model_dump(mode="json")
    assert list(made.as_json()) == list(RegisterEntry.model_fields)
    assert all(type(value) in (str, int, list, dict, type(None)) for value in made.as_json().values())
