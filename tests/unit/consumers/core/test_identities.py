"""Joins and separations: the latest decision on a listing holds, undoing removes it, circles are refused."""

from typing import Any

from consumers.core.world import World
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.identity import separate_key
from tests.support.cities import CHANGSHA, XIANGTAN, ZHUZHOU
from tests.support.sources import uscc
from tests.support.worlds import listing, ruled, said, world

A, B, C = ("changsha", "1"), ("zhuzhou", "2"), ("xiangtan", "3")


def three() -> World:
    """Three listings of three products."""
    return world(
        JOINT_OFFICE,
        [
            listing(CHANGSHA, "1"),
            listing(ZHUZHOU, "2", uscc=uscc(2)),
            listing(XIANGTAN, "3", uscc=uscc(3)),
        ],
    )


def ref(key: tuple[str, str]) -> dict[str, str]:
    """How a decision names a listing."""
    return {"city": key[0], "certificate_no": key[1]}


def join(made: World, one: tuple[str, str], other: tuple[str, str] | None, **data: Any) -> str:
    """Outcome, and reason if there is one, of a join."""
    verdict = ruled(made, events.IDENTITY_JOINED, listing=ref(one), follows=ref(other) if other else None, **data)
    return verdict.reason or verdict.outcome


def separate(made: World, one: tuple[str, str], **data: Any) -> str:
    """Outcome, and reason if there is one, of a separation."""
    verdict = ruled(made, events.IDENTITY_SEPARATED, listing=ref(one), **data)
    return verdict.reason or verdict.outcome


def keys(made: World) -> list[str]:
    """Product keys of the three."""
    return [made.listings[key].product_key for key in (A, B, C)]


def own(made: World) -> list[str]:
    """Their own identities."""
    return [made.listings[key].own_key for key in (A, B, C)]


def test_a_join_makes_one_listing_follow_another() -> None:
    """The follower belongs to the other's product, its own product is empty."""
    made = three()
    assert join(made, B, A) == "applied"
    assert keys(made) == [own(made)[0], own(made)[0], own(made)[2]]
    assert len(made.products[own(made)[0]].listings) == 2
    assert made.products[own(made)[1]].listings == ()


def test_followers_of_followers_go_along() -> None:
    """Who follows a listing that follows another belongs to that one's product."""
    made = three()
    join(made, C, B)
    join(made, B, A)
    assert keys(made) == [own(made)[0]] * 3


def test_circles_are_refused() -> None:
    """Nobody follows itself, directly or through others."""
    made = three()
    assert join(made, A, A) == "decision_not_allowed"
    join(made, B, A)
    join(made, C, B)
    assert join(made, A, C) == "decision_not_allowed"
    assert keys(made) == [own(made)[0]] * 3


def test_undoing_a_join_returns_the_listing_to_its_own_identity() -> None:
    """The pointer is gone, and whoever followed the listing comes back with it."""
    made = three()
    join(made, C, B)
    join(made, B, A)
    assert join(made, B, None, undo=True) == "applied"
    assert keys(made) == [own(made)[0], own(made)[1], own(made)[1]]


def test_a_separated_listing_stands_alone() -> None:
    """Two listings of one identity are two products until the separation is undone."""
    made = world(JOINT_OFFICE, [listing(CHANGSHA, "1"), listing(ZHUZHOU, "2")])
    assert separate(made, B) == "applied"
    assert made.listings[B].product_key not in (made.listings[A].product_key, made.listings[B].own_key)
    assert separate(made, B, undo=True) == "applied"
    assert made.listings[B].product_key == made.listings[A].product_key


def test_the_latest_decision_holds() -> None:
    """A separation ends a join, and a join ends a separation."""
    made = three()
    join(made, B, A)
    separate(made, B)
    assert made.listings[B].follows is None
    join(made, B, C)
    assert not made.listings[B].separate
    assert keys(made)[1] == own(made)[2]


