"""Withdrawn for fraud: the applicant is barred for the rule set's years, and nobody's listing is touched."""

from dataclasses import replace
from typing import Any

import pytest

from consumers.core.world import World
from schemas import events
from schemas.entry import RegisterEntry
from tests.support.cities import CHANGSHA, ZHUZHOU
from tests.support.sources import uscc
from tests.support.worlds import TODAY, assessment, listing, published, said, world

OURS = listing(CHANGSHA, "1")
THEIRS = replace(listing(ZHUZHOU, "8", product_name="节能风机"), assessment=assessment())
FRAUD = {"source_status": "withdrawn", "status_reason": {"code": "fraud", "text": "伪造检测报告"}}
UNTIL = "2026-07-22"


def two_cities(**bars: str) -> World:
    """A firm with a product in Changsha and a recognised one in Zhuzhou."""
    made = world(CHANGSHA.source, [OURS, THEIRS], replace(TODAY, bars={uscc(1): until for until in bars.values()}))
    published(made, THEIRS.product_key)
    return made


def test_a_withdrawal_for_fraud_bars_the_applicant() -> None:
    """The other city's product is suspended for five years from the day of the event; its listing stays as it is."""
    made = two_cities()
    assert made.products[THEIRS.product_key].status == "recognized"
    verdict = said(made, CHANGSHA, events.WITHDRAWN, 2, **FRAUD)
    assert set(verdict.products) == {OURS.product_key, THEIRS.product_key}
    assert made.context.bars == {uscc(1): UNTIL}
    assert made.products[THEIRS.product_key].status == "suspended"
    assert made.changed_listings == {OURS.key}


@pytest.mark.parametrize("reason", ["voluntary", "expired", "merged", "other"])
def test_other_withdrawals_bar_nobody(reason: str) -> None:
    """Only deceit has this effect."""
    made = two_cities()
    said(made, CHANGSHA, events.WITHDRAWN, 2, source_status="withdrawn", status_reason={"code": reason, "text": ""})
    assert made.context.bars == {}


def test_a_later_event_of_the_withdrawn_entry_starts_no_new_bar() -> None:
    """A corrected remark years later does not count as another fraud; a bar that runs longer is never shortened."""
    made = two_cities(known="2030-01-01")
    said(made, CHANGSHA, events.WITHDRAWN, 2, **FRAUD)
    assert made.context.bars == {uscc(1): "2030-01-01"}
    made.context = replace(made.context, bars={})
    said(made, CHANGSHA, events.CORRECTED, 3, **FRAUD, remark="更正备注")
    assert made.context.bars == {}


def test_an_entry_first_seen_withdrawn_for_fraud_bars_too() -> None:
    """A register that joins later brings its withdrawals along, as listed with that status."""
    made = world(CHANGSHA.source, [THEIRS])
    said(made, CHANGSHA, events.LISTED, 1, **FRAUD)
    assert made.context.bars == {uscc(1): UNTIL}


def test_without_rules_nobody_is_barred() -> None:
    """How long a bar lasts is the rule set's to say."""
    made = world(CHANGSHA.source, [OURS], replace(TODAY, rules=None))
    assert said(made, CHANGSHA, events.WITHDRAWN, 2, **FRAUD).outcome == "applied"
    assert made.context.bars == {}


def test_a_barred_applicant_gets_no_new_product_into_a_batch() -> None:
    """What is listed while the bar runs stays a candidate, however well it was assessed."""
    made = two_cities(known=UNTIL)
    entry: dict[str, Any] = dict(RegisterEntry.model_validate(THEIRS.entry).as_json(), product_name="新产品")
    fresh = replace(listing(ZHUZHOU, "9", product_name="新产品"), assessment=assessment(), entry=entry)
    made.put_listing(fresh)
    made.refresh([fresh.own_key])
    assert made.products[fresh.own_key].status == "candidate"
