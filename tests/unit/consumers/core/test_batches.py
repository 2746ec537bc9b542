"""Batches: numbered without a hole, hosted in turn, all or nothing."""

from dataclasses import replace
from typing import Any

import pytest

from consumers.core.model import Context, Listing
from consumers.core.verdicts import Verdict
from consumers.core.world import World
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.rules import RULE_SET_1
from tests.support.cities import CHANGSHA, CITIES, ZHUZHOU
from tests.support.sources import uscc
from tests.support.worlds import TODAY, assessment, listing, ruled, world

GOOD = [replace(listing(CHANGSHA, f"{n}", uscc=uscc(n)), assessment=assessment()) for n in (1, 2, 3)]
BARE = listing(ZHUZHOU, "4", uscc=uscc(4))


def office(context: Context = TODAY) -> World:
    """Three products that are eligible and one that is not assessed."""
    return world(JOINT_OFFICE, [*GOOD, BARE], context)


def publish(made: World, *listings: Listing, **changes: Any) -> Verdict:
    """The first batch, of these listings' products."""
    items = [{"product_key": one.product_key, "state_hash": made.product(one.product_key).hash} for one in listings]
    batch = {"number": 1, "host": "zhuzhou", "day": "2021-07-22", "document": "〔2021〕12号", "products": items}
    return ruled(made, events.BATCH_PUBLISHED, **{**batch, **changes})


def statuses(made: World) -> list[str]:
    """Of the four."""
    return [made.products[one.product_key].status for one in (*GOOD, BARE)]


def test_a_batch_recognises_its_products() -> None:
    """What waited for a batch is recognised from the day of the batch on; what is not in it goes on waiting."""
    made = office()
    verdict = publish(made, *GOOD[:2])
    assert verdict.outcome == "applied"
    assert statuses(made) == ["recognized", "recognized", "eligible", "candidate"]
    assert set(verdict.products) == {one.product_key for one in GOOD[:2]}
    first = made.products[GOOD[0].product_key]
    assert (first.batch, first.recognized_on) == (1, "2021-07-22")


def test_a_batch_freezes_what_was_drawn() -> None:
    """Number, host, day, document, both people, log size, and each product with the hash it was drawn with."""
    made = office()
    drawn = made.products[GOOD[0].product_key].hash
    publish(made, GOOD[0], log_size=0)
    (batch,) = made.new_batches
    assert (batch.number, batch.host, batch.day, batch.document) == (1, "zhuzhou", "2021-07-22", "〔2021〕12号")
    assert (batch.by, batch.agreed_by, batch.log_size) == ("甲", "乙", 0)
    assert batch.products == ({"product_key": GOOD[0].product_key, "state_hash": drawn},)
    assert made.products[GOOD[0].product_key].hash != drawn


def test_a_batch_is_all_or_nothing() -> None:
    """One product that is not eligible any more, and none is published; it is named, and the number stays free."""
    made = office()
    verdict = publish(made, *GOOD, BARE)
    assert (verdict.outcome, verdict.reason) == ("rejected", "decision_not_allowed")
    assert BARE.product_key in verdict.detail
    assert "candidate" in verdict.detail
    assert statuses(made) == ["eligible", "eligible", "eligible", "candidate"]
    assert (made.new_batches, made.context.last_batch) == ([], 0)
    assert publish(made, *GOOD).outcome == "applied"


def test_a_product_is_published_once() -> None:
    """One that a batch holds already is not eligible, and none is named twice in one."""
    made = office()
    assert publish(made, GOOD[0], GOOD[0]).reason == "decision_not_allowed"
    publish(made, GOOD[0])
    assert publish(made, GOOD[0], number=2, host="xiangtan").reason == "decision_not_allowed"


def test_a_product_nobody_knows() -> None:
    """Its key is named."""
    verdict = publish(office(), products=[{"product_key": "0" * 20, "state_hash": "0" * 64}])
    assert (verdict.outcome, verdict.reason) == ("rejected", "decision_unknown_object")
    assert "0" * 20 in verdict.detail


def test_cities_host_in_turn() -> None:
    """The first batch is Zhuzhou's, then Xiangtan's, then Changsha's, then Zhuzhou's again."""
    made = office()
    for number, host in enumerate(("zhuzhou", "xiangtan", "changsha"), start=1):
        wrong = next(city.word for city in CITIES if city.word != host)
        refused = publish(made, GOOD[number - 1], number=number, host=wrong)
        assert (refused.outcome, refused.reason) == ("rejected", "decision_out_of_turn")
        assert host in refused.detail
        assert publish(made, GOOD[number - 1], number=number, host=host).outcome == "applied"
    assert RULE_SET_1.host_of(4) == "zhuzhou"


@pytest.mark.parametrize("number", [2, 7])
def test_batches_are_numbered_without_a_hole(number: int) -> None:
    """The n-th batch follows the one before; another number is refused with the one that is due."""
    made = office()
    host = RULE_SET_1.host_of(number)
    verdict = publish(made, GOOD[0], number=number, host=host)
    assert (verdict.outcome, verdict.reason) == ("rejected", "decision_out_of_turn")
    assert "number 1" in verdict.detail


@pytest.mark.parametrize("context", [Context(day="2021-07-22"), Context(rules=RULE_SET_1), Context()])
def test_a_batch_needs_rules_and_a_day(context: Context) -> None:
    """Without them nobody can say what is eligible."""
    assert publish(office(context), GOOD[0]).reason == "decision_not_allowed"