def test_undoing_lets_the_decision_before_hold_again() -> None:
    """Each kind undoes the latest of its own; what was decided before that is as if nothing had come after it."""
    made = three()
    join(made, B, C)
    separate(made, B)
    join(made, B, A)
    assert keys(made)[1] == own(made)[0]
    assert join(made, B, None, undo=True) == "applied"
    assert keys(made)[1] == separate_key(*B)
    assert separate(made, B, undo=True) == "applied"
    assert keys(made)[1] == own(made)[2]


def test_an_earlier_decision_is_undone_under_a_later_one() -> None:
    """A separation that a join had replaced is undone: the join goes on holding, and behind it nothing is left."""
    made = three()
    separate(made, B)
    join(made, B, A)
    assert separate(made, B, undo=True) == "applied"
    assert keys(made)[1] == own(made)[0]
    join(made, B, None, undo=True)
    assert keys(made)[1] == own(made)[1]


def test_an_undoing_that_would_make_a_circle_is_refused() -> None:
    """What holds again would lead back: the decision that leads there is to be undone first."""
    made = three()
    join(made, A, B)
    separate(made, A)
    join(made, B, A)
    assert separate(made, A, undo=True) == "decision_not_allowed"
    join(made, B, None, undo=True)
    assert separate(made, A, undo=True) == "applied"
    assert keys(made)[0] == own(made)[1]


def test_unknown_listings_are_named() -> None:
    """A decision about a listing nobody has is rejected; so is a join without a target."""
    made = three()
    assert join(made, ("changsha", "9"), A) == "decision_unknown_object"
    assert join(made, A, ("changsha", "9")) == "decision_unknown_object"
    assert join(made, A, None) == "decision_not_allowed"
    assert separate(made, ("changsha", "9")) == "decision_unknown_object"


def test_one_product_whoever_lists_it() -> None:
    """The same code, name and models are one product, whichever cities list it and however they write the firm."""
    ours, theirs = listing(CHANGSHA, "1"), listing(ZHUZHOU, "2", enterprise_name="长沙示例环保设备公司")
    made = world(JOINT_OFFICE, [ours, theirs])
    (product,) = made.products.values()
    assert [one["city"] for one in product.listings] == ["changsha", "zhuzhou"]


def test_firms_are_never_joined_by_their_name() -> None:
    """The code decides: two firms of one name, with one product name and model, have two products."""
    made = world(JOINT_OFFICE, [listing(CHANGSHA, "1"), listing(ZHUZHOU, "2", uscc=uscc(2))])
    assert len(made.products) == 2


def test_a_join_survives_later_events_of_either_listing() -> None:
    """Whatever the followed city corrects, its followers go along; whatever the follower's city says, it goes on following."""
    made = three()
    join(made, B, A)
    made.source = CHANGSHA.source
    said(made, CHANGSHA, events.CORRECTED, 2, uscc=uscc(7))
    made.source = ZHUZHOU.source
    said(made, ZHUZHOU, events.CHANGED, 2, certificate_no="2", uscc=uscc(8))
    assert made.listings[A].own_key != made.listings[B].own_key
    assert keys(made)[0] == keys(made)[1] == own(made)[0]


def test_an_old_key_never_attracts_listings() -> None:
    """The key that a correction left redirects readers; who is listed under it later is a product there, and is not moved on."""
    made = three()
    wrong = own(made)[0]
    made.source = CHANGSHA.source
    said(made, CHANGSHA, events.CORRECTED, 2, uscc=uscc(7))
    assert made.products[wrong].moved_to == own(made)[0]
    made.source = XIANGTAN.source
    said(made, XIANGTAN, events.LISTED, 1, certificate_no="9")
    assert made.listings["xiangtan", "9"].product_key == wrong
    assert made.products[wrong].moved_to is None


def test_separating_after_joining_restores() -> None:
    """A join undone, and a separation undone, leave every listing and product as if they had never been."""
    made = three()
    before = (dict(made.listings), dict(made.products))
    join(made, C, B)
    join(made, B, A)
    join(made, B, None, undo=True)
    join(made, C, None, undo=True)
    separate(made, A)
    separate(made, A, undo=True)
    assert made.listings == before[0]
    assert {key: product for key, product in made.products.items() if key in before[1]} == before[1]
