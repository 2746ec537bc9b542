"""Objections: a product is disputed while one is open; answering shows who spoke, settling has an effect."""

from dataclasses import replace
from datetime import date
from typing import Any

from consumers.core.applicants import bar, lift
from consumers.core.model import Product
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
    return _with_objections(world, product, [*_open(product), opened])


def decide_answered(world: World, city: str, data: ObjectionAnswered) -> Verdict:
    """A city that lists the product has answered; the answer itself is the event in the log."""
    product = world.products.get(data.product_key)
    found = _find(product, data.objection) if product else None
    if product is None or found is None:
        return unknown_object(f"no open objection {data.objection} to {data.product_key}")
    if not any(listing["city"] == city for listing in product.listings):
        return not_allowed(f"{city} has no listing in {data.product_key}")
    answered = {**found, "answered": sorted({*found["answered"], city})}
    return _with_objections(world, product, [answered if o is found else o for o in _open(product)])


def decide_settled(world: World, data: ObjectionSettled, _: int) -> Verdict:
    """The objection is closed with its effect: none, suspend, restore, or bar the applicant for the rule set's years."""
    product = world.products.get(data.product_key)
    if product is None or _find(product, data.objection) is None:
        return unknown_object(f"no open objection {data.objection} to {data.product_key}")
    day, rules = world.context.day, world.context.rules
    if data.effect == "bar" and (day is None or rules is None):
        return not_allowed("a bar needs a rule set in force and a day that began")
    standing = dict(product.standing)
    if data.effect == "suspend":
        standing["suspended_by"] = data.objection
    elif data.effect == "restore":
        standing.pop("suspended_by", None)
    left = [other for other in _open(product) if other["id"] != data.objection]
    verdict = _with_objections(world, replace(product, standing=standing), left, before=product.hash)
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


def _with_objections(world: World, product: Product, objections: list[dict[str, Any]], before: str | None = None) -> Verdict:
    standing = {name: value for name, value in product.standing.items() if name != "objections"}
    if objections:
        standing["objections"] = objections
    old = before or product.hash
    world.put_product(replace(product, standing=standing))
    return Verdict("applied", before=old, after=world.product(product.product_key).hash, products=(product.product_key,))
