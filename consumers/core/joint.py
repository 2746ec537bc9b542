"""What the joint office's decisions on keys, rules, days, assessments, batches and sources mean."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel

from consumers.core.chain import continued
from consumers.core.identities import decide_join, decide_separation
from consumers.core.model import Batch, Context, Product, TrustedKey, entry_key_text
from consumers.core.objections import decide_raised, decide_settled
from consumers.core.verdicts import Verdict, not_allowed, unknown_object
from consumers.core.world import World
from schemas import decisions as d
from schemas.codec import hash_of
from schemas.signing import decoded, keyid_of


def decide_joint(world: World, data: d.Decision, sequence: int) -> Verdict:
    """The verdict on one decision of the joint office; `world` is then as it says."""
    if type(data) in d.NEED_TWO and data.agreed_by is None:
        return not_allowed("a second person has to agree: agreed_by is missing")
    return _DECIDE[type(data)](world, data, sequence)


def _key_trusted(world: World, data: d.KeyTrusted, _: int) -> Verdict:
    raw = decoded(data.key)
    if raw is None or len(raw) != 32 or keyid_of(raw) != data.keyid:
        return not_allowed("keyid is not the key's")
    before = world.keys.get((data.source, data.keyid))
    if before is not None and before.revoked_after is not None:
        return not_allowed(f"key {data.keyid} was revoked; a revoked key does not come back")
    wrong = _other_city(world, data)
    if wrong is not None:
        return not_allowed(wrong)
    register_city = data.register_city or (before.register_city if before else None)
    first = min(data.from_sequence, before.from_sequence) if before else data.from_sequence
    after = TrustedKey(data.source, data.keyid, data.role, data.key, first, register_city=register_city)
    if before == after:
        return Verdict("applied", before=before.hash, after=before.hash)
    world.put_key(after)
    return Verdict("applied", before=before.hash if before else None, after=after.hash)


def _other_city(world: World, data: d.KeyTrusted) -> str | None:
    """What is wrong with the city that a key decision names: a source keeps one city's entries, and no two the same."""
    for key in world.keys.values():
        if None in (key.register_city, data.register_city) or (key.source == data.source) == (
            key.register_city == data.register_city
        ):
            continue
        return f"{key.source} keeps the entries of {key.register_city}, {data.source} can't keep those of {data.register_city}"
    return None


def _key_revoked(world: World, data: d.KeyRevoked, _: int) -> Verdict:
    before = world.keys.get((data.source, data.keyid))
    if before is None:
        return unknown_object(f"no key {data.keyid} of {data.source}")
    limit = data.after_sequence if before.revoked_after is None else min(before.revoked_after, data.after_sequence)
    after = replace(before, revoked_after=limit)
    world.put_key(after)
    return Verdict("applied", before=before.hash, after=after.hash)


def _rules_activated(world: World, data: d.RulesActivated, _: int) -> Verdict:
    before = world.context.rules
    if before is not None and data.rules.version < before.version:
        return not_allowed(f"rule set {before.version} is in force; a lower version can't replace it")
    if before is not None and data.rules.version == before.version and data.rules != before:
        return not_allowed(f"rule set {before.version} is in force with another content; give the new one a new version")
    old = hash_of(before.model_dump(mode="json")) if before else None
    new = hash_of(data.rules.model_dump(mode="json"))
    world.context = replace(world.context, rules=data.rules)
    return Verdict("applied", before=old, after=new, products=world.refresh(_all_products(world)))


def _day_began(world: World, data: d.DayBegan, _: int) -> Verdict:
    before = world.context.day
    if before is not None and data.day != date.fromisoformat(before) + timedelta(days=1):
        return not_allowed(f"the day is {before}; the next is the day after, not {data.day.isoformat()}")
    old = _day_hash(world.context) if before else None
    world.context = replace(world.context, day=data.day.isoformat())
    return Verdict("applied", before=old, after=_day_hash(world.context), products=world.refresh(_all_products(world)))


def _day_hash(context: Context) -> str:
    return hash_of({"day": context.day})


def _all_products(world: World) -> set[str]:
    """Every product that was loaded: the handler loads those that the decision can change."""
    return {*world.products, *world.members}


