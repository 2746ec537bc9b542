"""What a city's entry event means for the listing, its assessment and the products it belongs to."""

from dataclasses import replace
from typing import Any

from consumers.core.applicants import bar_for_fraud
from consumers.core.merge import SHOWN
from consumers.core.model import Listing, Product, entry_key_text
from consumers.core.standing import taken_along, together
from consumers.core.validities import earlier
from consumers.core.verdicts import Verdict
from consumers.core.world import World
from schemas.entry import RegisterEntry
from schemas.envelope import Envelope
from schemas.events import CORRECTED, STATUS_AFTER
from schemas.identity import model_key, name_key, product_key
from schemas.possible import impossible

ASSESSED_FIELDS = ("enterprise_name", "product_name", "models", "category", "standards")
"""A change of one of these ends an assessment: it is not the thing that was assessed (design §6)."""


def decide_entry(world: World, city: str, envelope: Envelope, entry: RegisterEntry) -> Verdict:
    """The verdict on one entry event of the city with this word; the listing and products in `world` are then as it says.

    Whose entries the source keeps, the decisions say that trust its keys; where none does, any city's.
    """
    if world.register_city not in (None, entry.register_city):
        return Verdict("rejected", "wrong_issuer", f"register_city {entry.register_city}, expected {world.register_city}")
    wrong = _impossible(envelope, entry)
    if wrong is not None:
        return Verdict("rejected", "impossible_value", wrong)
    key = (city, entry.certificate_no)
    before = world.listings.get(key)
    version = envelope.entry_version or 0
    if before is not None and version <= before.entry_version:
        return Verdict("superseded", "version_behind", before=before.hash, after=before.hash)
    after = _listing_after(before, city, envelope, entry, version)
    corrected = _is_plain_correction(before, envelope, version)
    if before is not None and before.assessment is not None and not corrected and _differs(before, after):
        after = replace(after, assessment=None)
    moves = before is not None and before.own_key != after.own_key
    if before is not None and moves:
        after = replace(after, carried=_carried(world, before) if corrected else None)
    touched = world.put_listing(after)
    stored = world.listings[key]
    left = _leave(world, before, stored, corrected) if before is not None and moves else set()
    changed = {*world.refresh(touched | left), *left, *bar_for_fraud(world, before, entry, envelope.time)}
    return Verdict("applied", before=before.hash if before else None, after=stored.hash, products=tuple(sorted(changed)))


def _impossible(envelope: Envelope, entry: RegisterEntry) -> str | None:
    expected = STATUS_AFTER.get(type(envelope.data))
    if expected is not None and entry.source_status is not expected:
        return f"source_status {entry.source_status.value}, expected {expected.value} after this type of event"
    return impossible(entry)


def _listing_after(before: Listing | None, city: str, envelope: Envelope, entry: RegisterEntry, version: int) -> Listing:
    own_key = product_key(entry.uscc, entry.product_name, entry.models)
    return Listing(
        city=city,
        certificate_no=entry.certificate_no,
        entry_version=version,
        sequence=envelope.sequence or 0,
        event_time=envelope.time,
        entry=entry.as_json(),
        entry_hash=envelope.entry_hash or "",
        own_key=own_key,
        product_key=own_key,
        earlier=earlier(before, entry, corrected=_is_plain_correction(before, envelope, version)),
        follows=before.follows if before else None,
        separate=before.separate if before else False,
        assessment=before.assessment if before else None,
        carried=before.carried if before else None,
        under=before.under if before else (),
    )


def _is_plain_correction(before: Listing | None, envelope: Envelope, version: int) -> bool:
    """A correction right after what it corrects. With versions missing between, nobody knows what else happened."""
    return before is not None and envelope.kind is CORRECTED and version == before.entry_version + 1


def _differs(before: Listing, after: Listing) -> bool:
    if before.own_key != after.own_key:
        return True
    return any(before.entry[name] != after.entry[name] for name in ASSESSED_FIELDS)


def _leave(world: World, before: Listing, after: Listing, corrected: bool) -> set[str]:
    """Note at the old identity what the listing said there, and where a correction took it. Returns both keys.

    Only the listing's own events and decisions count here, so that it doesn't matter which city is heard first.
    """
    old, new = world.product(before.own_key), world.products.get(after.own_key) or _nobodys(after)
    said = {
        "entry": {name: before.entry[name] for name in SHOWN},
        "event_time": before.event_time,
        "register_city": before.entry["register_city"],
        "moved_to": after.own_key if corrected else None,
        "carried": before.carried,
    }
    name = entry_key_text(before.key)
    standing = new.standing
    if corrected:  # also where it belongs to another product by decision: without that it would have been the same
        standing = together(new.standing, taken_along(old.standing, name))
    former = {other: left for other, left in new.former.items() if other != name}
    world.note_product(replace(old, former={**old.former, name: said}))
    if standing != new.standing or former != new.former or (corrected and new.product_key not in world.products):
        world.note_product(replace(new, standing=standing, former=former))
    return {old.product_key, new.product_key} & set(world.products)


def _nobodys(listing: Listing) -> Product:
    """The product of an identity before any listing belongs to it: it shows what its key is made of.

    Old keys lead to it, also while the listing that was corrected belongs to another product by decision.
    """
    said = listing.entry
    models = tuple(model_key(said["models"]))
    return Product(listing.own_key, uscc=said["uscc"], product_name=name_key(said["product_name"]), models=models)


def _carried(world: World, before: Listing) -> dict[str, Any] | None:
    """The publication a corrected listing has: what it brought along before, or that of the key it leaves."""
    return before.carried or world.product(before.own_key).publication
