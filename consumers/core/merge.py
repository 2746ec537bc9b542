"""What a product shows: each field from one listing by the rule set's precedence, with the values that lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from consumers.core.model import Context, EntryKey, Listing, Product, entry_key_of, entry_key_text
from consumers.core.recognise import status_of

SHOWN = ("uscc", "enterprise_name", "product_name", "models", "category")


def _precedence(listing: Listing) -> tuple[float, str, str]:
    """Latest event first, then city code, then number; never by arrival."""
    return _rank(listing.event_time, listing.entry["register_city"], listing.key)


def _rank(event_time: str, register_city: str, key: EntryKey) -> tuple[float, str, str]:
    return -datetime.fromisoformat(event_time).timestamp(), register_city, key[1]


def merged(product: Product, members: Sequence[Listing], context: Context) -> Product:
    """`product` as its listings and the context make it, in whatever order they came."""
    if not members:
        bare = _left(product)
        return replace(bare, status=status_of(bare, (), context))
    ranked = sorted(members, key=_precedence) if len(members) > 1 else list(members)
    carried = [listing.carried for listing in members if listing.product_key == listing.own_key]
    result = _with_publication(_showing(product, ranked[0].entry, members, ranked), carried)
    return replace(result, status=status_of(result, members, context))  # whether the applicant is barred hangs on what it shows


def _showing(product: Product, entry: Mapping[str, Any], members: Sequence[Listing], ranked: Sequence[Listing]) -> Product:
    return replace(
        product,
        uscc=entry["uscc"],
        enterprise_name=entry["enterprise_name"],
        product_name=entry["product_name"],
        models=tuple(entry["models"]),
        category=entry["category"],
        listings=tuple(_summary(listing) for listing in _in_order(members)),
        fields=_provenance(ranked) if ranked else {},
        moved_to=None,
    )


def _left(product: Product) -> Product:
    """A product without listings: it shows what the last of those said that left it, or else what it showed last.

    When one was corrected away, the publication went along: readers are led on, and it is not counted twice.
    """
    bare = replace(product, listings=(), fields={}, moved_to=None)
    former = sorted(product.former.items(), key=_former_rank)
    if former:
        bare = _showing(bare, former[0][1]["entry"], (), ())
    moved = next((said["moved_to"] for _, said in former if said["moved_to"] is not None), None)
    if moved is not None:
        return replace(bare, moved_to=moved, batch=None, recognized_on=None)
    return _with_publication(bare, [])


def _former_rank(item: tuple[str, Mapping[str, Any]]) -> tuple[float, str, str]:
    name, said = item
    return _rank(said["event_time"], said["register_city"], entry_key_of(name))


def _with_publication(product: Product, carried: Iterable[Mapping[str, Any] | None]) -> Product:
    """The earliest of: its own batch, what its corrected listings brought along, what a listing left that became another thing."""
    left = [said["carried"] for said in product.former.values() if said["moved_to"] is None]
    known = [found for found in (product.publication, *carried, *left) if found is not None]
    first = min(known, key=lambda found: (found["batch"], found["recognized_on"]), default=None)
    shown = (first["batch"], first["recognized_on"]) if first is not None else (None, None)
    if shown == (product.batch, product.recognized_on):
        return product
    return replace(product, batch=shown[0], recognized_on=shown[1])


def _in_order(members: Sequence[Listing]) -> list[Listing]:
    """By city code and number. Nearly every product has one listing, which needs no sorting."""
    if len(members) == 1:
        return list(members)
    return sorted(members, key=lambda listing: (listing.entry["register_city"], listing.certificate_no))


def _summary(listing: Listing) -> dict[str, Any]:
    return {
        "city": listing.city,
        "certificate_no": listing.certificate_no,
        "status": listing.entry["source_status"],
        "valid_from": listing.entry["valid_from"],
        "valid_to": listing.entry["valid_to"],
    }


def _provenance(ranked: Sequence[Listing]) -> dict[str, Any]:
    """Field name → the listing it came from, and the other values with theirs; only where values differ."""
    shown, origin = ranked[0].entry, entry_key_text(ranked[0].key)
    others = ranked[1:]
    return {name: {"from": origin, "lost": _lost(name, shown[name], others) if others else []} for name in SHOWN}


def _lost(name: str, value: Any, others: Sequence[Listing]) -> list[dict[str, Any]]:
    return [{"from": entry_key_text(other.key), "value": other.entry[name]} for other in others if other.entry[name] != value]
