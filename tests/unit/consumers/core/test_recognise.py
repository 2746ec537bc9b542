"""Recognition of a product on a day: the first line of the design's table that holds."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from consumers.core.model import Context, Listing, Product
from consumers.core.recognise import qualifies, status_of
from consumers.core.standing import suspended_here
from schemas.rules import RULE_SET_1
from tests.support.cities import CHANGSHA
from tests.support.sources import uscc
from tests.support.worlds import TODAY, assessment, listing

FRESH = Product("k")
PUBLISHED = Product("k", batch=1, recognized_on="2021-07-22")
GOOD = replace(listing(CHANGSHA, "1"), assessment=assessment())
BARE = listing(CHANGSHA, "2")
OVER = replace(listing(CHANGSHA, "3", valid_from="2018-01-01", valid_to="2021-07-21"), assessment=assessment())
SUSPENDED = replace(listing(CHANGSHA, "4", source_status="suspended"), assessment=assessment())
WITHDRAWN = replace(listing(CHANGSHA, "5", source_status="withdrawn"), assessment=assessment())
LONG_SUSPENDED = replace(OVER, entry=OVER.entry | {"source_status": "suspended"})
STRICTER = RULE_SET_1.model_copy(update={"version": 2, "all_of": (*RULE_SET_1.all_of, "brand")})


def shown(product: Product, members: list[Listing], context: Context) -> str:
    """The status of a product that shows what it showed before."""
    return status_of(suspended_here(product.standing, (), {}), product.uscc, members, context, product.recognized_on)


@pytest.mark.parametrize(
    ("criteria", "met"),
    [
        ({}, True),
        ({"safety": False}, False),
        ({"industrial_policy": None}, False),
        ({"green": None}, False),
        ({"green": False, "brand": True}, True),
    ],
)
def test_an_assessment_meets_all_criteria_and_one_ground(criteria: dict[str, Any], met: bool) -> None:
    """Not assessed is not met; any one of the grounds is enough."""
    assert qualifies(replace(BARE, assessment=assessment(**criteria)), RULE_SET_1) is met


def test_nothing_qualifies_without_rules_or_assessment() -> None:
    """Before the first rule set nothing is recognised."""
    assert not qualifies(GOOD, None)
    assert not qualifies(BARE, RULE_SET_1)


@pytest.mark.parametrize(
    ("product", "members", "status"),
    [
        (FRESH, [], "inactive"),
        (FRESH, [OVER], "inactive"),
        (FRESH, [SUSPENDED], "inactive"),
        (FRESH, [WITHDRAWN], "inactive"),
        (FRESH, [BARE], "candidate"),
        (FRESH, [GOOD], "eligible"),
        (FRESH, [BARE, GOOD], "eligible"),
        (FRESH, [BARE, OVER], "candidate"),
        (PUBLISHED, [GOOD], "recognized"),
        (PUBLISHED, [GOOD, SUSPENDED], "recognized"),
        (PUBLISHED, [SUSPENDED], "suspended"),
        (PUBLISHED, [BARE, SUSPENDED], "suspended"),
        (PUBLISHED, [LONG_SUSPENDED], "lapsed"),
        (PUBLISHED, [BARE], "lapsed"),
        (PUBLISHED, [OVER], "lapsed"),
        (PUBLISHED, [WITHDRAWN], "lapsed"),
        (PUBLISHED, [], "lapsed"),
        (replace(PUBLISHED, standing={"suspended_by": {"YY-1": []}}), [GOOD], "suspended"),
        (replace(PUBLISHED, standing={"suspended_by": {"YY-1": []}}), [], "suspended"),
        (replace(FRESH, standing={"suspended_by": {"YY-1": []}}), [GOOD], "eligible"),
        (replace(PUBLISHED, status="lapsed"), [GOOD], "recognized"),
    ],
)
def test_the_first_line_that_holds(product: Product, members: list[Listing], status: str) -> None:
    """Each line of the table, and that an earlier one wins over a later one."""
    assert shown(product, members, TODAY) == status


def test_before_the_first_day_nothing_is_in_date() -> None:
    """Without a day a listing is not even a candidate, and a published product has lapsed."""
    assert shown(FRESH, [GOOD], Context(rules=RULE_SET_1)) == "inactive"


@pytest.mark.parametrize(
    ("until", "published", "fresh"), [("2021-07-22", "suspended", "candidate"), ("2021-07-21", "recognized", "eligible")]
)
def test_a_barred_applicant(until: str, published: str, fresh: str) -> None:
    """To the end of the bar's last day its products are suspended, and new ones don't get into a batch."""
    context = replace(TODAY, bars={uscc(1): until})
    assert shown(replace(PUBLISHED, uscc=uscc(1)), [GOOD], context) == published
    assert shown(replace(FRESH, uscc=uscc(1)), [GOOD], context) == fresh
    assert shown(replace(PUBLISHED, uscc=uscc(2)), [GOOD], context) == "recognized"
    assert not replace(context, day=None).is_barred(uscc(1))


@pytest.mark.parametrize(("review", "status"), [("2021-07-22", "recognized"), ("2021-07-21", "lapsed"), (None, "lapsed")])
def test_a_stricter_rule_set_waits_for_its_review_date(review: str | None, status: str) -> None:
    """What was recognised stays so to the end of the review date, if it was assessed; new products don't get in."""
    rules = STRICTER.model_copy(update={"review_date": date.fromisoformat(review) if review else None})
    context = replace(TODAY, rules=rules)
    assert shown(PUBLISHED, [GOOD], context) == status
    assert shown(PUBLISHED, [BARE], context) == "lapsed"
    assert shown(FRESH, [GOOD], context) == "candidate"


def registered(listing: Listing, first: str, *earlier: tuple[str, str]) -> Listing:
    """The listing with a validity from `first` on, after earlier ones."""
    return replace(listing, entry=listing.entry | {"valid_from": first}, earlier=earlier)


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ([registered(GOOD, "2021-01-01")], "recognized"),
        ([registered(GOOD, "2021-06-01")], "recognized"),
        ([registered(GOOD, "2021-06-02")], "eligible"),
        ([registered(GOOD, "2021-06-02", ("2021-01-01", "2021-06-01"))], "recognized"),
        ([registered(GOOD, "2021-06-02", ("2021-01-01", "2021-05-31"))], "eligible"),
        ([registered(GOOD, "2021-06-02"), registered(BARE, "2021-01-01")], "recognized"),
        ([registered(GOOD, "2021-06-02"), registered(WITHDRAWN, "2021-01-01")], "eligible"),
        ([registered(BARE, "2021-06-02")], "lapsed"),
        ([registered(GOOD, "2021-07-20", ("2021-01-01", "2021-06-30")), registered(BARE, "2021-06-15")], "recognized"),
        ([registered(GOOD, "2021-07-20", ("2021-01-01", "2021-06-30")), registered(BARE, "2021-07-02")], "eligible"),
    ],
)
def test_a_renewal_returns_a_product_only_if_the_rules_say_so(members: list[Listing], status: str) -> None:
    """With the rule off, validities must reach from the publication to today without a gap; else it waits for a new batch."""
    product = replace(PUBLISHED, recognized_on="2021-05-31")
    off = replace(TODAY, rules=RULE_SET_1.model_copy(update={"renewal_restores": False}))
    assert shown(product, members, off) == status
    assert shown(product, members, TODAY) == ("lapsed" if status == "lapsed" else "recognized")
