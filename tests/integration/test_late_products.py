"""A product that an old outbound relay wrote late, behind a newer state, is published again."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from consumers.late_products import LateProducts
from consumers.outbound import Outbound, OutboundPolicy
from consumers.products_topic import PARTITIONS
from schemas.ports import Message, Publisher, Record, Subscriber
from schemas.topics import RECOGNIZED_PRODUCTS
from tests.support.brokers import EmbeddedBroker
from tests.support.cities import ALL_TOPICS
from tests.support.histories import History, full_history
from tests.support.stores import made_store

US = "us"
JUNK = b"{"


@pytest.fixture
def broker(tmp_path: Path) -> EmbeddedBroker:
    """An embedded broker with our topics."""
    made = EmbeddedBroker(tmp_path / "broker.db")
    with closing(made.topics()) as topics:
        topics.ensure_topics(ALL_TOPICS)
    return made


@pytest.fixture
def publisher(broker: EmbeddedBroker) -> Iterator[Publisher]:
    """Its writing side."""
    with closing(broker.publisher()) as made:
        yield made


@pytest.fixture
def subscriber(broker: EmbeddedBroker) -> Iterator[Subscriber]:
    """Its reading side."""
    with closing(broker.subscriber()) as made:
        yield made


@pytest.fixture
def history(tmp_path: Path) -> History:
    """A hub's store after a full history, nothing sent yet."""
    return full_history(made_store(f"sqlite:///{tmp_path / 'store.db'}"))


def records(subscriber: Subscriber) -> list[Record]:
    """Every product record."""
    return [record for partition in range(PARTITIONS) for record in subscriber.fetch(RECOGNIZED_PRODUCTS, partition, 0, 10_000, 1)]


def compacted(subscriber: Subscriber) -> dict[str, int]:
    """Product key → log size of its last record."""
    found = {}
    for record in records(subscriber):
        if record.value == JUNK:
            continue
        data = json.loads(record.value or b"")["data"]
        found[data["product_key"]] = data["log_size"]
    return found


def older(record: Record) -> Message:
    """The same product as it may have been before: at a lower log size."""
    event = json.loads(record.value or b"")
    event["data"]["log_size"] -= 1
    return Message(record.topic, record.key, json.dumps(event).encode())


def test_late_products_are_published_again(history: History, publisher: Publisher, subscriber: Subscriber) -> None:
    """Compacted, the topic is again as it was; what is no product of ours is passed over; nothing is repeated."""
    outbound = Outbound(history.store, publisher, OutboundPolicy(US))
    late = LateProducts(history.store, publisher, subscriber, US)
    outbound.run_until_idle()
    assert late.look() == 0
    before = compacted(subscriber)
    assert len(before) > 3
    written = records(subscriber)
    publisher.publish([older(written[0]), Message(RECOGNIZED_PRODUCTS, b"junk", JUNK), older(written[-1])])
    assert compacted(subscriber) != before
    assert late.look() == 2
    assert compacted(subscriber) == before
    assert late.look() == 0


def test_only_the_relay_that_sends_looks(history: History, publisher: Publisher, subscriber: Subscriber) -> None:
    """A standby leaves the topic alone; after a restart the look goes on from the stored position."""
    Outbound(history.store, publisher, OutboundPolicy(US)).run_until_idle()
    publisher.publish([older(records(subscriber)[0])])
    assert LateProducts(history.store, publisher, subscriber, "another").look() == 0
    assert LateProducts(history.store, publisher, subscriber, US).look() == 1
    assert LateProducts(history.store, publisher, subscriber, US).look() == 0
