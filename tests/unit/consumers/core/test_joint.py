"""What the joint office may decide: keys, rules, days, assessments; and that nothing else comes of a wrong decision."""

from dataclasses import replace
from typing import Any

import pytest

from consumers.core.model import Context
from consumers.core.verdicts import Verdict
from consumers.core.world import World
from schemas import events
from schemas.city import JOINT_OFFICE, City
from schemas.decisions import NEED_TWO
from schemas.rules import RULE_SET_1
from tests.support.cities import CHANGSHA, CITIES, XIANGTAN, ZHUZHOU
from tests.support.sources import Source, entry
from tests.support.worlds import MET, TODAY, assessment, decided, listing, ruled, said, world

OURS = listing(CHANGSHA, "1")
NAMED = {"city": "changsha", "certificate_no": "1"}
KEY = Source(ZHUZHOU.source).key_data()


def office(context: Context = TODAY) -> World:
    """The joint office's world with one listing."""
    return world(JOINT_OFFICE, [OURS], context)


def refusal(verdict: Verdict) -> str | None:
    """The reason of a rejected decision; each says what stands instead."""
    assert (verdict.outcome, bool(verdict.detail)) == ("rejected", True)
    return verdict.reason


def assess(made: World, **changes: Any) -> Verdict:
    """An assessment of version 1 that meets the rule set."""
    return ruled(
        made,
        events.ASSESSMENT_RECORDED,
        **{"listing": NAMED, "entry_version": 1, "criteria": MET, "assessed_on": "2021-07-20", **changes},
    )


def test_the_first_day_is_set_by_decision() -> None:
    """Before it nothing is recognised; it may be any day."""
    made = office(Context(rules=RULE_SET_1))
    made.listings[OURS.key] = replace(OURS, assessment=assessment())
    assert made.products[OURS.product_key].status == "inactive"
    assert ruled(made, events.DAY_BEGAN, day="2021-07-22").outcome == "applied"
    assert made.products[OURS.product_key].status == "eligible"


@pytest.mark.parametrize("day", ["2021-07-21", "2021-07-22", "2021-07-24", "2022-07-23"])
def test_days_rise_by_exactly_one(day: str) -> None:
    """No day is skipped, repeated or taken back: whoever was away begins the missed ones one by one."""
    made = office()
    assert refusal(ruled(made, events.DAY_BEGAN, day=day)) == "decision_not_allowed"
    assert made.context.day == "2021-07-22"
    assert ruled(made, events.DAY_BEGAN, day="2021-07-23").outcome == "applied"


def test_an_assessment_names_the_version_it_is_of() -> None:
    """What was assessed is one version of one listing; a city that changed it meanwhile makes the sheet out of date."""
    made = office()
    assert refusal(assess(made, entry_version=2)) == "decision_not_allowed"
    assert refusal(assess(made, listing={"city": "xiangtan", "certificate_no": "1"})) == "decision_unknown_object"
    assert made.listings[OURS.key].assessment is None
    assert assess(made).outcome == "applied"
    assert made.products[OURS.product_key].status == "eligible"


def test_a_later_assessment_replaces_the_earlier() -> None:
    """A second look may find that a criterion is not met after all."""
    made = office()
    assess(made)
    assess(made, criteria={**MET, "safety": False})
    assert made.products[OURS.product_key].status == "candidate"


def test_rule_sets_only_go_on() -> None:
    """A lower version, or the same with another content, is refused: whoever reads "rule set 2" must know which it was."""
    made = office(replace(TODAY, rules=RULE_SET_1.model_copy(update={"version": 2})))

    def activate(**changes: Any) -> Verdict:
        rules = RULE_SET_1.model_copy(update=changes)
        return ruled(made, events.RULES_ACTIVATED, rules=rules.model_dump(mode="json"))

    assert refusal(activate(version=1)) == "decision_not_allowed"
    assert refusal(activate(version=2, bar_years=1)) == "decision_not_allowed"
    assert activate(version=2).outcome == "applied"
    assert activate(version=3, bar_years=1).outcome == "applied"
    assert made.context.rule_set == 3


