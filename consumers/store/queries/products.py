"""Products as readers see them. Every answer says what recognition is: a preference under equal conditions."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, or_, select

from consumers.core.merge import merged
from consumers.core.model import Listing, Product
from consumers.store import rows
from consumers.store.load import Loader
from consumers.store.queries.stated import stated
from schemas.tables import store as t

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


def _query(city: str | None, district: str | None, category: str | None, q: str | None) -> Select[Any]:
    query = select(t.product).order_by(t.product.c.product_key)
    if city is not None or district is not None:
        query = query.where(t.product.c.product_key.in_(_listed(city, district)))
    if category is not None:
        query = query.where(t.product.c.category == category)
    if q is not None:
        wanted = [t.product.c[name].contains(q, autoescape=True) for name in ("enterprise_name", "product_name", "models")]
        query = query.where(or_(*wanted, t.product.c.uscc == q.strip().upper()))
    return query


def _listed(city: str | None, district: str | None) -> Select[Any]:
    """Keys of products that this city lists, in this district."""
    listed = select(t.listing.c.product_key)
    if city is not None:
        listed = listed.where(t.listing.c.city == city)
    if district is not None:  # the entry is canonical JSON: quotes inside its texts are escaped
        listed = listed.where(t.listing.c.entry.contains(f'"district_code":"{district}"', autoescape=True))
    return listed


def _pages(loader: Loader, query: Select[Any], after: str, day: str | None) -> Iterator[Product]:
    while True:
        page = query.where(t.product.c.product_key > after).limit(PAGE)
        found = [rows.product_of(row) for row in loader.connection.execute(page).mappings()]
        yield from found if day is None else on_day(loader, found, day)
        if len(found) < PAGE:
            return
        after = found[-1].product_key


def on_day(loader: Loader, products: Sequence[Product], day: str) -> list[Product]:
    """The products with the status they have, or would have, on another day, all else as it is now."""
    context = replace(loader.context(exclusive=False, lock=False), day=day)
    members: dict[str, list[Listing]] = {product.product_key: [] for product in products}
    for listing in loader.members(list(members)).values():
        members[listing.product_key].append(listing)
    return [merged(product, members[product.product_key], context) for product in products]


def products(
    loader: Loader,
    *,
    status: str | None = None,
    city: str | None = None,
    district: str | None = None,
    category: str | None = None,
    q: str | None = None,
    day: str | None = None,
    limit: int = 100,
    cursor: str = "",
    keys: Collection[str] | None = None,
    scan: int | None = None,
) -> dict[str, Any]:
    """`hub products`: by product key; `day` (ISO) asks for another day than the store's; `keys`: only these.

    `district`: a code as the entries have it; with `city`, both of one listing. `scan`: no more
    products than this are looked at; the page may then be short of `limit` and have a next one.
    """
    query = _query(city, district, category, q)
    if keys is not None:
        query = query.where(loader.bulk.among(t.product.c.product_key, sorted(keys)))
    if status is not None and day is None:
        query = query.where(t.product.c.status == status)
    found: list[dict[str, Any]] = []
    last, following = cursor, None
    for place, product in enumerate(_pages(loader, query, cursor, day)):
        wanted = status is None or product.status == status
        if place == scan or (wanted and len(found) == limit):
            following = last
            break
        if wanted:
            found.append(product_json(product))
        last = product.product_key
    return {"products": found, "next": following, **stated(loader, day)}
