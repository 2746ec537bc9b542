"""What a product shows: each field from one listing by the rule set's precedence, with the values that lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from consumers.core.model import Context, Listing, Product, entry_key_of, entry_key_text
from consumers.core.precedence import by_time, ranked
from consumers.core.recognise import status_of
from consumers.core.standing import Standing, suspended_here

SHOWN = ("uscc", "enterprise_name", "product_name", "models", "category")


def merged(product: Product, members: Sequence[Listing], context: Context, brought: Standing | None = None) -> Product:
    """`product` as its listings and the context make it, in whatever order they came.

    `brought`: what hangs on the identities of those that belong to it by decision; None: as it was.
    """
    if brought is not None and (brought or "brought" in product.standing):
        kept = {name: part for name, part in product.standing.items() if name != "brought"}
        product = replace(product, standing={**kept, "brought": brought} if brought else kept)
    if not members:
        return _left(product, context)
    order = ranked(members, context.rules) if len(members) > 1 else members
    carried = [listing.carried for listing in members if listing.product_key == listing.own_key]
    return _showing(product, order[0].entry, members, context, _publication(product, carried, context), fields=_provenance(order))


def _showing(
    product: Product,
    entry: Mapping[str, Any],
    members: Sequence[Listing],
    context: Context,
    publication: Mapping[str, Any] | None,
    *,
    fields: dict[str, Any],
    moved_to: str | None = None,
) -> Product:
    """What decisions hang on a product stays; everything else comes from its listings."""
    uscc = entry["uscc"]
    names = [entry_key_text(listing.key) for listing in members] if product.standing else ()
    suspended = bool(product.standing) and suspended_here(product.standing, names, product.former)
    return Product(
        product_key=product.product_key,
        status=status_of(suspended, uscc, members, context, publication["recognized_on"] if publication else None),
        uscc=uscc,
        enterprise_name=entry["enterprise_name"],
        product_name=entry["product_name"],
        models=tuple(entry["models"]),
        category=entry["category"],
        listings=tuple([_summary(listing) for listing in _in_order(members)]),
        fields=fields,
        batch=publication["batch"] if publication else None,
        recognized_on=publication["recognized_on"] if publication else None,
        standing=product.standing,
        moved_to=moved_to,
        publication=product.publication,
        former=product.former,
    )


def _left(product: Product, context: Context) -> Product:
    """A product without listings: it shows what the last of those said that left it, or else what it showed last.

    When one was corrected away, the publication went along: readers are led on, and it is not counted twice.
    """
    former = sorted(product.former.items(), key=_former_rank)
    entry = former[0][1]["entry"] if former else {name: getattr(product, name) for name in SHOWN}
    moved = next((said["moved_to"] for _, said in former if said["moved_to"] is not None), None)
    publication = _publication(product, [], context) if moved is None else None
    return _showing(product, entry, (), context, publication, fields={}, moved_to=moved)


def _former_rank(item: tuple[str, Mapping[str, Any]]) -> tuple[float, str, str]:
    name, said = item
    return by_time(said["event_time"]), said["register_city"], entry_key_of(name)[1]


def _publication(product: Product, carried: Iterable[Mapping[str, Any] | None], context: Context) -> Mapping[str, Any] | None:
    """The earliest of: its own batch, what its corrected listings brought along, what a listing left that became another thing.

    The latest, where the rules ask for a new batch after a gap.
    """
    left = [said["carried"] for said in product.former.values() if said["moved_to"] is None]
    known = [found for found in (product.publication, *carried, *left) if found is not None]
    choose = min if context.rules is None or context.rules.renewal_restores else max
    return choose(known, key=lambda found: (found["batch"], found["recognized_on"]), default=None)


def _in_order(members: Sequence[Listing]) -> Sequence[Listing]:
    """By city code and number. Nearly every product has one listing, which needs no sorting."""
    if len(members) == 1:
        return members
    return sorted(members, key=lambda listing: (listing.entry["register_city"], listing.certificate_no))


def _summary(listing: Listing) -> dict[str, Any]:
    return {
        "city": listing.city,
        "certificate_no": listing.certificate_no,
        "status": listing.entry["source_status"],
        "valid_from": listing.entry["valid_from"],
        "valid_to": listing.entry["valid_to"],
    }


def _provenance(order: Sequence[Listing]) -> dict[str, Any]:
    """Field name → the listing it came from, and the other values with theirs; only where values differ."""
    shown, origin = order[0].entry, entry_key_text(order[0].key)
    others = order[1:]
    if not others:  # nearly always: what is said of one field holds for all
        nothing_lost = {"from": origin, "lost": list[Any]()}
        return dict.fromkeys(SHOWN, nothing_lost)
    return {name: {"from": origin, "lost": _lost(name, shown[name], others)} for name in SHOWN}


def _lost(name: str, value: Any, others: Sequence[Listing]) -> list[dict[str, Any]]:
    return [{"from": entry_key_text(other.key), "value": other.entry[name]} for other in others if other.entry[name] != value]
