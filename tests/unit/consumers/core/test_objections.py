"""Objections: disputed while one is open; an answer shows who spoke, settling has an effect."""

from dataclasses import replace
from typing import Any

import pytest

from consumers.core.chain import Chain
from consumers.core.model import Context, Listing
from consumers.core.verdicts import Verdict
from consumers.core.world import World
from schemas import events
from schemas.city import JOINT_OFFICE, City
from schemas.rules import RULE_SET_1
from tests.support.cities import CHANGSHA, XIANGTAN, ZHUZHOU
from tests.support.sources import Source, uscc
from tests.support.worlds import TODAY, decided, listing, published, ruled, said, world

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
        ("suspend", {"suspended_by": {"YY-1": []}}),
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
    published(made, KEY, standing={"suspended_by": {"YY-0": []}})
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


def moved(made: World, city: City, number: str, firm: int, version: int = 2) -> None:
    """A city corrects the code of one of its entries."""
    made.source, made.chain = city.source, Chain()
    said(made, city, events.CORRECTED, version, certificate_no=number, uscc=uscc(firm))


def disputed_twice() -> World:
    """Two products under wrong codes, one of each city, each with an objection and a suspension."""
    made = world(JOINT_OFFICE, [OURS, listing(ZHUZHOU, "8", uscc=uscc(2))])
    for number, key in enumerate(sorted(made.products), start=1):
        raised = {"objection": f"YY-{number}", "product_key": key, "text": "异议", "deadline": "2021-08-06"}
        ruled(made, events.OBJECTION_RAISED, **raised)
        ruled(made, events.OBJECTION_RAISED, **{**raised, "objection": f"YY-1{number}"})
        ruled(made, events.OBJECTION_SETTLED, objection=f"YY-1{number}", product_key=key, effect="suspend")
    return made


@pytest.mark.parametrize("then", [None, 5], ids=["and stay", "and one goes on"])
def test_two_cities_correct_into_one_key_in_either_order(then: int | None) -> None:
    """Both products' objections and suspensions hang on the right key; a listing that goes on takes none of the other's along."""
    found = []
    for order in ((CHANGSHA, ZHUZHOU), (ZHUZHOU, CHANGSHA)):
        made = disputed_twice()
        for city in order:
            moved(made, city, "1" if city is CHANGSHA else "8", 4)
            if then is not None and city is ZHUZHOU:
                moved(made, city, "8", then, version=3)
        found.append((made.products, made.listings))
    assert found[0] == found[1]
    products, listings = found[0]
    right = products[listings["changsha", "1"].product_key]
    assert len(right.standing["objections"]) == 2
    assert len(products[listings["zhuzhou", "8"].product_key].standing["objections"]) == (2 if then is None else 1)


def test_an_answer_counts_wherever_the_objection_is_open() -> None:
    """Whether a city answers before or after the other one corrects its entry away: both products show the answer."""
    found = []
    for answers_first in (True, False):
        made = world(JOINT_OFFICE, [OURS, listing(ZHUZHOU, "8")])
        ruled(made, events.OBJECTION_RAISED, **RAISED)
        if answers_first:
            assert answer(made, ZHUZHOU).outcome == "applied"
        moved(made, CHANGSHA, "1", 4)
        if not answers_first:
            assert answer(made, ZHUZHOU).outcome == "applied"
        found.append(made.products)
    assert found[0] == found[1]
    shown = [one.standing["objections"][0]["answered"] for one in found[0].values() if one.disputed]
    assert shown == [["zhuzhou"], ["zhuzhou"]]
