"""What the log says to the outside: a receipt or a dead letter for each entry, and the products that changed."""

import base64
import json
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, select

from consumers.store import log, rows
from consumers.store.load import Loader
from consumers.store.queries.logged import leaves
from consumers.store.queries.products import product_json
from consumers.store.queries.stated import PREFERENCE
from schemas import reasons
from schemas.events import PRODUCT_PUBLISHED, RECEIPT_ISSUED
from schemas.outgoing import outgoing_value
from schemas.ports import Message
from schemas.signing import plain_headers
from schemas.tables import store as t
from schemas.topics import DEAD_LETTERS, RECOGNIZED_PRODUCTS, receipts_topic


def messages_of(loader: Loader, start: int, end: int) -> list[tuple[str, Message]]:
    """(kind, message) of the audit entries `start` to before `end`: `receipts`, `dead_letters`, `products`."""
    found: list[tuple[str, Message]] = []
    for index, leaf in leaves(loader, start, end):
        if leaf["outcome"] == "refused":
            found.append(("dead_letters", _dead_letter(loader, index, leaf)))
        else:
            found.append(("receipts", _receipt(loader, index, leaf)))
    found.extend(("products", message) for message in _products(loader, start, end))
    return found


def receipt_data(loader: Loader, index: int, leaf: dict[str, Any]) -> dict[str, Any]:
    """What the source of an entry is told of it."""
    reason = leaf.get("reason")
    return {
        "event_id": leaf["id"],
        "sequence": leaf["sequence"],
        "outcome": leaf["outcome"],
        "first": _first_outcome(loader, leaf),
        "reason": reason,
        "detail": leaf.get("detail"),
        "action": action_for(leaf["outcome"], reason),
        "audit_index": index,
        "rule_set": leaf["rule_set"],
        "decided_at": leaf["recorded_at"],
    }


def _receipt(loader: Loader, index: int, leaf: dict[str, Any]) -> Message:
    data = receipt_data(loader, index, leaf)
    value = outgoing_value(RECEIPT_ISSUED, f"{index}/receipt", leaf["subject"] or leaf["id"], leaf["recorded_at"], data)
    return Message(receipts_topic(leaf["source"]), str(index).encode(), value, plain_headers())


def action_for(outcome: str, reason: str | None) -> dict[str, str]:
    """What the source should do, in Chinese and English."""
    if reason is not None:
        found = reasons.get(reason)
        return {"zh": found.action_zh, "en": found.action_en}
    if outcome == "duplicate":
        return {"zh": "无需处理：此前已处理过同一事件。", "en": "Nothing to do: this event was decided before."}
    return {"zh": "无需处理。", "en": "Nothing to do."}


def _first_outcome(loader: Loader, leaf: dict[str, Any]) -> str | None:
    """For a duplicate, the outcome its event got first."""
    if leaf["outcome"] != "duplicate":
        return None
    entry = (
        select(t.audit_entry.c.leaf)
        .join(t.received, t.received.c.audit_index == t.audit_entry.c.idx)
        .where(t.received.c.source == leaf["source"], t.received.c.sequence == leaf["sequence"])
    )
    return str(json.loads(bytes(loader.connection.execute(entry).scalar_one()))["outcome"])


def _dead_letter(loader: Loader, index: int, leaf: dict[str, Any]) -> Message:
    """The original bytes and headers; ours say why and where it was read."""
    query = select(t.audit_record).where(t.audit_record.c.idx == index)
    record = loader.connection.execute(query).mappings().one()
    value = record["value"]
    ours = {name: str(leaf[name]).encode() for name in ("topic", "partition", "offset")}
    ours |= {"reason": str(leaf["reason"]).encode(), "audit-index": str(index).encode()}
    if value is None:
        ours["null-value"] = b"true"
    original = [(name, base64.b64decode(text)) for name, text in json.loads(record["headers"]) if name not in ours]
    return Message(DEAD_LETTERS, str(index).encode(), bytes(value or b""), (*original, *ours.items()))


def _products(loader: Loader, start: int, end: int) -> list[Message]:
    """Products that entries of the window touched and none after them."""
    change = t.product_change
    touched = select(change.c.product_key).where(change.c.audit_index >= start, change.c.audit_index < end)
    return [message for _, message in product_messages(loader, change.c.product_key.in_(touched), end)]


def product_messages(loader: Loader, wanted: ColumnElement[bool], end: int) -> list[tuple[int, Message]]:
    """Products as they are, by the log size just after their last change, which their ids name, if that is at most `end`.

    `wanted`: a condition on `product_change`.
    """
    change = t.product_change
    last = (
        select(change.c.product_key, func.max(change.c.audit_index).label("last"))
        .where(wanted)
        .group_by(change.c.product_key)
        .subquery()
    )
    joined = t.product.join(last, last.c.product_key == t.product.c.product_key)
    joined = joined.join(t.audit_entry, t.audit_entry.c.idx == last.c.last)
    query = select(t.product, last.c.last, t.audit_entry.c.recorded_us).select_from(joined)
    found = loader.connection.execute(query.where(last.c.last < end).order_by(last.c.last, t.product.c.product_key))
    return [(row["last"] + 1, _product(row["last"] + 1, row)) for row in found.mappings()]


def _product(log_size: int, row: RowMapping) -> Message:
    product = rows.product_of(row)
    data = product_json(product) | {"log_size": log_size, "state_hash": product.hash, "preference": PREFERENCE}
    time = log.recorded_at(row["recorded_us"])
    value = outgoing_value(PRODUCT_PUBLISHED, f"{log_size}/{product.product_key}", product.product_key, time, data)
    return Message(RECOGNIZED_PRODUCTS, product.product_key.encode(), value, plain_headers())
