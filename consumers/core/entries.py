"""What a city's entry event means for the listing, its assessment and the products it belongs to."""

from dataclasses import replace

from consumers.core.applicants import bar_for_fraud
from consumers.core.model import Listing, Product, Verdict
from consumers.core.world import World
from schemas.city import City
from schemas.entry import RegisterEntry
from schemas.envelope import Envelope
from schemas.events import CORRECTED, STATUS_AFTER, EntryData
from schemas.identity import product_key
from schemas.possible import impossible

ASSESSED_FIELDS = ("enterprise_name", "product_name", "models", "category", "standards")
"""A change of one of these ends an assessment: it is not the thing that was assessed (design §6)."""


def decide_entry(world: World, city: City, envelope: Envelope, data: EntryData) -> Verdict:
    """The verdict on one entry event of `city`; the listing and products in `world` are then as it says."""
    entry = data.entry
    if entry.register_city != city.code:
        return Verdict("rejected", "wrong_issuer", f"register_city {entry.register_city}, expected {city.code}")
    wrong = _impossible(entry, data)
    if wrong is not None:
        return Verdict("rejected", "impossible_value", wrong)
    key = (city.value, entry.certificate_no)
    before = world.listings.get(key)
    version = envelope.entry_version or 0
    if before is not None and version <= before.entry_version:
        return Verdict("superseded", "version_behind", before=before.hash, after=before.hash)
    after = _listing_after(before, city, envelope, entry, version)
    corrected = _is_plain_correction(before, envelope, version)
    if before is not None and before.assessment is not None and not corrected and _differs(before, after):
        after = replace(after, assessment=None)
    touched = world.put_listing(after)
    stored = world.listings[key]
    carried: set[str] = set()
    if before is not None and corrected and stored.product_key != before.product_key:
        carried = _carry_publication(world, before.product_key, stored.product_key)
    changed = {*world.refresh(touched), *carried, *bar_for_fraud(world, before, entry, envelope.time)}
    return Verdict("applied", before=before.hash if before else None, after=stored.hash, products=tuple(sorted(changed)))


def _impossible(entry: RegisterEntry, data: EntryData) -> str | None:
    expected = STATUS_AFTER.get(type(data))
    if expected is not None and entry.source_status is not expected:
        return f"source_status {entry.source_status.value}, expected {expected.value} after this type of event"
    return impossible(entry)


def _listing_after(before: Listing | None, city: City, envelope: Envelope, entry: RegisterEntry, version: int) -> Listing:
    own_key = product_key(entry.uscc, entry.product_name, entry.models)
    return Listing(
        city=city.value,
        certificate_no=entry.certificate_no,
        entry_version=version,
        sequence=envelope.sequence or 0,
        event_time=envelope.time,
        entry=entry.as_json(),
        entry_hash=envelope.entry_hash or "",
        own_key=own_key,
        product_key=own_key,
        follows=before.follows if before else None,
        separate=before.separate if before else False,
        assessment=before.assessment if before else None,
    )


def _is_plain_correction(before: Listing | None, envelope: Envelope, version: int) -> bool:
    """A correction right after what it corrects. With versions missing between, nobody knows what else happened."""
    return before is not None and envelope.kind is CORRECTED and version == before.entry_version + 1


def _differs(before: Listing, after: Listing) -> bool:
    if before.own_key != after.own_key:
        return True
    return any(before.entry[name] != after.entry[name] for name in ASSESSED_FIELDS)


def _carry_publication(world: World, old_key: str, new_key: str) -> set[str]:
    """A corrected identity is the same product under its right name: batch and standing go along. Returns both keys."""
    old, new = world.product(old_key), world.product(new_key)
    world.products[new_key] = replace(
        new,
        batch=new.batch if new.published else old.batch,
        recognized_on=new.recognized_on if new.published else old.recognized_on,
        standing={**old.standing, **new.standing},
    )
    if not world.members.get(old_key):
        world.products[old_key] = _emptied(old, new_key)
    world.changed_products |= {old_key, new_key}
    return {old_key, new_key}


def _emptied(old: Product, new_key: str) -> Product:
    """What stays under the old key: readers are led on, the publication is not counted twice."""
    return replace(old, batch=None, recognized_on=None, standing={}, moved_to=new_key)
