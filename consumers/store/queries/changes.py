"""The feed of products by log index: whoever follows it has what the store has, without reading it whole again."""

from typing import Any

from sqlalchemy import func, select

from consumers.store import log, rows
from consumers.store.load import Loader
from consumers.store.queries.products import PREFERENCE, product_json
from schemas.tables import store as t


def changes(loader: Loader, since: int = 0, limit: int = 100) -> dict[str, Any]:
    """Products that entries from index `since` on changed, by the index of their last change, each as it is now.

    `next` is the index to ask from the next time; a product that changes again comes again. `audit_index` names the entry that
    is the basis of each.
    """
    change = t.product_change
    last = (
        select(change.c.product_key, func.max(change.c.audit_index).label("last"))
        .where(change.c.audit_index >= since)
        .group_by(change.c.product_key)
        .subquery()
    )
    query = select(t.product, last.c.last).join(last, last.c.product_key == t.product.c.product_key)
    query = query.order_by(last.c.last, t.product.c.product_key)
    found = loader.connection.execute(query.limit(limit)).mappings().all()
    size = log.size(loader.connection)
    if len(found) == limit:  # the entry that the page ends in may have changed more products than it holds
        end = found[-1]["last"]
        found = loader.connection.execute(query.where(last.c.last <= end)).mappings().all()
    return {
        "changes": [{"audit_index": row["last"], "product": product_json(rows.product_of(row))} for row in found],
        "next": found[-1]["last"] + 1 if len(found) >= limit else size,
        "day": loader.context(exclusive=False, lock=False).day,
        "log_size": size,
        "preference": PREFERENCE,
    }
