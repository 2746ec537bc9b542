"""The products topic, read from its beginning by anybody, is what `czt hub products` says, whoever was killed on the way."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from sqlalchemy import select

from consumers.outbound import Outbound, OutboundPolicy
from consumers.products_topic import PARTITIONS, check_products, publish_again
from consumers.store import log, queries
from consumers.store.store import Store
from producers.relay import SIGN_EVERY
from schemas.city import JOINT_OFFICE
from schemas.ports import Message, Publisher, Record, Subscriber
from schemas.tables import store as t
from schemas.topics import RECOGNIZED_PRODUCTS, topic_of
from tests.support.brokers import ApacheBroker, EmbeddedBroker
from tests.support.cities import ALL_TOPICS, CITIES
from tests.support.cli import ROOT
from tests.support.fleet import until
from tests.support.histories import full_history
from tests.support.interleaving import SOURCES, Hub
from tests.support.kafka_server import KafkaServer
from tests.support.shared_products import SharedProducts
from tests.support.stores import made_store

PIECES = 2
EVENTS = len(CITIES) * PIECES * SIGN_EVERY
"""Of the cities together: each piece of a city ends with a signature."""
PATIENCE_SECONDS = 90.0


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[tuple[Store, Publisher, Subscriber]]:
    """A store after a full history, nothing sent yet, and both sides of a broker."""
    store, broker = full_history(made_store(f"sqlite:///{tmp_path / 'store.db'}")).store, EmbeddedBroker(tmp_path / "broker.db")
    with closing(broker.topics()) as topics:
        topics.ensure_topics(ALL_TOPICS)
    with closing(broker.publisher()) as publisher, closing(broker.subscriber()) as subscriber:
        yield store, publisher, subscriber
    store.writer.dispose()
    store.reader.dispose()


def shown(store: Store) -> dict[str, Any]:
    """Product key → the product as `hub products` gives it."""
    with store.snapshot() as loader:
        return {one["product_key"]: one for one in queries.products(loader, limit=100_000)["products"]}


def records(subscriber: Subscriber) -> list[Record]:
    """Every product record."""
    return [record for partition in range(PARTITIONS) for record in subscriber.fetch(RECOGNIZED_PRODUCTS, partition, 0, 10_000, 1)]


def changed(record: Record, **changes: Any) -> Message:
    """A product record that says something else."""
    event = json.loads(record.value or b"")
    event["data"] |= changes
    return Message(record.topic, record.key, json.dumps(event).encode())


def test_what_was_sent_is_what_the_store_says(embedded: tuple[Store, Publisher, Subscriber]) -> None:
    """Before anything went out every product waits; afterwards none does, and topic and store are equal."""
    store, publisher, subscriber = embedded
    before = check_products(store, subscriber)
    count = len(shown(store))
    assert (before["equal"], before["published"], before["waiting"]) == (True, 0, count)
    Outbound(store, publisher, OutboundPolicy("test")).run_until_idle()
    after = check_products(store, subscriber)
    assert (after["equal"], after["published"], after["waiting"], after["products"]) == (True, count, 0, count)
    assert after["sent_through"] == after["log_size"]


def test_each_difference_is_named_and_mended(embedded: tuple[Store, Publisher, Subscriber]) -> None:
    """Another status, a state written late, a product nobody knows: each by key and field; published again, ours are right."""
    store, publisher, subscriber = embedded
    Outbound(store, publisher, OutboundPolicy("test")).run_until_idle()
    one, two, three = list({record.key: record for record in records(subscriber)}.values())[:3]
    late = json.loads(two.value or b"")["data"]["log_size"] - 1
    stranger = changed(three, product_key="0" * 20)
    publisher.publish([changed(one, status="recognised?"), changed(two, log_size=late), stranger, Message(two.topic, b"x", b"{")])
    found = check_products(store, subscriber)
    named = {(difference["key"], difference["field"]) for difference in found["differences"]}
    keys = [(record.key or b"").decode() for record in (one, two)]
    assert named == {(keys[0], "status"), (keys[1], "last_log_size"), ("0" * 20, "row")}
    assert not found["equal"]
    assert publish_again(store, publisher, {difference["key"] for difference in found["differences"]}) == 2
    left = check_products(store, subscriber)["differences"]
    assert [(difference["key"], difference["field"]) for difference in left] == [("0" * 20, "row")]


def test_a_product_that_never_came_is_named(embedded: tuple[Store, Publisher, Subscriber]) -> None:
    """A relay that passed over entries without sending them is found out."""
    store, publisher, subscriber = embedded
    with store.transaction() as connection:
        connection.execute(t.outbound.update().values(next_index=log.size(connection)))
    found = check_products(store, subscriber)
    assert {one["key"] for one in found["differences"]} == set(shown(store))
    publish_again(store, publisher, set(shown(store)))
    assert check_products(store, subscriber)["equal"]


def compacting(bootstrap: str) -> None:
    """Let the broker compact the products topic within moments."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        wanted = {"min.cleanable.dirty.ratio": "0.01", "segment.ms": "200", "min.compaction.lag.ms": "0"}
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, RECOGNIZED_PRODUCTS, wanted)])
        admin.alter_configs([ConfigResource(ConfigResourceType.BROKER, "1", {"log.cleaner.backoff.ms": "200"})])
    finally:
        admin.close()


