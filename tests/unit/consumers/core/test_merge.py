"""What a product shows: values by event time, then city code, never by arrival, with those that lost."""

from dataclasses import replace
from itertools import permutations

import pytest

from consumers.core.merge import merged
from consumers.core.model import Product
from consumers.core.precedence import decisive, ranked
from schemas.rules import RULE_SET_1
from tests.support.cities import CHANGSHA, XIANGTAN, ZHUZHOU
from tests.support.worlds import TODAY, listing

LATER = "2021-07-22T09:00:01+08:00"
SAME_AS_LATER = "2021-07-22T01:00:01+00:00"
OURS = listing(CHANGSHA, "1", enterprise_name="甲")
THEIRS = listing(ZHUZHOU, "2", enterprise_name="乙", category="泵")


def test_the_latest_event_wins_and_the_others_are_named() -> None:
    """Each field says where it came from, and which values lost."""
    newer = listing(ZHUZHOU, "2", time=LATER, enterprise_name="乙", category="泵")
    found = merged(Product("k"), [OURS, newer], TODAY)
    assert (found.enterprise_name, found.category) == ("乙", "泵")
    assert found.fields["enterprise_name"] == {
        "from": "zhuzhou/2",
        "lost": [{"from": "changsha/1", "value": "甲"}],
    }
    assert found.fields["uscc"] == {"from": "zhuzhou/2", "lost": []}


def test_at_the_same_moment_the_lower_city_code_wins() -> None:
    """The same instant in another offset is the same; then the code decides, then the number."""
    ours = listing(CHANGSHA, "9", time=LATER, enterprise_name="甲")
    second = listing(CHANGSHA, "8", time=LATER, enterprise_name="丙")
    theirs = listing(ZHUZHOU, "2", time=SAME_AS_LATER, enterprise_name="乙")
    assert merged(Product("k"), [theirs, ours], TODAY).enterprise_name == "甲"
    assert merged(Product("k"), [theirs, ours, second], TODAY).enterprise_name == "丙"


def test_the_order_of_listings_does_not_matter() -> None:
    """Any order of the same listings gives the same row."""
    third = listing(XIANGTAN, "3", time=LATER, models=["B", "A"])
    found = {merged(Product("k"), order, TODAY).hash for order in permutations([OURS, THEIRS, third])}
    assert len(found) == 1


def test_listings_stand_in_the_order_of_cities() -> None:
    """City code, then number; each with its own status and validity."""
    found = merged(Product("k"), [listing(XIANGTAN, "3"), THEIRS, OURS], TODAY)
    assert [(one["city"], one["certificate_no"]) for one in found.listings] == [
        ("changsha", "1"),
        ("zhuzhou", "2"),
        ("xiangtan", "3"),
    ]
    assert found.listings[0]["valid_to"] == "2023-12-31"


def test_a_listing_ends_a_redirection() -> None:
    """An old key that a listing names again is a product of its own again."""
    assert merged(Product("k", moved_to="other"), [OURS], TODAY).moved_to is None


def test_the_rule_set_says_which_comes_first() -> None:
    """A rule set that looks at the city first shows the lowest code, however late another city spoke; replay needs no more."""
    later = listing(ZHUZHOU, "2", time=LATER, enterprise_name="乙")
    by_city = replace(TODAY, rules=RULE_SET_1.model_copy(update={"version": 2, "field_precedence": ("city_code", "event_time")}))
    assert merged(Product("k"), [OURS, later], TODAY).enterprise_name == "乙"
    assert merged(Product("k"), [OURS, later], by_city).enterprise_name == "甲"


@pytest.mark.parametrize(
    ("named", "rule"),
    [(("event_time", "city_code"), "event_time"), (("city_code", "event_time"), "city_code"), ((), "city_code")],
)
def test_what_chose_a_value_can_be_told(named: tuple[str, ...], rule: str) -> None:
    """The first of the precedence in which two listings differ; at last the number, so that arrival never decides."""
    rules = RULE_SET_1.model_copy(update={"field_precedence": named})
    later = listing(ZHUZHOU, "2", time=LATER)
    first, other = ranked([OURS, later], rules)
    assert decisive(first, other, rules) == rule
    same_city = ranked([listing(CHANGSHA, "9"), listing(CHANGSHA, "8")], rules)
    assert [one.certificate_no for one in same_city] == ["8", "9"]
    assert decisive(same_city[0], same_city[1], rules) == "certificate_no"
