"""The store beside the naive reference: the same outcome for each event, the same listings and products."""

import json
from typing import Any

from sqlalchemy import select

from consumers.core.model import Product
from consumers.store import rows
from consumers.store.store import Store
from schemas.tables import store as t
from tests.support.reference import Reference

NOT_OF_THE_DOMAIN = ("cn.czt.parked.", "cn.czt.source.")
"""What is decided about records and chains, of which the reference knows nothing."""


def differences(store: Store) -> list[str]:
    """What the reference, told of the log's events in their order, has otherwise; empty when it agrees."""
    reference, found = Reference(), list[str]()
    with store.snapshot() as loader:
        joined = t.audit_entry.join(t.audit_record, t.audit_record.c.idx == t.audit_entry.c.idx)
        query = select(t.audit_entry.c.leaf, t.audit_record.c.value).select_from(joined).order_by(t.audit_entry.c.idx)
        for row in loader.connection.execute(query):
            leaf = json.loads(bytes(row.leaf))
            if leaf["outcome"] not in ("applied", "superseded", "rejected") or leaf["type"].startswith(NOT_OF_THE_DOMAIN):
                continue
            outcome = reference.hear(leaf["source"], leaf["sequence"], json.loads(bytes(row.value)))
            if outcome != leaf["outcome"]:
                found.append(f"{leaf['source']} {leaf['sequence']} {leaf['type']}: {leaf['outcome']}, reference {outcome}")
        listings = [rows.listing_of(row) for row in loader.connection.execute(select(t.listing)).mappings()]
        products = [rows.product_of(row) for row in loader.connection.execute(select(t.product)).mappings()]
    store_listings = {one.key: (one.entry_version, one.sequence, one.product_key, bool(one.assessment)) for one in listings}
    own = {
        name: (one["version"], one["sequence"], reference.belongs(name), bool(one["assessment"]))
        for name, one in reference.listings.items()
    }
    found += [f"{name}: {store_listings.get(name)}, reference {own.get(name)}" for name in {*store_listings, *own}
              if store_listings.get(name) != own.get(name)]  # fmt: skip
    return found + _products(products, reference)


def _products(products: list[Product], reference: Reference) -> list[str]:
    found = []
    seen = {one.product_key: _seen(one) for one in products}
    for key in {*seen, *reference.products}:
        ours, theirs = seen.get(key, {}), reference.products.get(key, {})
        names = sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))
        found += [f"{key} {name}: {ours.get(name)!r}, reference {theirs.get(name)!r}" for name in names]
    return found


def _seen(product: Product) -> dict[str, Any]:
    standing: dict[str, Any] = {
        "objections": {
            one["id"]: {"via": one.get("via", []), "deadline": one["deadline"], "answered": one["answered"]}
            for one in product.standing.get("objections", ())
        },
        "suspended_by": {number: {"via": via} for number, via in product.standing.get("suspended_by", {}).items()},
    }
    standing = {kind: found for kind, found in standing.items() if found}
    return {
        "uscc": product.uscc,
        "enterprise_name": product.enterprise_name,
        "product_name": product.product_name,
        "models": list(product.models),
        "category": product.category,
        "listings": [(one["city"], one["certificate_no"]) for one in product.listings],
        "moved_to": product.moved_to,
        "batch": product.batch,
        "recognized_on": product.recognized_on,
        "hangs": standing,
        "open": sorted({one["id"] for one in product.open_objections}),
        "disputed": product.disputed,
        "status": product.status,
    }
