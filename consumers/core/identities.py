"""Identity decisions: a join makes one listing follow another, a separation makes it stand alone; the latest holds."""

from collections.abc import Callable
from dataclasses import replace

from consumers.core.model import EntryKey, Listing, entry_key_of, entry_key_text
from consumers.core.verdicts import Verdict, not_allowed, unknown_object
from consumers.core.world import World
from schemas.decisions import IdentityJoined, IdentitySeparated, ListingRef

ALONE = ""
"""How a separation stands among the decisions on a listing; a join stands there as the listing that is followed."""


def _key(reference: ListingRef) -> EntryKey:
    return reference.city, reference.certificate_no


def decide_join(world: World, data: IdentityJoined, _: int) -> Verdict:
    """The listing follows another from now on; undone, what was decided on it before holds again. Circles are refused."""
    listing = world.listings.get(_key(data.listing))
    if listing is None:
        return unknown_object(f"no listing {entry_key_text(_key(data.listing))}")
    if data.undo:
        return _undone(world, listing, lambda pointer: pointer != ALONE)
    if data.follows is None:
        return not_allowed("which listing it follows is missing")
    target = _key(data.follows)
    if target not in world.listings:
        return unknown_object(f"no listing {entry_key_text(target)}")
    return _pointed(world, listing, [*_pointers(listing), entry_key_text(target)])


def decide_separation(world: World, data: IdentitySeparated, _: int) -> Verdict:
    """The listing stands alone from now on; undone, what was decided on it before holds again."""
    listing = world.listings.get(_key(data.listing))
    if listing is None:
        return unknown_object(f"no listing {entry_key_text(_key(data.listing))}")
    if data.undo:
        return _undone(world, listing, lambda pointer: pointer == ALONE)
    return _pointed(world, listing, [*_pointers(listing), ALONE])


def _pointers(listing: Listing) -> list[str]:
    """Every decision on the listing's identity that was not undone, oldest first; the last one holds."""
    latest = ALONE if listing.separate else listing.follows
    return [*listing.under, *([] if latest is None else [latest])]


def _undone(world: World, listing: Listing, of_its_kind: Callable[[str], bool]) -> Verdict:
    """Without the latest decision of a kind, as if it had never been; without one there is nothing to undo."""
    pointers = _pointers(listing)
    for place in range(len(pointers) - 1, -1, -1):
        if of_its_kind(pointers[place]):
            del pointers[place]
            break
    return _pointed(world, listing, pointers)


def _pointed(world: World, before: Listing, pointers: list[str]) -> Verdict:
    latest = pointers[-1] if pointers else None
    follows = None if latest == ALONE else latest
    if follows is not None and entry_key_text(before.key) in world.pointer_chain(entry_key_of(follows)):
        return not_allowed(f"{follows} follows {entry_key_text(before.key)} already: a circle")
    after = replace(before, follows=follows, separate=latest == ALONE, under=tuple(pointers[:-1]))
    touched = world.put_listing(after)
    stored = world.listings[before.key]
    changed = world.refresh(touched)
    return Verdict("applied", before=before.hash, after=stored.hash, products=changed)
