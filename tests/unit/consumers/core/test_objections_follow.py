"""Objections follow the product: through corrections, joins and separations, under old keys and new ones, and close everywhere."""

from typing import Any

import pytest

from consumers.core.chain import Chain
from consumers.core.model import EntryKey, Product
from consumers.core.verdicts import Verdict
from consumers.core.world import World
from schemas import events
from schemas.city import JOINT_OFFICE, City
from schemas.events import EventType
from tests.support.cities import CHANGSHA, XIANGTAN, ZHUZHOU
from tests.support.sources import Source, uscc
from tests.support.worlds import decided, listing, published, ruled, said, world

OURS, THEIRS, OTHER = listing(CHANGSHA, "1"), listing(ZHUZHOU, "1"), listing(XIANGTAN, "1", uscc=uscc(2))
KEY, OTHER_KEY = OURS.own_key, OTHER.own_key
RAISED = {"objection": "YY-1", "product_key": KEY, "text": "异议", "deadline": "2021-08-06"}


def two_products() -> World:
    """One product of two cities, one of a third; both published, and an objection to the first."""
    made = world(JOINT_OFFICE, [OURS, THEIRS, OTHER])
    for key in (KEY, OTHER_KEY):
        published(made, key)
    assert decides(made, events.OBJECTION_RAISED, **RAISED).outcome == "applied"
    return made


def decides(made: World, kind: EventType, **data: Any) -> Verdict:
    """A decision of the joint office."""
    made.source, made.chain = JOINT_OFFICE, Chain()
    return ruled(made, kind, **data)


def corrects(made: World, city: City, version: int, firm: int) -> None:
    """A city corrects the code of its entry."""
    made.source, made.chain = city.source, Chain()
    assert said(made, city, events.CORRECTED, version, uscc=uscc(firm)).outcome == "applied"


def points(made: World, kind: EventType, key: EntryKey, **data: Any) -> None:
    """A decision on the identity of a listing."""
    reference = {"city": key[0], "certificate_no": key[1]}
    assert decides(made, kind, listing=reference, **data).outcome == "applied"


def joined(made: World, **data: Any) -> None:
    """Changsha's listing follows Xiangtan's."""
    points(made, events.IDENTITY_JOINED, OURS.key, follows={"city": "xiangtan", "certificate_no": "1"}, **data)


def settled(made: World, key: str, effect: str = "none", objection: str = "YY-1") -> Verdict:
    """The objection is settled."""
    return decides(made, events.OBJECTION_SETTLED, objection=objection, product_key=key, effect=effect)


def at(made: World, city: City) -> Product:
    """The product that a city's listing belongs to."""
    return made.products[made.listings[city.word, "1"].product_key]


def disputed(made: World) -> set[str]:
    """The keys of the disputed products."""
    return {key for key, product in made.products.items() if product.disputed}


@pytest.mark.parametrize("corrected_by", [(CHANGSHA,), (CHANGSHA, ZHUZHOU)], ids=["one goes", "both go"])
@pytest.mark.parametrize("named", ["the old key", "the new key"])
def test_a_settlement_closes_it_under_every_key(corrected_by: tuple[City, ...], named: str) -> None:
    """After a correction, a settlement that names the old or the new key closes it wherever it went."""
    made = two_products()
    for city in corrected_by:
        corrects(made, city, 2, 7)
    assert disputed(made) == {at(made, CHANGSHA).product_key, at(made, ZHUZHOU).product_key}
    key = KEY if named == "the old key" else at(made, CHANGSHA).product_key
    assert settled(made, key).outcome == "applied"
    assert disputed(made) == set()
    assert settled(made, key).reason == "decision_unknown_object"


def test_keys_that_lead_on_lead_to_it() -> None:
    """A key that was given up before the objection was raised names the product as well as its own."""
    made = world(JOINT_OFFICE, [OURS])
    for version, firm in ((2, 7), (3, 8)):
        corrects(made, CHANGSHA, version, firm)
    decides(made, events.OBJECTION_RAISED, **RAISED)
    assert disputed(made) == {at(made, CHANGSHA).product_key}
    assert settled(made, KEY).outcome == "applied"
    assert disputed(made) == set()


def test_it_goes_with_a_listing_that_is_joined() -> None:
    """The product that the listing belongs to now is disputed too, and no longer when the join is undone."""
    made = two_products()
    joined(made)
    assert disputed(made) == {KEY, OTHER_KEY}
    points(made, events.IDENTITY_JOINED, OURS.key, undo=True)
    assert disputed(made) == {KEY}
    joined(made)
    assert settled(made, OTHER_KEY).outcome == "applied"
    assert disputed(made) == set()


