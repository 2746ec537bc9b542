"""The outbound relay: follows the audit log by index and sends receipts, products and dead letters, each under an id of its own.

It also asks sources for what is missing. The log is the outbox: dies after sending and before the position is stored, and
the same messages go out again under the same ids; a product may then go out in a later state, under the later state's id.
"""

import base64
import json
import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, select, update

from consumers import asking
from consumers.store import log, rows
from consumers.store.load import Loader
from consumers.store.queries.logged import leaves
from consumers.store.queries.products import PREFERENCE, product_json
from consumers.store.store import Store
from schemas import reasons
from schemas.errors import Both, BrokerUnavailable, Fenced, StoreUnavailable
from schemas.events import PRODUCT_PUBLISHED, RECEIPT_ISSUED
from schemas.outgoing import outgoing_value
from schemas.ports import Message, Publisher
from schemas.signing import plain_headers
from schemas.tables import store as t
from schemas.topics import DEAD_LETTERS, RECOGNIZED_PRODUCTS, receipts_topic

logger = logging.getLogger("czt.outbound")

WINDOW = 1_000
"""Audit entries per step: bounds what is sent again after a crash."""


@dataclass(frozen=True)
class OutboundPolicy:
    """Who sends, and how patiently. Times in seconds."""

    owner: str
    lease_seconds: float = 10.0
    poll_seconds: float = 0.25
    retry_seconds: float = 1.0


@dataclass(frozen=True)
class _Step:
    start: int
    end: int
    epoch: int


class Outbound:
    """Sends what the log says. One at a time sends; another stands by."""

    def __init__(self, store: Store, publisher: Publisher, policy: OutboundPolicy) -> None:
        self.store = store
        self.publisher = publisher
        self.policy = policy
        self.sent: Counter[str] = Counter()

    def run_until_idle(self) -> Counter[str]:
        """Send everything the log holds now; counts by kind. Raises what the publisher and the store raise.

        While another relay holds the lease, wait for it to send, or for its lease to end.
        """
        deadline = time.monotonic() + 3 * self.policy.lease_seconds
        while self.step() or (self._is_behind() and time.monotonic() < deadline):
            pass
        return self.sent

    def _is_behind(self) -> bool:
        """Whether something is left that another relay holds; waits a moment if so."""
        with self.store.snapshot() as loader:
            size = loader.connection.execute(select(t.audit_log.c.size)).scalar_one()
            behind = bool(loader.connection.execute(select(t.outbound.c.next_index)).scalar_one() < size)
        if behind:
            time.sleep(self.policy.poll_seconds)
        return behind

    def run_forever(self, stop: threading.Event) -> None:
        """Send until told to stop; outages are waited out."""
        while not stop.is_set():
            try:
                busy = self.step()
            except (BrokerUnavailable, StoreUnavailable, Fenced) as error:
                logger.warning("waiting: %s", error)
                stop.wait(self.policy.retry_seconds)
                continue
            if not busy:
                stop.wait(self.policy.poll_seconds)

    def step(self) -> bool:
        """Send one window; whether there was anything to send and this relay holds the lease."""
        step = self._claim()
        if step is None:
            return False
        self._ask(step)
        if step.start >= step.end:
            return False
        with self.store.snapshot() as loader:
            messages = _messages(loader, step.start, step.end)
        self.publisher.publish([message for _, message in messages])
        self._advance(step)
        self.sent.update(kind for kind, _ in messages)
        return True

    def _ask(self, step: _Step) -> None:
        """Ask for missing events and for statements, as far as that is due. Dies on the way: asked again under the same ids."""
        with self.store.snapshot() as loader:
            plans = asking.plans(loader)
        messages = asking.messages(plans)
        if messages:
            self.publisher.publish(messages)
        if plans:
            with self.store.transaction() as connection:
                held = t.outbound.c.epoch == step.epoch
                if connection.execute(select(t.outbound.c.id).where(held).with_for_update()).one_or_none() is None:
                    raise _fenced()
                asking.remember(connection, self.store.bulk, plans)
            self.sent.update(requests=len(messages))

    def _claim(self) -> _Step | None:
        with self.store.transaction() as connection:
            row = connection.execute(select(t.outbound).with_for_update()).mappings().one()
            now = self.store.bulk.now_us(connection)
            mine = row["owner"] == self.policy.owner
            if not mine and row["owner"] is not None and row["lease_until_us"] > now:
                return None
            epoch = row["epoch"] if mine else row["epoch"] + 1
            until = now + int(self.policy.lease_seconds * 1_000_000)
            connection.execute(update(t.outbound).values(owner=self.policy.owner, epoch=epoch, lease_until_us=until))
            size = connection.execute(select(t.audit_log.c.size)).scalar_one()
            return _Step(row["next_index"], min(size, row["next_index"] + WINDOW), epoch)

    def _advance(self, step: _Step) -> None:
        held = (t.outbound.c.epoch == step.epoch) & (t.outbound.c.next_index == step.start)
        with self.store.transaction() as connection:
            changed = connection.execute(update(t.outbound).where(held).values(next_index=step.end)).rowcount
        if changed != 1:
            raise _fenced()

    def release(self) -> None:
        """Let a standby take over at once."""
        with self.store.transaction() as connection:
            held = t.outbound.c.owner == self.policy.owner
            connection.execute(update(t.outbound).where(held).values(owner=None, lease_until_us=0))


def _fenced() -> Fenced:
    return Fenced(
        Both("另一个程序已接管对外发送。", "another outbound relay took over"),
        Both("没有丢失：它从存下的位置接着发。", "Nothing is lost: it sends from the stored position on."),
    )


def _messages(loader: Loader, start: int, end: int) -> list[tuple[str, Message]]:
    found: list[tuple[str, Message]] = []
    for index, leaf in leaves(loader, start, end):
        if leaf["outcome"] == "refused":
            found.append(("dead_letters", _dead_letter(loader, index, leaf)))
        else:
            found.append(("receipts", _receipt(loader, index, leaf)))
    found.extend(("products", message) for message in _products(loader, start, end))
    return found


def _receipt(loader: Loader, index: int, leaf: dict[str, Any]) -> Message:
    reason = leaf.get("reason")
    data = {
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
