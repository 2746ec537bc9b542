"""A published batch: what it froze, what its products are now, and what happened to them since."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import RowMapping, select

from consumers.core.model import Product
from consumers.store import rows
from consumers.store.load import Loader
from consumers.store.queries.history import walk
from consumers.store.queries.products import current_product
from consumers.store.queries.stated import PREFERENCE, stated
from schemas.city import JOINT_OFFICE
from schemas.tables import store as t


def batch(loader: Loader, number: int) -> dict[str, Any] | None:
    """`joint batch show`: the batch, and each of its products as it is now with the entries that changed it since; or None.

    `moved_to` is the key under which a corrected product went on; `changed` lists {audit_index, type, subject, recorded_at}.
    `day` and `log_size` are those the batch was drawn on, `as_of` those of this answer.
    """
    row = loader.connection.execute(select(t.batch).where(t.batch.c.number == number)).mappings().one_or_none()
    if row is None:
        return None
    items = json.loads(row["products"])
    now = _as_they_are(loader, [item["product_key"] for item in items])
    index = _published_at(loader, number)
    since = _changes(loader, {*now, *(product.product_key for product in now.values())}, index)
    found = {"audit_index": index, "products": [_product(item, now, since) for item in items]}
    return _head(row) | found | {"as_of": _as_of(loader), "preference": PREFERENCE}


def batches(loader: Loader) -> dict[str, Any]:
    """Every published batch by number, `products` being how many it holds."""
    rows = loader.connection.execute(select(t.batch).order_by(t.batch.c.number)).mappings()
    return {"batches": [_head(row) | {"products": len(json.loads(row["products"]))} for row in rows], **stated(loader)}


def _head(row: RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in ("number", "host", "day", "document", "by", "agreed_by", "log_size", "hash")}


def _as_of(loader: Loader) -> dict[str, Any]:
    now = stated(loader)
    return {"day": now["day"], "log_size": now["log_size"]}


def _product(item: dict[str, str], now: dict[str, Product], since: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    key = item["product_key"]
    product = now[key]
    moved = product.product_key if product.product_key != key else None
    changed = {one["audit_index"]: one for one in [*since.get(key, ()), *(since.get(moved, ()) if moved else ())]}
    return {
        "product_key": key,
        "state_hash": item["state_hash"],
        "status": product.status,
        "disputed": product.disputed,
        "enterprise_name": product.enterprise_name,
        "product_name": product.product_name,
        "moved_to": moved,
        "changed": [changed[index] for index in sorted(changed)],
    }


def _as_they_are(loader: Loader, keys: Collection[str]) -> dict[str, Product]:
    """Each frozen key with the product it leads to today."""
    query = select(t.product).where(loader.bulk.among(t.product.c.product_key, sorted(keys)))
    found = {row["product_key"]: rows.product_of(row) for row in loader.connection.execute(query).mappings()}
    moved = {key: current_product(loader, key) or found[key] for key, one in found.items() if one.moved_to is not None}
    return found | moved


def _published_at(loader: Loader, number: int) -> int:
    """The audit index of the decision that published it."""
    return next(int(step["audit_index"]) for step in walk(loader, JOINT_OFFICE, f"batch/{number}") if step["outcome"] == "applied")


def _changes(loader: Loader, keys: Collection[str], after: int) -> dict[str, list[dict[str, Any]]]:
    """Product key → the entries after index `after` that changed the product."""
    change, entry = t.product_change, t.audit_entry
    query = (
        select(change.c.product_key, change.c.audit_index, entry.c.leaf)
        .join(entry, entry.c.idx == change.c.audit_index)
        .where(loader.bulk.among(change.c.product_key, sorted(keys)), change.c.audit_index > after)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for key, index, raw in loader.connection.execute(query):
        leaf = json.loads(bytes(raw))
        said = {"audit_index": index, **{name: leaf[name] for name in ("type", "subject", "recorded_at")}}
        found.setdefault(key, []).append(said)
    return found
