"""What becomes of a recognised product as days begin and cities speak: each test says one policy."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from consumers.core.model import Listing
from consumers.core.world import World
from schemas import events
from schemas.city import JOINT_OFFICE, City
from schemas.events import EventType
from schemas.rules import RULE_SET_1
from tests.support.cities import CHANGSHA, ZHUZHOU
from tests.support.sources import uscc
from tests.support.worlds import assessment, listing, published, ruled, said, world

OURS, THEIRS = CHANGSHA, ZHUZHOU
LAST_DAY, DAY_AFTER = "2023-12-31", "2024-01-01"
VOLUNTARY = {"source_status": "withdrawn", "status_reason": {"code": "voluntary", "text": ""}}
FRAUD = {"source_status": "withdrawn", "status_reason": {"code": "fraud", "text": "伪造检测报告"}}


def assessed(city: City, number: str, **changes: Any) -> Listing:
    """A listing that meets the rule set."""
    return replace(listing(city, number, **changes), assessment=assessment())


def recognised(*listings: Listing) -> World:
    """A world in which the product of the first listing was published on 22 July 2021."""
    made = world(JOINT_OFFICE, listings)
    published(made, listings[0].product_key)
    return made


def day(made: World, iso: str) -> None:
    """Let a day begin, as if all between had begun too."""
    before = date.fromisoformat(iso) - timedelta(days=1)
    made.context = replace(made.context, day=before.isoformat())
    made.source = JOINT_OFFICE
    assert ruled(made, events.DAY_BEGAN, day=iso).outcome == "applied"


def says(made: World, city: City, kind: EventType, version: int, **changes: Any) -> None:
    """A city's event about its certificate 1."""
    made.source = city.source
    assert said(made, city, kind, version, **changes).outcome == "applied"


def status(made: World, key: str = "") -> str:
    """The status of a product; without a key of the one that Changsha's certificate 1 names."""
    return made.products[key or made.listings["changsha", "1"].product_key].status


def test_last_valid_day() -> None:
    """On the last day of its certificate a product is still recognised."""
    made = recognised(assessed(OURS, "1"))
    day(made, LAST_DAY)
    assert status(made) == "recognized"


def test_expiry_today() -> None:
    """On the day after the last one the product has lapsed, without anybody saying anything."""
    made = recognised(assessed(OURS, "1"))
    day(made, DAY_AFTER)
    assert status(made) == "lapsed"


def test_validity_that_starts_tomorrow() -> None:
    """A certificate counts from its first day on, not from the day on which it was listed."""
    made = world(JOINT_OFFICE, [assessed(OURS, "1", valid_from="2021-07-23")])
    assert status(made) == "inactive"
    day(made, "2021-07-23")
    assert status(made) == "eligible"


def test_renewal_without_a_gap() -> None:
    """A renewal whose first day follows the old last day keeps the product recognised on each day, however early it is heard."""
    made = recognised(assessed(OURS, "1"))
    says(made, OURS, events.RENEWED, 2, valid_from=DAY_AFTER, valid_to="2026-12-31")
    seen = [status(made)]
    for iso in (LAST_DAY, DAY_AFTER, "2026-12-31", "2027-01-01"):
        day(made, iso)
        seen.append(status(made))
    assert seen == ["recognized", "recognized", "recognized", "recognized", "lapsed"]


def test_renewal_with_a_gap() -> None:
    """However early it is heard, a product lapses only when the old validity ends; with the new one it is back without a batch."""
    made = recognised(assessed(OURS, "1"))
    says(made, OURS, events.RENEWED, 2, valid_from="2024-03-01", valid_to="2027-02-28")
    seen = [status(made)]
    for iso in (LAST_DAY, DAY_AFTER, "2024-02-29", "2024-03-01", "2027-02-28", "2027-03-01"):
        day(made, iso)
        seen.append(status(made))
    assert seen == ["recognized", "recognized", "lapsed", "lapsed", "recognized", "recognized", "lapsed"]
    assert made.products[made.listings["changsha", "1"].product_key].batch == 1


def test_withdrawal_at_home_while_listed_elsewhere() -> None:
    """What one city withdraws stays recognised by another city's assessed listing, and goes with the last one."""
    made = recognised(assessed(OURS, "1"), assessed(THEIRS, "1"))
    says(made, OURS, events.WITHDRAWN, 2, **VOLUNTARY)
    assert status(made) == "recognized"
    says(made, THEIRS, events.WITHDRAWN, 2, **VOLUNTARY)
    assert status(made) == "lapsed"


def test_withdrawal_at_home_while_only_listed_elsewhere() -> None:
    """A listing that was never assessed keeps nothing recognised, however valid it is."""
    made = recognised(assessed(OURS, "1"), listing(THEIRS, "1"))
    says(made, OURS, events.WITHDRAWN, 2, **VOLUNTARY)
    assert status(made) == "lapsed"


def test_withdrawal_taken_back() -> None:
    """A city that takes its withdrawal back has the product recognised again."""
    made = recognised(assessed(OURS, "1"))
    says(made, OURS, events.WITHDRAWN, 2, **VOLUNTARY)
    assert status(made) == "lapsed"
    says(made, OURS, events.REINSTATED, 3)
    assert status(made) == "recognized"


