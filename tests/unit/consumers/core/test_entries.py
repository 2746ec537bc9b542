"""What a city's entry event means for its listing, the assessment and the products."""

from dataclasses import replace
from typing import Any

import pytest

from consumers.core.chain import Chain
from consumers.core.model import Listing
from consumers.core.world import World
from schemas import events
from schemas.events import EventType
from tests.support.cities import CHANGSHA, ZHUZHOU
from tests.support.sources import uscc
from tests.support.worlds import assessment, listing, published, said, world

OURS = CHANGSHA
KEY = ("changsha", "1")
STORED = replace(listing(OURS, "1"), assessment=assessment())


def stored(*more: Listing) -> World:
    """A world with certificate 1, assessed and published."""
    made = world(OURS.source, [STORED, *more])
    published(made, STORED.product_key)
    return made


def test_a_listed_entry_is_a_listing_and_a_product() -> None:
    """The first event of an entry makes its listing and its product, and names both."""
    made = world(OURS.source)
    verdict = said(made, OURS, events.LISTED, 1)
    found = made.listings[KEY]
    assert (verdict.outcome, verdict.before, verdict.after) == ("applied", None, found.hash)
    assert verdict.products == (found.product_key,)
    assert made.products[found.product_key].status == "candidate"


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        (events.LISTED, {"register_city": "430200"}, "wrong_issuer"),
        (events.LISTED, {"uscc": "91430104DEM0000010"}, "impossible_value"),
        (events.LISTED, {"valid_from": "2024-01-01"}, "impossible_value"),
        (events.LISTED, {"district_code": "999999"}, "impossible_value"),
        (events.SUSPENDED, {}, "impossible_value"),
        (events.REINSTATED, {"source_status": "suspended"}, "impossible_value"),
    ],
)
def test_what_can_never_be_accepted(kind: EventType, changes: dict[str, Any], reason: str) -> None:
    """Another city's entry and impossible values are rejected with a sentence, and change nothing."""
    made = world(OURS.source)
    verdict = said(made, OURS, kind, 1, **changes)
    assert (verdict.outcome, verdict.reason) == ("rejected", reason)
    assert verdict.detail
    assert (made.listings, made.products, made.changed_listings) == ({}, {}, set())


@pytest.mark.parametrize("version", [3, 2, 1])
def test_a_version_that_is_not_higher_is_superseded(version: int) -> None:
    """What arrives late after a gap changes nothing."""
    made = world(OURS.source, [replace(STORED, entry_version=3)])
    verdict = said(made, OURS, events.CHANGED, version, product_name="别的")
    assert (verdict.outcome, verdict.reason) == ("superseded", "version_behind")
    assert verdict.before == verdict.after == made.listings[KEY].hash
    assert not made.changed_listings


def test_versions_may_be_missing() -> None:
    """A gap never stops a city: any higher version is applied."""
    assert said(stored(), OURS, events.CHANGED, 7).outcome == "applied"


@pytest.mark.parametrize(
    ("kind", "version", "changes", "kept"),
    [
        (events.CHANGED, 2, {"product_name": "别的"}, False),
        (events.CHANGED, 2, {"models": ["SL-200"]}, False),
        (events.CHANGED, 2, {"category": "泵"}, False),
        (events.CHANGED, 2, {"standards": ["GB 1"]}, False),
        (events.CHANGED, 2, {"enterprise_name": "新名"}, False),
        (events.CHANGED, 2, {"remark": "x"}, True),
        (events.RENEWED, 2, {"valid_to": "2026-12-31"}, True),
        (events.SUSPENDED, 2, {"source_status": "suspended"}, True),
        (events.CORRECTED, 2, {"category": "泵"}, True),
        (events.CORRECTED, 3, {"category": "泵"}, False),
        (events.CORRECTED, 2, {"uscc": uscc(2)}, True),
    ],
)
def test_a_change_of_the_thing_ends_its_assessment(kind: EventType, version: int, changes: dict[str, Any], kept: bool) -> None:
    """A correction right after the version it corrects keeps the assessment; any other change of the thing ends it."""
    made = stored()
    said(made, OURS, kind, version, **changes)
    assert (made.listings[KEY].assessment is not None) is kept


def test_a_changed_identity_leaves_the_publication_behind() -> None:
    """The new product starts as a candidate; the old one stays published, lapsed, without listings."""
    made = stored()
    verdict = said(made, OURS, events.CHANGED, 2, models=["SL-200"])
    new = made.listings[KEY].product_key
    assert verdict.products == tuple(sorted((STORED.product_key, new)))
    assert (made.products[new].status, made.products[new].batch) == ("candidate", None)
    old = made.products[STORED.product_key]
    assert (old.status, old.batch, old.listings, old.moved_to) == ("lapsed", 1, (), None)