def test_a_new_rule_set_is_applied_to_every_product_at_once() -> None:
    """What was a candidate under the old rules may be eligible under the new ones."""
    made = office()
    assess(made, criteria={**MET, "green": None})
    assert made.products[OURS.product_key].status == "candidate"
    looser = RULE_SET_1.model_copy(update={"version": 2, "any_of": ()})
    verdict = ruled(made, events.RULES_ACTIVATED, rules=looser.model_dump(mode="json"))
    assert verdict.products == (OURS.product_key,)
    assert made.products[OURS.product_key].status == "eligible"


def test_a_key_is_trusted_and_revoked_by_decision() -> None:
    """It vouches from the sequence named on; a revoked key never comes back; a limit is never moved up again."""
    made = office()
    assert ruled(made, events.KEY_TRUSTED, **{**KEY, "from_sequence": 5}).outcome == "applied"
    named = {"source": KEY["source"], "keyid": KEY["keyid"]}
    assert ruled(made, events.KEY_REVOKED, **named, after_sequence=9).outcome == "applied"
    ruled(made, events.KEY_REVOKED, **named, after_sequence=12)
    stored = made.keys[KEY["source"], KEY["keyid"]]
    assert (stored.from_sequence, stored.revoked_after) == (5, 9)
    assert refusal(ruled(made, events.KEY_TRUSTED, **KEY)) == "decision_not_allowed"


def test_keys_that_are_none() -> None:
    """A key under another key's id, and the revocation of a key nobody trusts, are refused."""
    made = office()
    other = Source(XIANGTAN.source).key_data()
    assert refusal(ruled(made, events.KEY_TRUSTED, **{**KEY, "keyid": other["keyid"]})) == "decision_not_allowed"
    named = {"source": KEY["source"], "keyid": KEY["keyid"], "after_sequence": 1}
    assert refusal(ruled(made, events.KEY_REVOKED, **named)) == "decision_unknown_object"


def test_a_key_decision_says_whose_entries_its_source_keeps() -> None:
    """One city a source, the same for all its keys, and no other source's; a decision may leave it unsaid, then nothing changes."""
    made = office()
    new, third = Source(ZHUZHOU.source, "new").key_data(), Source(XIANGTAN.source).key_data()
    assert ruled(made, events.KEY_TRUSTED, **KEY).outcome == "applied"
    assert refusal(ruled(made, events.KEY_TRUSTED, **{**new, "register_city": "430300"})) == "decision_not_allowed"
    assert refusal(ruled(made, events.KEY_TRUSTED, **{**KEY, "register_city": "430300"})) == "decision_not_allowed"
    assert refusal(ruled(made, events.KEY_TRUSTED, **{**third, "register_city": "430200"})) == "decision_not_allowed"
    assert ruled(made, events.KEY_TRUSTED, **third).outcome == "applied"
    unsaid = {name: value for name, value in new.items() if name != "register_city"}
    assert ruled(made, events.KEY_TRUSTED, **unsaid).outcome == "applied"
    assert made.keys[new["source"], new["keyid"]].register_city is None
    assert ruled(made, events.KEY_TRUSTED, **new).outcome == "applied"
    assert made.keys[new["source"], new["keyid"]].register_city == "430200"
    keeps = replace(made, source=ZHUZHOU.source)
    assert keeps.register_city == "430200"


TWO: dict[str, dict[str, Any]] = {
    events.BATCH_PUBLISHED.name: {
        "number": 1,
        "host": "zhuzhou",
        "day": "2021-07-22",
        "document": "〔2021〕12号",
        "products": [{"product_key": OURS.product_key, "state_hash": "0" * 64}],
    },
    events.OBJECTION_SETTLED.name: {"objection": "YY-1", "product_key": OURS.product_key, "effect": "none"},
    events.IDENTITY_JOINED.name: {"listing": NAMED, "follows": NAMED},
    events.IDENTITY_SEPARATED.name: {"listing": NAMED},
    events.PARKED_RELEASED.name: {"source": CHANGSHA.source, "sequence": 1},
    events.SOURCE_CONTINUED.name: {"source": CHANGSHA.source, "sequence": 1, "hash": "0" * 64},
}


