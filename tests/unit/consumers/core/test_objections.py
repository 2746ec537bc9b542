"""Objections: disputed while one is open; an answer shows who spoke, settling has an effect."""

from dataclasses import replace
from typing import Any

import pytest

from consumers.core.model import Context, Listing
from consumers.core.verdicts import Verdict
from consumers.core.world import World
from schemas import events
from schemas.city import JOINT_OFFICE, City
from schemas.rules import RULE_SET_1
from tests.support.cities import CHANGSHA, XIANGTAN, ZHUZHOU
from tests.support.sources import Source, uscc
from tests.support.worlds import TODAY, decided, listing, published, ruled, world

OURS = listing(CHANGSHA, "1")
KEY = OURS.product_key
RAISED = {"objection": "YY-1", "product_key": KEY, "text": "异议", "deadline": "2021-08-06"}


def one(context: Context = TODAY) -> World:
    """A world with one published product."""
    made = world(JOINT_OFFICE, [OURS], context)
    published(made, KEY)
    return made


def settle(made: World, effect: str, **data: Any) -> Verdict:
    """Settle the objection."""
    return ruled(made, events.OBJECTION_SETTLED, **{"objection": "YY-1", "product_key": KEY, "effect": effect, **data})


def answer(made: World, city: City, **data: Any) -> Verdict:
    """A city's answer."""
    made.source = city.source
    source = Source(city.source, sequence=made.chain.head_sequence, head=made.chain.head_hash)
    source.say(events.OBJECTION_ANSWERED, KEY, {"objection": "YY-1", "product_key": KEY, "text": "答复", **data})
    return decided(made, source)[0]


def test_an_open_objection_disputes_the_product() -> None:
    """The flag stands beside the status until every objection is settled."""
    made = one()
    status = made.products[KEY].status
    before = made.products[KEY].hash
    verdict = ruled(made, events.OBJECTION_RAISED, **RAISED)
    assert (verdict.outcome, verdict.before, verdict.after) == ("applied", before, made.products[KEY].hash)
    assert (made.products[KEY].disputed, made.products[KEY].status) == (True, status)
    ruled(made, events.OBJECTION_RAISED, **{**RAISED, "objection": "YY-2"})
    settle(made, "none")
    assert made.products[KEY].disputed
    settle(made, "none", objection="YY-2")
    assert not made.products[KEY].disputed


@pytest.mark.parametrize(
    ("effect", "standing"),
    [
        ("none", {}),
        ("suspend", {"suspended_by": "YY-1"}),
    ],
)
def test_settling_has_an_effect(effect: str, standing: dict[str, str]) -> None:
    """Nothing, or a suspension of the product."""
    made = one()
    ruled(made, events.OBJECTION_RAISED, **RAISED)
    assert settle(made, effect).outcome == "applied"
    assert made.products[KEY].standing == standing
    assert made.products[KEY].status == ("suspended" if standing else "lapsed")


def test_a_bar_is_the_applicants() -> None:
    """Every product of the firm is suspended for five years, whichever city lists it; another firm's is not."""
    made = world(JOINT_OFFICE, [OURS, sister(), listing(XIANGTAN, "9", uscc=uscc(2))])
    for key in made.products:
        published(made, key)
    ruled(made, events.OBJECTION_RAISED, **RAISED)
    verdict = settle(made, "bar")
    assert verdict.outcome == "applied"
    assert set(verdict.products) == {KEY, sister().own_key}
    assert made.context.bars == {uscc(1): "2026-07-22"}
    assert [made.products[key].status for key in (KEY, sister().own_key)] == ["suspended", "suspended"]
    assert made.products[listing(XIANGTAN, "9", uscc=uscc(2)).own_key].status == "lapsed"


def sister() -> Listing:
    """Another product of the same firm, listed by another city."""
    return listing(ZHUZHOU, "8", product_name="节能风机")


def test_restoring_lifts_suspension_and_bar() -> None:
    """A later objection may settle that the product and its applicant are restored."""
    made = one(replace(TODAY, bars={uscc(1): "2024-07-22"}))
    published(made, KEY, standing={"suspended_by": "YY-0"})
    ruled(made, events.OBJECTION_RAISED, **RAISED)
    settle(made, "restore")
    assert (made.products[KEY].standing, made.context.bars) == ({}, {})


def test_a_bar_from_29_february_ends_on_the_28th() -> None:
    """Five years later there is no 29 February."""
    made = one(Context("2024-02-29", RULE_SET_1))
    ruled(made, events.OBJECTION_RAISED, **RAISED)
    settle(made, "bar")
    assert made.context.bars == {uscc(1): "2029-02-28"}


def test_a_bar_needs_a_day() -> None:
    """Before the first day nobody can be barred from one."""
    made = one(Context(rules=RULE_SET_1))
    ruled(made, events.OBJECTION_RAISED, **RAISED)
    assert settle(made, "bar").reason == "decision_not_allowed"
    assert made.products[KEY].disputed


def test_objections_to_nothing_are_rejected() -> None:
    """An unknown product, an objection that isn't open, one that is open already."""
    made = one()
    assert settle(made, "none").reason == "decision_unknown_object"
    assert ruled(made, events.OBJECTION_RAISED, **{**RAISED, "product_key": "0" * 20}).reason == "decision_unknown_object"
    ruled(made, events.OBJECTION_RAISED, **RAISED)
    assert ruled(made, events.OBJECTION_RAISED, **RAISED).reason == "decision_not_allowed"


def test_a_city_that_lists_the_product_answers() -> None:
    """Its name is kept with the objection, once; another city has no say."""
    made = one()
    assert answer(made, CHANGSHA).reason == "decision_unknown_object"
    made.source = JOINT_OFFICE
    ruled(made, events.OBJECTION_RAISED, **RAISED)
    assert answer(made, ZHUZHOU).reason == "decision_not_allowed"
    assert answer(made, CHANGSHA).outcome == "applied"
    assert answer(made, CHANGSHA).outcome == "applied"
    assert made.products[KEY].standing["objections"] == [{"id": "YY-1", "deadline": "2021-08-06", "answered": ["changsha"]}]