def test_a_suspension_goes_with_a_join_and_not_with_a_separation() -> None:
    """What suspends a product suspends what its listing is joined to; who is set apart is disputed with it, and not suspended."""
    made = two_products()
    decides(made, events.OBJECTION_RAISED, **{**RAISED, "objection": "YY-2"})
    settled(made, KEY, "suspend")
    joined(made)
    assert at(made, XIANGTAN).status == "suspended"
    points(made, events.IDENTITY_SEPARATED, OURS.key)
    published(made, at(made, CHANGSHA).product_key)
    assert (at(made, CHANGSHA).status, at(made, CHANGSHA).disputed) == ("lapsed", True)
    assert (at(made, XIANGTAN).status, at(made, ZHUZHOU).status) == ("lapsed", "suspended")


def test_what_was_corrected_meanwhile_has_it_when_a_join_is_undone() -> None:
    """A correction takes it along to the listing's own new key, which shows it only once the listing is there."""
    made = two_products()
    points(made, events.IDENTITY_SEPARATED, THEIRS.key)
    joined(made)
    corrects(made, CHANGSHA, 2, 7)
    own = made.listings[OURS.key].own_key
    assert not made.products[own].disputed
    assert at(made, CHANGSHA).product_key == OTHER_KEY
    assert at(made, CHANGSHA).disputed
    points(made, events.IDENTITY_JOINED, OURS.key, undo=True)
    assert at(made, CHANGSHA).product_key == own
    assert at(made, CHANGSHA).disputed
    assert not made.products[OTHER_KEY].disputed


def test_an_old_key_leads_on_while_the_listing_belongs_elsewhere() -> None:
    """Objected to under the key it was corrected away from, what a joined listing is part of is disputed."""
    made = world(JOINT_OFFICE, [OURS, OTHER])
    joined(made)
    corrects(made, CHANGSHA, 2, 7)
    assert made.products[KEY].moved_to == made.listings[OURS.key].own_key
    assert decides(made, events.OBJECTION_RAISED, **RAISED).outcome == "applied"
    assert at(made, XIANGTAN).disputed
    assert settled(made, KEY).outcome == "applied"
    assert disputed(made) == set()


def test_it_stays_behind_when_a_listing_becomes_another_thing() -> None:
    """A changed identity leaves it under the key to which it was raised, and what the listing is then has none."""
    made = two_products()
    joined(made)
    made.source, made.chain = CHANGSHA.source, Chain()
    said(made, CHANGSHA, events.CHANGED, 2, uscc=uscc(7))
    assert disputed(made) == {KEY}


def test_suspending_and_restoring_reach_every_key() -> None:
    """A settlement suspends wherever the objection was open; a later one that restores lifts that wherever it stands."""
    made = two_products()
    corrects(made, CHANGSHA, 2, 7)
    settled(made, KEY, "suspend")
    assert {at(made, city).status for city in (CHANGSHA, ZHUZHOU)} == {"suspended"}
    decides(made, events.OBJECTION_RAISED, **{**RAISED, "objection": "YY-2"})
    settled(made, KEY, "restore", "YY-2")
    assert {at(made, city).status for city in (CHANGSHA, ZHUZHOU)} == {"lapsed"}
    assert not any("suspended_by" in product.standing for product in made.products.values())


def test_a_number_is_one_objection() -> None:
    """While it is open no other product can be objected to under the same number."""
    made = two_products()
    assert decides(made, events.OBJECTION_RAISED, **{**RAISED, "product_key": OTHER_KEY}).reason == "decision_not_allowed"
    assert settled(made, OTHER_KEY).reason == "decision_unknown_object"


def test_a_city_answers_under_an_old_key() -> None:
    """The city whose listing went on answers for it, whichever key its answer names."""
    made = two_products()
    corrects(made, CHANGSHA, 2, 7)
    corrects(made, ZHUZHOU, 2, 7)
    made.source, made.chain, source = CHANGSHA.source, Chain(), Source(CHANGSHA.source)
    source.say(events.OBJECTION_ANSWERED, KEY, {"objection": "YY-1", "product_key": KEY, "text": "答复"})
    assert [verdict.outcome for verdict in decided(made, source)] == ["applied"]
    assert [one["answered"] for one in at(made, CHANGSHA).open_objections] == [["changsha"]]
