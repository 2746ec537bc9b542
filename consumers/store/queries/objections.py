"""Open objections: to which product, until when, and which cities answered."""

import json
from typing import Any

from sqlalchemy import select

from consumers.store.load import Loader
from schemas.tables import store as t


def objections(loader: Loader) -> dict[str, Any]:
    """`joint objection list`: every open one by deadline, and the store's day."""
    return {"objections": open_objections(loader), "day": loader.context(exclusive=False, lock=False).day}


def open_objections(loader: Loader) -> list[dict[str, Any]]:
    """Every open one by deadline; `overdue` on the store's day, the deadline itself is still in time."""
    day = loader.context(exclusive=False, lock=False).day
    table = t.product
    query = select(table.c.product_key, table.c.product_name, table.c.enterprise_name, table.c.standing, table.c.listings)
    found = [
        {
            "objection": one["id"],
            "product_key": row["product_key"],
            "product_name": row["product_name"],
            "enterprise_name": row["enterprise_name"],
            "cities": sorted({listing["city"] for listing in json.loads(row["listings"])}),
            "answered": one["answered"],
            "deadline": one["deadline"],
            "overdue": day is not None and one["deadline"] < day,
        }
        for row in loader.connection.execute(query.where(table.c.disputed == 1)).mappings()
        for one in json.loads(row["standing"])["objections"]
    ]
    return sorted(found, key=lambda one: (one["deadline"], one["objection"]))