def test_suspension_by_one_of_two_cities() -> None:
    """A product that another city lists as active stays recognised; suspended by all that list it, it is suspended."""
    made = recognised(assessed(OURS, "1"), assessed(THEIRS, "1"))
    says(made, OURS, events.SUSPENDED, 2, source_status="suspended")
    assert status(made) == "recognized"
    says(made, THEIRS, events.SUSPENDED, 2, source_status="suspended")
    assert status(made) == "suspended"
    says(made, OURS, events.REINSTATED, 3)
    assert status(made) == "recognized"


def test_suspension_ends_with_the_validity() -> None:
    """A suspended product whose certificate has run out has lapsed: nothing is left to suspend."""
    made = recognised(assessed(OURS, "1", source_status="suspended"))
    assert status(made) == "suspended"
    day(made, DAY_AFTER)
    assert status(made) == "lapsed"


def test_fraud_bars_the_applicant_for_five_years() -> None:
    """Withdrawn for fraud by one city, a firm's product of another is suspended to the end of the bar, and then is back."""
    other = assessed(THEIRS, "9", product_name="节能风机", valid_to="2030-12-31")
    made = recognised(other, listing(OURS, "1"))
    says(made, OURS, events.WITHDRAWN, 2, **FRAUD)
    seen = []
    for iso in ("2021-07-23", "2026-07-22", "2026-07-23"):
        day(made, iso)
        seen.append(status(made, other.own_key))
    assert seen == ["suspended", "suspended", "recognized"]


def test_fraud_bars_what_is_listed_later() -> None:
    """While the bar runs, an assessed new product of the firm stays a candidate; the day after it may be published."""
    made = recognised(
        listing(OURS, "1"), assessed(THEIRS, "8", product_name="新产品", valid_from="2025-01-01", valid_to="2030-12-31")
    )
    says(made, OURS, events.WITHDRAWN, 2, **FRAUD)
    key = made.listings["zhuzhou", "8"].own_key
    seen = []
    for iso in ("2025-01-01", "2026-07-22", "2026-07-23"):
        day(made, iso)
        seen.append(status(made, key))
    assert seen == ["candidate", "candidate", "eligible"]


def test_another_firms_product_is_not_barred() -> None:
    """The code decides who is barred; a firm of the same name under another code is another firm."""
    other = assessed(THEIRS, "9", uscc=uscc(2))
    made = recognised(other, listing(OURS, "1"))
    says(made, OURS, events.WITHDRAWN, 2, **FRAUD)
    assert status(made, other.own_key) == "recognized"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"remark": "x"}, "recognized"),
        ({"district_code": "430103"}, "recognized"),
        ({"category": "泵"}, "lapsed"),
        ({"standards": ["GB 1"]}, "lapsed"),
    ],
)
def test_an_assessment_holds_until_the_thing_changes(changes: dict[str, Any], expected: str) -> None:
    """A changed category or standard is not what was assessed: the product waits for a new assessment; a remark is nothing."""
    made = recognised(assessed(OURS, "1"))
    says(made, OURS, events.CHANGED, 2, **changes)
    assert status(made) == expected


def test_recognised_under_old_rules_until_the_review_date() -> None:
    """What no longer qualifies under a new rule set stays recognised to the end of that set's review date."""
    made = recognised(assessed(OURS, "1"))
    stricter = RULE_SET_1.model_copy(
        update={"version": 2, "all_of": (*RULE_SET_1.all_of, "brand"), "review_date": date(2021, 12, 31)}
    )
    ruled(made, events.RULES_ACTIVATED, rules=stricter.model_dump(mode="json"))
    seen = [status(made)]
    for iso in ("2021-12-31", "2022-01-01"):
        day(made, iso)
        seen.append(status(made))
    assert seen == ["recognized", "recognized", "lapsed"]


@pytest.mark.parametrize("first", [OURS, THEIRS], ids=["one city first", "the other first"])
def test_a_new_batch_after_a_gap_where_the_rules_ask_for_it(first: City) -> None:
    """With the rule off, whichever city is heard first: a listing that goes on keeps the product, a gap ends its publication."""
    made = recognised(assessed(OURS, "1"), assessed(THEIRS, "1", **VOLUNTARY))
    rules = RULE_SET_1.model_copy(update={"version": 2, "renewal_restores": False})
    ruled(made, events.RULES_ACTIVATED, rules=rules.model_dump(mode="json"))
    for city in (first, THEIRS if first is OURS else OURS):
        if city is OURS:
            says(made, OURS, events.WITHDRAWN, 2, **VOLUNTARY)
        else:
            says(made, THEIRS, events.REINSTATED, 2)
    assert status(made) == "recognized"
    says(made, THEIRS, events.RENEWED, 3, valid_from="2024-03-01", valid_to="2027-02-28")
    day(made, "2024-03-01")
    key = made.listings["changsha", "1"].product_key
    assert status(made) == "eligible"
    batch = {"number": 1, "host": "zhuzhou", "day": "2024-03-01", "document": "〔2024〕1号"}
    items = [{"product_key": key, "state_hash": made.products[key].hash}]
    assert ruled(made, events.BATCH_PUBLISHED, **batch, products=items).outcome == "applied"
    assert (status(made), made.products[key].recognized_on) == ("recognized", "2024-03-01")
