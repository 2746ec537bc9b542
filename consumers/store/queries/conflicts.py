"""Where the cities say different things of one product: listed for the cities to settle; nobody's data is edited."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from consumers.core.model import Product
from consumers.store import rows
from consumers.store.load import Loader
from schemas.tables import store as t

PAGE = 500


def conflicts(loader: Loader, city: str | None = None, limit: int = 100, cursor: str = "") -> dict[str, Any]:
    """`hub conflicts`: per product and field the value shown with its listing, and those that lost with theirs."""
    found: list[dict[str, Any]] = []
    for product, listed in _conflicting(loader, cursor):
        if city is not None and city not in listed:
            continue
        if len(found) == limit:
            return {"conflicts": found, "next": found[-1]["product_key"]}
        found.append(_conflict(product))
    return {"conflicts": found, "next": None}


def count_conflicts(loader: Loader) -> int:
    """Products of which their cities say different things."""
    return sum(1 for _ in _conflicting(loader, ""))


def _conflicting(loader: Loader, after: str) -> Iterator[tuple[Product, set[str]]]:
    """Those products with the cities that list them, by key, page by page."""
    while True:
        query = select(t.product).where(t.product.c.product_key > after, t.product.c.fields.contains('"value":'))
        page = loader.connection.execute(query.order_by(t.product.c.product_key).limit(PAGE)).mappings().all()
        for product in map(rows.product_of, page):
            listed = {listing["city"] for listing in product.listings}
            if len(listed) > 1:
                yield product, listed
        if len(page) < PAGE:
            return
        after = page[-1]["product_key"]


def _conflict(product: Product) -> dict[str, Any]:
    return {
        "product_key": product.product_key,
        "product_name": product.product_name,
        "enterprise_name": product.enterprise_name,
        "fields": [
            {"field": name, "value": getattr(product, name), "from": said["from"], "lost": said["lost"]}
            for name, said in sorted(product.fields.items())
            if said["lost"]
        ],
    }
