"""Objections: a product is disputed while one is open; answering shows who spoke, settling has an effect."""

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
    """The product is disputed from now on."""
    product = world.products.get(data.product_key)
    if product is None:
        return unknown_object(f"no product {data.product_key}")
    if _find(product, data.objection) is not None:
        return not_allowed(f"objection {data.objection} is open already")
    opened = {"id": data.objection, "deadline": data.deadline.isoformat(), "answered": []}
    return _standing(world, product, [*_open(product), opened], _suspended_by(product))


def decide_answered(world: World, city: str, data: ObjectionAnswered) -> Verdict:
    """A city that lists the product has answered; the answer itself is the event in the log.

    It counts wherever the objection is open: another city may have corrected it away from the key that the answer names.
    """
    product = world.products.get(data.product_key)
    if product is None or _find(product, data.objection) is None:
        return unknown_object(f"no open objection {data.objection} to {data.product_key}")
    opened = [one for one in world.products.values() if _find(one, data.objection) is not None]
    if not any(listing["city"] == city for listing in product.listings):
        return not_allowed(f"{city} has no listing in {data.product_key}")
    for one in opened:
        answered = [_answered(o, city) if o["id"] == data.objection else o for o in _open(one)]
        world.put_product(replace(one, standing=with_parts(answered, _suspended_by(one))))
    changed = tuple(sorted(one.product_key for one in opened))
    return Verdict("applied", before=product.hash, after=world.product(product.product_key).hash, products=changed)


def _answered(objection: dict[str, Any], city: str) -> dict[str, Any]:
    return {**objection, "answered": sorted({*objection["answered"], city})}


def decide_settled(world: World, data: ObjectionSettled, _: int) -> Verdict:
    """The objection is closed with its effect: none, suspend, restore, or bar the applicant for the rule set's years."""
    product = world.products.get(data.product_key)
    if product is None or _find(product, data.objection) is None:
        return unknown_object(f"no open objection {data.objection} to {data.product_key}")
    day, rules = world.context.day, world.context.rules
    if data.effect == "bar" and (day is None or rules is None):
        return not_allowed("a bar needs a rule set in force and a day that began")
    held = {} if data.effect == "restore" else _suspended_by(product)
    if data.effect == "suspend":
        held = {**held, data.objection: []}
    left = [other for other in _open(product) if other["id"] != data.objection]
    verdict = _standing(world, product, left, held)
    others: tuple[str, ...] = ()
    if data.effect == "bar" and day is not None:
        others = bar(world, product.uscc, date.fromisoformat(day))
    elif data.effect == "restore":
        others = lift(world, product.uscc)
    after = world.product(product.product_key).hash
    return replace(verdict, after=after, products=tuple(sorted({*verdict.products, *others})))


def _open(product: Product) -> list[dict[str, Any]]:
    return list(product.standing.get("objections", []))


def _find(product: Product, objection: str) -> dict[str, Any] | None:
    return next((found for found in _open(product) if found["id"] == objection), None)


def _suspended_by(product: Product) -> dict[str, list[str]]:
    return dict(product.standing.get("suspended_by", {}))


def _standing(world: World, product: Product, objections: list[dict[str, Any]], held: dict[str, list[str]]) -> Verdict:
    world.put_product(replace(product, standing=with_parts(objections, held)))
    after = world.product(product.product_key)
    return Verdict("applied", before=product.hash, after=after.hash, products=(product.product_key,))
