"""One register entry: what its city lists now, and everything that ever happened to it, read from the log."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from consumers.core.model import Listing, entry_key_text
from consumers.store.load import Loader
from consumers.store.queries.logged import record_of
from consumers.store.queries.stated import stated
from schemas.city import JOINT_OFFICE, City
from schemas.envelope import read_envelope
from schemas.tables import store as t


def entry(loader: Loader, city: City, certificate_no: str) -> dict[str, Any] | None:
    """`hub entry`: None when the city never sent anything under this number."""
    key = (city.word, certificate_no)
    listing = loader.listings([key]).get(key)
    steps = [*walk(loader, city.source, certificate_no), *walk(loader, JOINT_OFFICE, entry_key_text(key))]
    if listing is None and not steps:
        return None
    return {
        "entry": listing.entry if listing else None,
        "listing": _listing_json(listing) if listing else None,
        "product_key": listing.product_key if listing else None,
        "history": _with_changes(loader, entry_key_text(key), sorted(steps, key=lambda step: int(step["audit_index"]))),
        **stated(loader),
    }


def _listing_json(listing: Listing) -> dict[str, Any]:
    return {
        "city": listing.city,
        "certificate_no": listing.certificate_no,
        "entry_version": listing.entry_version,
        "sequence": listing.sequence,
        "event_time": listing.event_time,
        "status": listing.entry["source_status"],
        "follows": listing.follows,
        "separate": listing.separate,
        "assessment": listing.assessment,
        "hash": listing.hash,
    }


def walk(loader: Loader, source: str, subject: str) -> Iterator[dict[str, Any]]:
    """The decided events of a subject, newest first, by `previous` through `received`."""
    head = loader.heads(source, [subject]).get(subject)
    sequence = head.last_sequence if head else None
    while sequence is not None:
        found = select(t.received.c.audit_index).where(t.received.c.source == source, t.received.c.sequence == sequence)
        index = loader.connection.execute(found).scalar_one()
        leaf = json.loads(
            bytes(loader.connection.execute(select(t.audit_entry.c.leaf).where(t.audit_entry.c.idx == index)).scalar_one())
        )
        yield {
            "audit_index": index,
            "sequence": sequence,
            "source": source,
            "type": leaf["type"],
            "outcome": leaf["outcome"],
            "reason": leaf.get("reason"),
            "detail": leaf.get("detail"),
            "recorded_at": leaf["recorded_at"],
        }
        sequence = leaf.get("previous")


def _with_changes(loader: Loader, key: str, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each step with the fields it changed; events that were not applied changed nothing."""
    current: dict[str, Any] = {}
    for step in steps:
        record = record_of(loader, step["audit_index"])
        received = read_envelope(record["value"] if record else None)
        after = received.entry_json if step["outcome"] == "applied" else None
        step["changes"] = [] if after is None else changes(key, current, after)
        current = after or current
    return steps


def changes(key: str, before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of an entry that differ, in the contract's shape."""
    return [
        {"object": "entry", "key": key, "field": name, "before": before.get(name), "after": after.get(name)}
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
