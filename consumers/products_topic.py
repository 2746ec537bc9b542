"""The products topic, read from its beginning as anybody may, and held against the store as far as it was published."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, true

from consumers.outgoing import product_messages
from consumers.store import log
from consumers.store.load import Loader
from consumers.store.store import Store
from schemas.errors import Both, BrokerUnavailable
from schemas.ports import Message, Publisher, Record, Subscriber
from schemas.tables import store as t
from schemas.topics import PRODUCTS, RECOGNIZED_PRODUCTS

PARTITIONS = PRODUCTS.partitions
WINDOW = 1_000
FETCH_SECONDS = 1.0
PATIENCE = 20
"""Empty fetches before the end after which the broker counts as not answering."""

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Published:
    """What the topic says of one product: the data with the highest log size, and the log size of the last record."""

    data: Data
    last_size: int

    @property
    def size(self) -> int:
        """The highest log size."""
        return int(self.data["log_size"])


@dataclass(frozen=True, slots=True)
class _Sent:
    """The store as far as it was published: key → data as it was sent; every key there is; and how far that goes."""

    data: dict[str, Data]
    keys: set[str]
    through: int
    log_size: int


def product_data(record: Record) -> Data | None:
    """Data of a product record, with its key and log size; None for what isn't a product of ours."""
    try:
        data: Data = json.loads(record.value or b"")["data"]
        return {**data, "product_key": str(data["product_key"]), "log_size": int(data["log_size"])}
    except (ValueError, KeyError, TypeError):
        return None


def published(subscriber: Subscriber) -> dict[str, Published]:
    """Product key → what the topic says now. Raises `BrokerUnavailable` and what the subscriber raises."""
    found: dict[str, Published] = {}
    for record in _records(subscriber):
        data = product_data(record)
        if data is not None:
            known = found.get(data["product_key"])
            best = data if known is None or known.size <= data["log_size"] else known.data
            found[data["product_key"]] = Published(best, data["log_size"])
    return found


def _records(subscriber: Subscriber) -> Iterator[Record]:
    """Every record there is when each partition is begun; what was compacted away is passed over."""
    for partition in range(PARTITIONS):
        at, end, empty = 0, subscriber.end_offset(RECOGNIZED_PRODUCTS, partition), 0
        while at < end:
            records = subscriber.fetch(RECOGNIZED_PRODUCTS, partition, at, WINDOW, FETCH_SECONDS)
            empty = 0 if records else empty + 1
            if empty > PATIENCE:
                raise BrokerUnavailable(
                    Both(
                        f"主题 {RECOGNIZED_PRODUCTS} 的 {partition} 号分区读到 {at} 就不再有消息，应到 {end}。",
                        f"Partition {partition} of {RECOGNIZED_PRODUCTS} gives nothing after {at}, and should go on to {end}",
                    ),
                    Both("请检查消息系统后再试。", "Check the broker and try again."),
                )
            yield from (record for record in records if record.offset < end)
            at = records[-1].offset + 1 if records else at


def check_products(store: Store, subscriber: Subscriber) -> dict[str, Any]:
    """`hub check-products`: differences between topic and store, in the shape `{object, key, field, before, after}`.

    `before` is what the topic says, `after` what the store was when it was sent. Products whose last change has not gone out
    yet can't be compared; `waiting` counts them. Raises what the ports raise.
    """
    with store.snapshot() as loader:
        sent = _sent(loader)
    found = published(subscriber)
    moved = {key for key, said in found.items() if said.size > sent.data.get(key, {"log_size": 0})["log_size"]}
    if moved:  # the relay went on while the topic was read
        with store.snapshot() as loader:
            later = _sent(loader)
        again = {key: later.data[key] for key in moved & later.data.keys() if later.data[key]["log_size"] <= found[key].size}
        sent = _Sent({key: data for key, data in {**sent.data, **again}.items() if key not in moved - again.keys()},
                     later.keys, sent.through, sent.log_size)  # fmt: skip
    differences = [one for key in sorted({*sent.data, *(found.keys() - sent.keys)}) for one in _compared(key, found, sent)]
    return {
        "products": len(sent.keys),
        "published": len(found),
        "waiting": len(sent.keys - sent.data.keys()),
        "sent_through": sent.through,
        "log_size": sent.log_size,
        "equal": not differences,
        "differences": differences,
    }


def _sent(loader: Loader) -> _Sent:
    through = loader.connection.execute(select(t.outbound.c.next_index)).scalar_one()
    messages = product_messages(loader, true(), through)
    data = [json.loads(message.value)["data"] for _, message in messages]
    keys = set(loader.connection.execute(select(t.product.c.product_key)).scalars())
    return _Sent({one["product_key"]: one for one in data}, keys, through, log.size(loader.connection))


def _compared(key: str, found: dict[str, Published], sent: _Sent) -> list[dict[str, Any]]:
    said, wanted = found.get(key), sent.data.get(key)
    if said is None or wanted is None:
        size = {"before": said.size if said else None, "after": wanted["log_size"] if wanted else None}
        return [{"object": "product", "key": key, "field": "row", **size}]
    differing = [(name, said.data.get(name), wanted[name]) for name in wanted if said.data.get(name) != wanted[name]]
    if said.last_size < said.size:
        differing.append(("last_log_size", said.last_size, said.size))
    return [{"object": "product", "key": key, "field": name, "before": ours, "after": theirs} for name, ours, theirs in differing]


def publish_again(store: Store, publisher: Publisher, keys: Collection[str]) -> int:
    """Publish these products as they are now; how many the store has. What else stands on the topic is left to compaction."""
    with store.snapshot() as loader:
        wanted = loader.bulk.among(t.product_change.c.product_key, sorted(keys))
        through = loader.connection.execute(select(func.max(t.product_change.c.audit_index))).scalar_one_or_none()
        messages: list[Message] = [message for _, message in product_messages(loader, wanted, (through or 0) + 1)]
    publisher.publish(messages)
    return len(messages)