def read_plainly(bootstrap: str) -> tuple[dict[str, Any], int, int]:
    """Key → data of its last record, records read, and offsets given, by a client that knows nothing of us."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    parts = [TopicPartition(RECOGNIZED_PRODUCTS, number) for number in range(PARTITIONS)]
    last: dict[str, Any] = {}
    read = 0
    try:
        consumer.assign(parts)
        ends = consumer.end_offsets(parts)
        while any(consumer.position(part) < ends[part] for part in parts):
            for found in consumer.poll(timeout_ms=200).values():
                read += len(found)
                last |= {record.key.decode(): json.loads(record.value)["data"] for record in found}
        return last, read, sum(ends.values())
    finally:
        consumer.close()


def sent(store: Store) -> int:
    """Entries that went out."""
    with store.snapshot() as loader:
        return int(loader.connection.execute(select(t.outbound.c.next_index)).scalar_one())


def pieces(shared: SharedProducts) -> tuple[dict[str, list[Record]], list[dict[str, int]]]:
    """The topics of the four sources, and where each of them ends in each piece of the history."""
    topics: dict[str, list[Record]] = {source: [] for source in SOURCES}
    for messages in (shared.founding(), *shared.messages()):
        for one in messages:
            records = topics[next(source for source in SOURCES if topic_of(source) == one.topic)]
            records.append(Record(one.topic, 0, len(records), 1_626_915_600_000, None, one.value, one.headers))
    founding = len(CITIES) + 2
    ends = []
    for piece in range(1, PIECES + 1):
        ends.append({source: len(records) * piece // PIECES for source, records in topics.items()})
        ends[-1][JOINT_OFFICE] = max(founding, ends[-1][JOINT_OFFICE])
    return topics, ends


def relay_killed(store: Store, command: list[str], entries: int | None) -> None:
    """Let a relay send so many entries and kill it (SIGKILL) in the midst of the next; None: all there are."""
    with store.snapshot() as loader:
        goal = log.size(loader.connection) if entries is None else min(sent(store) + entries, log.size(loader.connection))
    with subprocess.Popen(command, cwd=ROOT) as relay:
        try:
            until(lambda: sent(store) >= goal, PATIENCE_SECONDS, f"{goal} entries sent")
            assert relay.poll() is None
        finally:
            relay.kill()


def test_compacted_topic_after_kills(fresh_kafka: KafkaServer, postgres_url: str, seed: int) -> None:
    """Compacted for real, after its relay was killed (SIGKILL) at random, the topic is the products that the store has."""
    chance, bootstrap = random.Random(seed), fresh_kafka.bootstrap
    store, broker = made_store(postgres_url), ApacheBroker(bootstrap)
    with closing(broker.topics()) as topics:
        topics.ensure_topics(ALL_TOPICS)
    compacting(bootstrap)
    shared = SharedProducts(EVENTS, seed)
    published, ends = pieces(shared)
    hub = Hub(store, shared.sources[JOINT_OFFICE].trusted())
    command = [sys.executable, "-m", "tests.support.outbound_process", postgres_url, bootstrap]
    for piece in ends:
        hub.read(published, piece)
        relay_killed(store, command, chance.randint(1, EVENTS // PIECES))
    relay_killed(store, command, None)
    with closing(broker.publisher()) as publisher, closing(broker.subscriber()) as subscriber:
        assert check_products(store, subscriber)["differences"] == []
        keys = set(shown(store))

        def compacted() -> bool:
            publish_again(store, publisher, keys)  # a segment is closed by the first record after its time
            _, read, offsets = read_plainly(bootstrap)
            return read < offsets

        until(compacted, PATIENCE_SECONDS, "the broker compacts")
        found = check_products(store, subscriber)
        assert (found["equal"], found["waiting"], found["published"]) == (True, 0, len(keys))
    products = shown(store)
    last, _, _ = read_plainly(bootstrap)
    assert last.keys() == products.keys()
    assert {key: {name: data[name] for name in products[key]} for key, data in last.items()} == products
    store.writer.dispose()
    store.reader.dispose()
