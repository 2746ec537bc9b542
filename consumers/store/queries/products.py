"""Products as readers see them. Every answer says what recognition is: a preference under equal conditions."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, or_, select

from consumers.core.merge import merged
from consumers.core.model import Product
from consumers.store import rows
from consumers.store.load import Loader
from schemas.tables import store as t

PREFERENCE = "同等条件下优先"
PAGE = 500


def product_json(product: Product) -> dict[str, Any]:
    """One product in the shape of `hub products`."""
    return {
        "product_key": product.product_key,
        "status": product.status,
        "disputed": product.disputed,
        "uscc": product.uscc,
        "enterprise_name": product.enterprise_name,
        "product_name": product.product_name,
        "models": list(product.models),
        "category": product.category,
        "listings": list(product.listings),
        "batch": product.batch,
        "recognized_on": product.recognized_on,
        "moved_to": product.moved_to,
        "fields": product.fields,
    }


def product(loader: Loader, key: str) -> Product | None:
    """One product by its key; None when there is none."""
    row = loader.connection.execute(select(t.product).where(t.product.c.product_key == key)).mappings().one_or_none()
    return None if row is None else rows.product_of(row)


def current_product(loader: Loader, key: str) -> Product | None:
    """The product that a key leads to today: an old key goes on to the one its product is known under now."""
    seen: set[str] = set()
    found = product(loader, key)
    while found is not None and found.moved_to is not None and found.product_key not in seen:
        seen.add(found.product_key)
        found = product(loader, found.moved_to) or found
    return found


def _query(city: str | None, category: str | None, q: str | None) -> Select[Any]:
    query = select(t.product).order_by(t.product.c.product_key)
    if city is not None:
        listed = select(t.listing.c.product_key).where(t.listing.c.city == city)
        query = query.where(t.product.c.product_key.in_(listed))
    if category is not None:
        query = query.where(t.product.c.category == category)
    if q is not None:
        wanted = [t.product.c[name].contains(q, autoescape=True) for name in ("enterprise_name", "product_name", "models")]
        query = query.where(or_(*wanted, t.product.c.uscc == q.strip().upper()))
    return query


def _pages(loader: Loader, query: Select[Any], after: str) -> Iterator[Product]:
    while True:
        page = query.where(t.product.c.product_key > after).limit(PAGE)
        found = [rows.product_of(row) for row in loader.connection.execute(page).mappings()]
        yield from found
        if len(found) < PAGE:
            return
        after = found[-1].product_key


def _on_day(loader: Loader, product: Product, day: str) -> Product:
    """The product with the status it has, or would have, on another day, all else as it is now."""
    context = replace(loader.context(exclusive=False, lock=False), day=day)
    return merged(product, list(loader.members([product.product_key]).values()), context)


def products(
    loader: Loader,
    *,
    status: str | None = None,
    city: str | None = None,
    category: str | None = None,
    q: str | None = None,
    day: str | None = None,
    limit: int = 100,
    cursor: str = "",
    keys: Collection[str] | None = None,
) -> dict[str, Any]:
    """`hub products`: by product key; `day` (ISO) asks for another day than the store's; `keys`: only these."""
    query = _query(city, category, q)
    if keys is not None:
        query = query.where(loader.bulk.among(t.product.c.product_key, sorted(keys)))
    if status is not None and day is None:
        query = query.where(t.product.c.status == status)
    found: list[dict[str, Any]] = []
    following = None
    for product in _pages(loader, query, cursor):
        shown = product if day is None else _on_day(loader, product, day)
        if status is not None and shown.status != status:
            continue
        if len(found) == limit:
            following = found[-1]["product_key"]
            break
        found.append(product_json(shown))
    current = loader.context(exclusive=False, lock=False).day
    return {"products": found, "next": following, "day": day or current, "preference": PREFERENCE}
