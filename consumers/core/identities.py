"""Identity decisions: a join makes one listing follow another, a separation makes it stand alone; the latest holds."""

from dataclasses import replace

from consumers.core.model import EntryKey, Listing, entry_key_text
from consumers.core.verdicts import Verdict, not_allowed, unknown_object
from consumers.core.world import World
from schemas.decisions import IdentityJoined, IdentitySeparated, ListingRef


def _key(reference: ListingRef) -> EntryKey:
    return reference.city, reference.certificate_no


def decide_join(world: World, data: IdentityJoined, _: int) -> Verdict:
    """The listing follows another from now on, or, undone, stands under its own identity again. Cycles are refused."""
    listing = world.listings.get(_key(data.listing))
    if listing is None:
        return unknown_object(f"no listing {entry_key_text(_key(data.listing))}")
    if data.undo:
        return _pointed(world, listing, replace(listing, follows=None))
    if data.follows is None:
        return not_allowed("which listing it follows is missing")
    target = _key(data.follows)
    if target not in world.listings:
        return unknown_object(f"no listing {entry_key_text(target)}")
    if entry_key_text(listing.key) in world.pointer_chain(target):
        return not_allowed(f"{entry_key_text(target)} follows {entry_key_text(listing.key)} already: a circle")
    return _pointed(world, listing, replace(listing, follows=entry_key_text(target), separate=False))


def decide_separation(world: World, data: IdentitySeparated, _: int) -> Verdict:
    """The listing stands alone from now on, or, undone, belongs where its identity says."""
    listing = world.listings.get(_key(data.listing))
    if listing is None:
        return unknown_object(f"no listing {entry_key_text(_key(data.listing))}")
    return _pointed(world, listing, replace(listing, follows=None, separate=not data.undo))


def _pointed(world: World, before: Listing, after: Listing) -> Verdict:
    touched = world.put_listing(after)
    stored = world.listings[before.key]
    changed = world.refresh(touched)
    return Verdict("applied", before=before.hash, after=stored.hash, products=changed)
