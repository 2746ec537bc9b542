"""Objections: a product is disputed while one is open; answering shows who spoke, settling has an effect.

An objection is known by its number. It is open under every key that a correction took it to, and at every product that a listing
brought it to: whichever of them, or of their old keys, a decision names, it is the same objection.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from consumers.core.applicants import bar, lift
from consumers.core.model import Product
from consumers.core.standing import with_parts
from consumers.core.verdicts import Verdict, not_allowed, unknown_object
from consumers.core.world import World
from schemas.decisions import ObjectionRaised, ObjectionSettled
from schemas.events import ObjectionAnswered


def decide_raised(world: World, data: ObjectionRaised, _: int) -> Verdict:
    """The product is disputed from now on, under the key it has now."""
    product = _resolved(world, data.product_key)
    if product is None:
        return unknown_object(f"no product {data.product_key}")
    known = _open_at(world, data.objection)
    if known:
        return not_allowed(f"objection {data.objection} is open already, to {known[0].product_key}")
    opened = {"id": data.objection, "deadline": data.deadline.isoformat(), "answered": []}
    return _standing(world, product, {product.product_key: ([*_own(product), opened], _suspended_by(product))})


def decide_answered(world: World, city: str, data: ObjectionAnswered) -> Verdict:
    """A city that lists the product has answered; the answer itself is the event in the log. It counts wherever it is open."""
    found = _named(world, data.objection, data.product_key)
    if found is None:
        return unknown_object(f"no open objection {data.objection} to {data.product_key}")
    named, opened = found
    shown = [one for one in world.products.values() if any(open_["id"] == data.objection for open_ in one.open_objections)]
    if not any(listing["city"] == city for one in shown for listing in one.listings):
        return not_allowed(f"{city} has no listing in {data.product_key}")
    after = {
        one.product_key: ([_answered(o, city) if o["id"] == data.objection else o for o in _own(one)], _suspended_by(one))
        for one in opened
    }
    return _standing(world, named, after)


def _answered(objection: dict[str, Any], city: str) -> dict[str, Any]:
    return {**objection, "answered": sorted({*objection["answered"], city})}


def decide_settled(world: World, data: ObjectionSettled, _: int) -> Verdict:
    """The objection is closed wherever it is open, with its effect there: none, suspend, restore, or bar the applicant.

    The applicant is the one of the product that the decision names.
    """
    found = _named(world, data.objection, data.product_key)
    if found is None:
        return unknown_object(f"no open objection {data.objection} to {data.product_key}")
    named, opened = found
    day, rules = world.context.day, world.context.rules
    if data.effect == "bar" and (day is None or rules is None):
        return not_allowed("a bar needs a rule set in force and a day that began")
    after = {one.product_key: _closed(one, data.objection, suspend=data.effect == "suspend") for one in opened}
    if data.effect == "restore":
        after = _restored(world, {named.product_key, *after}, after)
    verdict = _standing(world, named, after)
    others: tuple[str, ...] = ()
    if data.effect == "bar" and day is not None:
        others = bar(world, named.uscc, date.fromisoformat(day))
    elif data.effect == "restore":
        others = lift(world, named.uscc)
    hash_after = world.product(named.product_key).hash
    return replace(verdict, after=hash_after, products=tuple(sorted({*verdict.products, *others})))


Parts = tuple[list[dict[str, Any]], dict[str, list[str]]]
"""Objections and what suspends, as they stand under a key."""


def _closed(product: Product, objection: str, *, suspend: bool) -> Parts:
    """Without the objection; what it suspends, it suspends as whoever brought it there brought the objection."""
    own, held = _own(product), _suspended_by(product)
    if suspend:
        held[objection] = next(list(one.get("via", ())) for one in own if one["id"] == objection)
    return [one for one in own if one["id"] != objection], held


def _restored(world: World, keys: set[str], closed: dict[str, Parts]) -> dict[str, Parts]:
    """Whatever suspends these products, or was brought to them, suspends nothing any more wherever it stands."""
    brought = [world.products[key].standing.get("brought", {}).get("suspended_by", {}) for key in keys]
    lifted = {number for key in keys for number in _suspended_by(world.products[key])} | {one for held in brought for one in held}
    after = dict(closed)
    for product in world.products.values():
        own, held = closed.get(product.product_key, (_own(product), _suspended_by(product)))
        if held.keys() & lifted:
            after[product.product_key] = own, {number: via for number, via in held.items() if number not in lifted}
    return after


def _resolved(world: World, key: str) -> Product | None:
    """The product that went on from this key: old ones lead to it."""
    product, seen = world.products.get(key), {key}
    while product is not None and product.moved_to is not None and product.moved_to not in seen:
        seen.add(product.moved_to)
        product = world.products.get(product.moved_to)
    return product


def _open_at(world: World, objection: str) -> list[Product]:
    """Under which keys it is open."""
    return [one for _, one in sorted(world.products.items()) if any(own["id"] == objection for own in _own(one))]


def _named(world: World, objection: str, key: str) -> tuple[Product, list[Product]] | None:
    """The product that `key` names or leads to, and the keys under which the objection is open; None when it isn't open there."""
    opened, product = _open_at(world, objection), _resolved(world, key)
    if product is None:
        return None
    shown = any(one["id"] == objection for one in product.open_objections)
    if shown or any(one.product_key in (key, product.product_key) for one in opened):
        return product, opened
    return None


def _own(product: Product) -> list[dict[str, Any]]:
    return list(product.standing.get("objections", []))


def _suspended_by(product: Product) -> dict[str, list[str]]:
    return dict(product.standing.get("suspended_by", {}))


def _standing(world: World, named: Product, after: dict[str, Parts]) -> Verdict:
    """Let this stand under these keys, and be seen wherever listings brought it; the verdict is about the product named."""
    for key, parts in after.items():
        world.note_product(replace(world.products[key], standing=with_parts(*parts)))
    changed = {*after, *world.refresh({*after, *world.shown_at(after)})}
    stored = world.product(named.product_key)
    return Verdict("applied", before=named.hash, after=stored.hash, products=tuple(sorted(changed)))
