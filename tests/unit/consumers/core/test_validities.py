"""The days for which a listing is registered, through renewals and corrections, in whatever year they are heard."""

from datetime import date
from typing import Any

import pytest

from consumers.core.model import Listing
from consumers.core.validities import day_after, earlier, in_date, validities
from schemas.entry import RegisterEntry
from tests.support.cities import CHANGSHA
from tests.support.sources import entry
from tests.support.worlds import listing

OLD = ("2021-01-01", "2023-12-31")
ONE = listing(CHANGSHA, "1")


def after(before: Listing, *, corrected: bool = False, **changes: Any) -> Listing:
    """The listing that an event makes of one."""
    said = entry(CHANGSHA, "1", **changes)
    made = listing(CHANGSHA, "1", **changes)
    return Listing(
        **{name: getattr(made, name) for name in made.__dataclass_fields__ if name != "earlier"},
        earlier=earlier(before, RegisterEntry.model_validate(said), corrected=corrected),
    )


@pytest.mark.parametrize(
    ("day", "inside"), [("2020-12-31", False), ("2021-01-01", True), ("2023-12-31", True), ("2024-01-01", False), (None, False)]
)
def test_both_ends_of_a_validity_count(day: str | None, inside: bool) -> None:
    """A certificate is valid on its first and on its last day; before the first day of all nothing is."""
    assert in_date(ONE, day) is inside


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "found"),
    [
        ("2024-01-01", "2026-12-31", [OLD, ("2024-01-01", "2026-12-31")]),
        ("2024-03-01", "2026-12-31", [OLD, ("2024-03-01", "2026-12-31")]),
        ("2023-07-01", "2026-06-30", [("2021-01-01", "2023-06-30"), ("2023-07-01", "2026-06-30")]),
        ("2022-01-01", "2022-12-31", [("2021-01-01", "2021-12-31"), ("2022-01-01", "2022-12-31")]),
        ("2021-01-01", "2026-12-31", [("2021-01-01", "2026-12-31")]),
        ("2020-01-01", "2022-12-31", [("2020-01-01", "2022-12-31")]),
    ],
)
def test_what_begins_later_leaves_what_runs_until_then(valid_from: str, valid_to: str, found: list[tuple[str, str]]) -> None:
    """A later first day ends what was said before on the day before it; any other validity takes its place."""
    assert list(validities(after(ONE, valid_from=valid_from, valid_to=valid_to))) == found


def test_each_day_is_that_of_the_last_validity_that_began() -> None:
    """Two renewals ahead, each with a gap: in date in all three, and between them not."""
    twice = after(after(ONE, valid_from="2024-03-01", valid_to="2026-12-31"), valid_from="2027-02-01", valid_to="2029-12-31")
    days = {"2023-12-31": True, "2024-02-29": False, "2024-03-01": True, "2027-01-31": False, "2029-12-31": True}
    assert {day: in_date(twice, day) for day in days} == days


def test_a_corrected_validity_replaces_what_was_wrong() -> None:
    """What was said wrongly never ran; a correction of the code that renews too leaves what runs."""
    renewal = {"valid_from": "2024-01-01", "valid_to": "2026-12-31"}
    assert after(ONE, corrected=True, **renewal).earlier == ()
    assert after(ONE, corrected=True, **renewal, district_code="430103").earlier == (OLD,)
    wrong = after(ONE, valid_from="2023-07-01", valid_to="2026-12-31")
    assert list(validities(after(wrong, corrected=True, **renewal))) == [OLD, ("2024-01-01", "2026-12-31")]


def test_the_last_day_there_is() -> None:
    """No day comes after it."""
    assert day_after(date.max.isoformat()) == date.max.isoformat()
