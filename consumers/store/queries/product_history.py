"""Everything that ever changed one product: the entries of the log that touched it, under the key asked for and its later ones."""

import json
from typing import Any

from sqlalchemy import select

from consumers.store.load import Loader
from consumers.store.queries.logged import shown_event
from consumers.store.queries.products import product
from consumers.store.queries.stated import stated
from schemas.tables import store as t


def product_history(loader: Loader, key: str, limit: int = 100, cursor: int = 0) -> dict[str, Any] | None:
    """Entries from index `cursor` on, each in the shape of `hub events` with the key it touched; None for an unknown key."""
    keys = _keys_from(loader, key)
    if not keys:
        return None
    change, entry = t.product_change, t.audit_entry
    query = (
        select(change.c.audit_index, change.c.product_key, entry.c.leaf)
        .join(entry, entry.c.idx == change.c.audit_index)
        .where(loader.bulk.among(change.c.product_key, keys), change.c.audit_index >= cursor)
        .order_by(change.c.audit_index, change.c.product_key)
    )
    rows = loader.connection.execute(query.limit((limit + 1) * len(keys))).all()
    indexes = sorted({row.audit_index for row in rows})
    shown = {
        index: shown_event(index, json.loads(bytes(row.leaf))) | {"product_keys": []}
        for index, row in ((row.audit_index, row) for row in rows)
    }
    for row in rows:
        shown[row.audit_index]["product_keys"].append(row.product_key)
    return {
        "asked_for": key,
        "product_key": keys[-1],
        "history": [shown[index] for index in indexes[:limit]],
        "next": indexes[limit] if len(indexes) > limit else None,
        **stated(loader),
    }


def _keys_from(loader: Loader, key: str) -> list[str]:
    """The key and those under which its product went on, one after the other."""
    keys, following = list[str](), product(loader, key)
    while following is not None and following.product_key not in keys:
        keys.append(following.product_key)
        following = product(loader, following.moved_to) if following.moved_to is not None else None
    return keys
