"""Objections: which are open, to which product and until when; and everything that was said of one."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from consumers.store import rows
from consumers.store.load import Loader
from consumers.store.queries.history import walk
from consumers.store.queries.logged import leaves, record_of
from schemas.tables import store as t


def objections(loader: Loader) -> dict[str, Any]:
    """`joint objection list`: every open one by deadline, and the store's day."""
    return {"objections": open_objections(loader), "day": loader.context(exclusive=False, lock=False).day}


def open_objections(loader: Loader) -> list[dict[str, Any]]:
    """Every open one by deadline; `overdue` on the store's day, the deadline itself is still in time."""
    day = loader.context(exclusive=False, lock=False).day
    table = t.product
    disputed = loader.connection.execute(select(table).where(table.c.disputed == 1)).mappings()
    found = [
        {
            "objection": one["id"],
            "product_key": product.product_key,
            "product_name": product.product_name,
            "enterprise_name": product.enterprise_name,
            "cities": sorted({listing["city"] for listing in product.listings}),
            "answered": one["answered"],
            "deadline": one["deadline"],
            "overdue": day is not None and one["deadline"] < day,
        }
        for product in map(rows.product_of, disputed)
        for one in product.open_objections
    ]
    return sorted(found, key=lambda one: (one["deadline"], one["objection"]))


def objection_steps(loader: Loader, number: str) -> list[dict[str, Any]]:
    """Every decided event about an objection, in the log's order: leaf, record and what it says; empty for an unknown number.

    `products`: the keys that the step touched, and the one it names.
    """
    subject = f"objection/{number}"
    sources = loader.connection.execute(select(t.source_position.c.source)).scalars().all()
    found = [step for source in sources for step in walk(loader, source, subject)]
    steps = sorted(found, key=lambda step: int(step["audit_index"]))
    return [_with_record(loader, step) for step in steps]


def _with_record(loader: Loader, step: dict[str, Any]) -> dict[str, Any]:
    index = step["audit_index"]
    leaf = next(found for _, found in leaves(loader, index, index + 1))
    record = record_of(loader, index)
    value = bytes(record["value"]) if record is not None and record["value"] is not None else b""
    said = _event(value)
    found = said.get("data")
    data = found if isinstance(found, dict) else {}
    change = t.product_change
    touched = loader.connection.execute(select(change.c.product_key).where(change.c.audit_index == index)).scalars()
    return step | {
        "time": said.get("time"),
        "data": data,
        "products": _distinct([str(data.get("product_key", "")), *touched]),
        "leaf": leaf,
        "record": {
            "hash": leaf["record_hash"],
            "value": base64.b64encode(value).decode(),
            "headers": json.loads(record["headers"]) if record is not None else [],
        },
    }


def _event(value: bytes) -> dict[str, Any]:
    """What a decided record says; one that could never be read as an event says nothing."""
    try:
        event = json.loads(value)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _distinct(keys: Iterable[str]) -> list[str]:
    return [key for key in dict.fromkeys(keys) if key]