def test_a_corrected_identity_takes_the_publication_along() -> None:
    """The product goes on under its right key, the old key leads readers there and is not published twice."""
    made = stored()
    published(made, STORED.product_key, standing={"suspended_by": {"YY-1": []}})
    said(made, OURS, events.CORRECTED, 2, uscc=uscc(2))
    new = made.products[made.listings[KEY].product_key]
    assert (new.batch, new.recognized_on, new.standing) == (1, "2021-07-22", {"suspended_by": {"YY-1": ["changsha/1"]}})
    old = made.products[STORED.product_key]
    assert (old.batch, old.disputed, old.moved_to, old.status) == (None, False, new.product_key, "inactive")


def test_an_open_objection_is_open_under_the_right_name() -> None:
    """A correction takes objections along, beside those that are open there; nobody sees two of one."""
    made = stored(listing(CHANGSHA, "3", uscc=uscc(2)))
    old = [{"id": "YY-1", "deadline": "2021-08-06", "answered": []}]
    published(made, STORED.product_key, standing={"objections": old})
    new = made.listings["changsha", "3"].product_key
    other = {"id": "YY-2", "deadline": "2021-08-07", "answered": []}
    published(made, new, standing={"objections": [other]})
    said(made, OURS, events.CORRECTED, 2, uscc=uscc(2))
    assert made.products[new].standing["objections"] == [{**old[0], "via": ["changsha/1"]}, other]
    assert [product.disputed for product in (made.products[STORED.product_key], made.products[new])] == [False, True]


@pytest.mark.parametrize("ours", [events.CHANGED, events.CORRECTED])
@pytest.mark.parametrize("theirs", [events.CHANGED, events.CORRECTED])
def test_two_cities_leave_a_product_in_either_order(ours: EventType, theirs: EventType) -> None:
    """What the old key and the new ones show doesn't depend on who was heard first."""
    found = []
    for order in ((OURS, ZHUZHOU), (ZHUZHOU, OURS)):
        made = stored(listing(ZHUZHOU, "1", category="泵"))
        for city in order:
            made = replace(made, chain=Chain(), source=city.source, keys=world(city.source).keys)
            kind, firm = (ours, 2) if city is OURS else (theirs, 3)
            said(made, city, kind, 2, uscc=uscc(firm), category="泵" if city is not OURS else None)
        found.append((made.products, made.listings))
    assert [products for products, _ in found[:1]] == [products for products, _ in found[1:]]


def test_a_listing_that_comes_back_is_no_former_one() -> None:
    """Away and back by two corrections: the product is as it was, and the wrong key leads to it."""
    made = stored()
    before = made.products[STORED.product_key]
    said(made, OURS, events.CORRECTED, 2, uscc=uscc(2))
    wrong = made.listings[KEY].product_key
    said(made, OURS, events.CORRECTED, 3)
    assert made.products[STORED.product_key] == before
    assert (made.products[wrong].moved_to, made.products[wrong].batch) == (STORED.product_key, None)


def test_a_join_undone_is_as_if_it_had_never_been() -> None:
    """A correction while the listing followed another takes its own publication along, to be seen once the join is undone."""
    found = []
    for joined in (True, False):
        made = stored(listing(ZHUZHOU, "2", uscc=uscc(5)))
        if joined:
            follower = replace(made.listings[KEY], follows="zhuzhou/2")
            made.refresh(made.put_listing(follower))
        said(made, OURS, events.CORRECTED, 2, uscc=uscc(2))
        if joined:
            made.refresh(made.put_listing(replace(made.listings[KEY], follows=None)))
        found.append((made.products, made.listings))
    assert found[0] == found[1]


def test_a_correction_of_one_of_two_listings_leaves_the_other_published() -> None:
    """What another city still lists keeps its publication under the old key."""
    made = stored(listing(ZHUZHOU, "2"))
    said(made, OURS, events.CORRECTED, 2, uscc=uscc(2))
    assert made.products[STORED.product_key].batch == 1
    assert made.products[made.listings[KEY].product_key].batch == 1


def test_pointers_survive_an_event() -> None:
    """What the joint office decided about a listing stays, whatever the city says next."""
    alone = replace(STORED, separate=True)
    made = world(OURS.source, [alone])
    said(made, OURS, events.CHANGED, 2, remark="x")
    assert made.listings[KEY].separate
    assert made.listings[KEY].product_key != made.listings[KEY].own_key