@pytest.mark.parametrize("name", TWO)
def test_decisions_that_one_person_cannot_make(name: str) -> None:
    """Batches, settlements, identities, releases and continuations need a second person, and change nothing without."""
    made = office()
    verdict = ruled(made, events.JOINT_TYPES[name], **TWO[name], agreed_by=None)
    assert refusal(verdict) == "decision_not_allowed"
    assert "agreed_by" in verdict.detail
    assert (made.changed_listings, made.changed_products) == (set(), set())


def test_every_decision_of_two_is_looked_at() -> None:
    """The list above is the list of the contract."""
    assert {events.JOINT_TYPES[name].data for name in TWO} == NEED_TWO


@pytest.mark.parametrize("city", CITIES)
def test_a_city_changes_only_its_own_entries(city: City) -> None:
    """An event of a city about another city's entry is rejected, and no listing is touched."""
    for other in set(CITIES) - {city}:
        made = world(city.source, [listing(other, "1")])
        source = Source(city.source)
        source.say_entry(events.CHANGED, 2, entry(other, "1", product_name="别的"))
        verdict = decided(made, source)[0]
        assert (verdict.outcome, verdict.reason) == ("rejected", "wrong_issuer")
        assert made.changed_listings == set()


@pytest.mark.parametrize("kind", events.JOINT_TYPES.values(), ids=lambda kind: kind.stem)
def test_a_city_cannot_decide(kind: events.EventType) -> None:
    """A joint decision on a city's topic, well signed by the city, is rejected whatever it says."""
    data = {
        "by": "甲",
        "agreed_by": "乙",
        "log_size": 0,
        "day": "2021-07-23",
        "rules": RULE_SET_1.model_dump(mode="json"),
        "listing": NAMED,
        "follows": NAMED,
        "entry_version": 1,
        "criteria": MET,
        "assessed_on": "2021-07-20",
        "source": CHANGSHA.source,
        "role": "register",
        "keyid": KEY["keyid"],
        "key": KEY["key"],
        "hash": "0" * 64,
        "number": 1,
        "host": "zhuzhou",
        "document": "1",
        "products": [{"product_key": "0" * 20, "state_hash": "0" * 64}],
        "objection": "YY-1",
        "product_key": OURS.product_key,
        "text": "",
        "deadline": "2021-08-06",
        "effect": "bar",
        "sequence": 1,
        "after_sequence": 1,
    }
    made = world(CHANGSHA.source, [OURS])
    source = Source(CHANGSHA.source)
    source.say(kind, "object", data)
    verdict = decided(made, source)[0]
    assert (verdict.outcome, verdict.reason) == ("rejected", "decision_not_allowed")
    assert (made.context, made.changed_listings, made.changed_products) == (TODAY, set(), set())


def test_the_joint_office_keeps_no_register() -> None:
    """It files doubts and decides; an entry event of its own changes no city's data."""
    made = office()
    source = Source(JOINT_OFFICE)
    source.say_entry(events.CHANGED, 2, entry(CHANGSHA, "1", product_name="别的"))
    verdict = decided(made, source)[0]
    assert (verdict.outcome, verdict.reason) == ("rejected", "wrong_issuer")
    assert made.changed_listings == set()


def test_no_city_event_touches_another_citys_listing() -> None:
    """Not even where both list the same product: the other city's row stays as it is, whatever is said."""
    theirs = replace(listing(ZHUZHOU, "7"), assessment=assessment())
    made = world(CHANGSHA.source, [OURS, theirs])
    fraud = {"source_status": "withdrawn", "status_reason": {"code": "fraud", "text": ""}}
    said_in_turn: tuple[dict[str, Any], ...] = ({"category": "泵"}, {"models": []}, fraud)
    for version, changes in enumerate(said_in_turn, start=2):
        said(made, CHANGSHA, events.CHANGED, version, **changes)
    assert made.changed_listings == {OURS.key}
    assert made.listings[theirs.key] == theirs
