"""What a product shows: each field from one listing by the rule set's precedence, with the values that lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from consumers.core.model import Context, Listing, Product, entry_key_text
from consumers.core.recognise import status_of
from schemas.city import City

SHOWN = ("uscc", "enterprise_name", "product_name", "models", "category")


def _precedence(listing: Listing) -> tuple[float, str, str]:
    """Latest event first, then city code, then number; never by arrival."""
    moment = datetime.fromisoformat(listing.event_time).timestamp()
    return -moment, City(listing.city).code, listing.certificate_no


def merged(product: Product, members: Sequence[Listing], context: Context) -> Product:
    """`product` as its listings and the context make it. Without listings it keeps what it showed last."""
    if not members:
        return replace(product, status=status_of(product, (), context), listings=(), fields={})
    ranked = sorted(members, key=_precedence) if len(members) > 1 else list(members)
    shown = ranked[0].entry
    return Product(
        product.product_key,
        status_of(product, members, context),
        uscc=shown["uscc"],
        enterprise_name=shown["enterprise_name"],
        product_name=shown["product_name"],
        models=tuple(shown["models"]),
        category=shown["category"],
        listings=tuple(_summary(listing) for listing in _in_order(members)),
        fields=_provenance(ranked),
        batch=product.batch,
        recognized_on=product.recognized_on,
        standing=product.standing,
    )


def _in_order(members: Sequence[Listing]) -> list[Listing]:
    """By city code and number. Nearly every product has one listing, which needs no sorting."""
    if len(members) == 1:
        return list(members)
    return sorted(members, key=lambda listing: (City(listing.city).code, listing.certificate_no))


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