def _assessment_recorded(world: World, data: d.AssessmentRecorded, sequence: int) -> Verdict:
    key = (data.listing.city, data.listing.certificate_no)
    before = world.listings.get(key)
    if before is None:
        return unknown_object(f"no listing {entry_key_text(key)}")
    if data.entry_version != before.entry_version:
        return not_allowed(f"{entry_key_text(key)} is at version {before.entry_version}, version {data.entry_version} was assessed")
    assessment: dict[str, Any] = {
        "assessed_on": data.assessed_on.isoformat(),
        "assessors": data.assessors,
        "basis": data.basis,
        "criteria": data.criteria.model_dump(),
        "entry_version": data.entry_version,
        "sequence": sequence,
    }
    touched = world.put_listing(replace(before, assessment=assessment))
    return Verdict("applied", before=before.hash, after=world.listings[key].hash, products=world.refresh(touched))


def _batch_published(world: World, data: d.BatchPublished, _: int) -> Verdict:
    rules = world.context.rules
    if rules is None or world.context.day is None:
        return not_allowed("a batch needs a rule set in force and a day that began")
    if data.number != world.context.last_batch + 1:
        return Verdict("rejected", "decision_out_of_turn", f"the next batch is number {world.context.last_batch + 1}")
    if data.host != (host := rules.host_of(data.number)):
        return Verdict("rejected", "decision_out_of_turn", f"batch {data.number} is hosted by {host}")
    named = [world.product(item.product_key) for item in data.products]
    unknown = [product.product_key for product in named if product.product_key not in world.products]
    if unknown:
        return unknown_object(f"no product {', '.join(unknown[:5])}")
    wrong = [product for product in named if product.status != "eligible"]
    if wrong or len({product.product_key for product in named}) != len(named):
        listed = "; ".join(f"{p.product_key} {p.product_name} is {p.status}" for p in wrong[:5]) or "a product is named twice"
        return not_allowed(f"not eligible: {listed}")
    return _published(world, data, named)


def _published(world: World, data: d.BatchPublished, named: list[Product]) -> Verdict:
    batch = Batch(
        number=data.number,
        host=data.host,
        day=data.day.isoformat(),
        document=data.document,
        by=data.by,
        agreed_by=data.agreed_by or "",
        log_size=data.log_size,
        products=tuple(item.model_dump() for item in data.products),
    )
    world.new_batches.append(batch)
    world.context = replace(world.context, last_batch=data.number)
    publication = {"batch": data.number, "recognized_on": data.day.isoformat()}
    for product in named:
        world.products[product.product_key] = replace(product, publication=publication)
    keys = [product.product_key for product in named]
    world.changed_products.update(keys)
    world.refresh(keys)
    return Verdict("applied", after=batch.hash, products=tuple(sorted(keys)))


def _parked_released(_: World, __: d.ParkedReleased, ___: int) -> Verdict:
    """Two people agree; what comes of it, `consumers.core.release` says: it decides events of another source."""
    return Verdict("applied")


def _source_continued(world: World, data: d.SourceContinued, _: int) -> Verdict:
    if data.source == world.source:
        return not_allowed("the joint office goes on from its own last accepted decision; it can't say another place")
    before = world.other_chains.get(data.source)
    if before is None:
        return unknown_object(f"no source {data.source}")
    if data.sequence < before.head_sequence:
        return not_allowed(f"{data.source} was accepted up to {before.head_sequence}; it can't go on from {data.sequence}")
    gaps = {(gap.first, gap.last) for gap in before.gaps}
    if not set(data.lost) <= gaps:
        named = ", ".join(f"{first}-{last}" for first, last in sorted(gaps)) or "none"
        return not_allowed(f"a whole gap is given up or none of it; {data.source} has the gaps {named}")
    after = continued(before, data.sequence, data.hash, data.lost)
    world.other_chains[data.source] = after
    return Verdict("applied", before=hash_of([before.head_sequence, before.head_hash]), after=hash_of([data.sequence, data.hash]))


_DECIDE: dict[type[BaseModel], Callable[[World, Any, int], Verdict]] = {
    d.KeyTrusted: _key_trusted,
    d.KeyRevoked: _key_revoked,
    d.RulesActivated: _rules_activated,
    d.DayBegan: _day_began,
    d.AssessmentRecorded: _assessment_recorded,
    d.BatchPublished: _batch_published,
    d.ObjectionRaised: decide_raised,
    d.ObjectionSettled: decide_settled,
    d.IdentityJoined: decide_join,
    d.IdentitySeparated: decide_separation,
    d.ParkedReleased: _parked_released,
    d.SourceContinued: _source_continued,
}
