"""Our Kafka publisher and subscriber through outages of a real Apache Kafka."""

import gc
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TypeVar

import pytest
from kafka import KafkaAdminClient, KafkaProducer

from consumers.kafka_subscriber import KafkaSubscriber
from producers.kafka_publisher import KafkaPublisher
from producers.kafka_topics import KafkaTopics
from schemas import connections
from schemas.connections import KafkaConnection
from schemas.errors import (
    BrokerUnavailable,
    PositionLost,
    PublishInterrupted,
    SettingsInvalid,
    TopicMismatch,
    TopicMissing,
)
from schemas.ports import Message, Record
from schemas.topics import TopicSpec
from tests.support.kafka_server import KafkaServer
from tests.support.ports import free_port

T = TypeVar("T")
TOPIC = "czt.register.changsha"
SHORT = 4.0
"""A delivery timeout, in seconds, that an outage of the tests outlasts."""

A_WHILE = 40.0
"""Seconds within which an outage must be told: 5 to connect, 3 for metadata, on a machine that may be several times as slow."""


# kafka-python leaves the socket of a refused connection to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture(autouse=True)
def collect_refused_sockets() -> Iterator[None]:
    """Let them go while the filter above holds, not in some later test."""
    yield
    gc.collect()


@pytest.fixture
def connection(fresh_kafka: KafkaServer) -> KafkaConnection:
    """A broker with one empty topic."""
    connection = KafkaConnection((fresh_kafka.bootstrap,))
    create(connection)
    return connection


@pytest.fixture
def subscriber(connection: KafkaConnection) -> Iterator[KafkaSubscriber]:
    """A subscriber of that broker."""
    with closing(KafkaSubscriber(connection)) as made:
        yield made


def create(connection: KafkaConnection) -> None:
    """Create TOPIC."""
    with closing(KafkaTopics(connection)) as admin:
        admin.ensure_topics([TopicSpec(TOPIC)])


def numbered(numbers: Sequence[int]) -> list[Message]:
    """Messages whose value is their number."""
    return [Message(TOPIC, b"key", b"%d" % number) for number in numbers]


def values(subscriber: KafkaSubscriber) -> list[int]:
    """Every number in the topic."""
    found: list[int] = []
    end = eventually(lambda: subscriber.end_offset(TOPIC, 0))
    position = 0
    while position < end:
        for record in subscriber.fetch(TOPIC, 0, position, 2000, 10):
            found.append(int(record.value or b""))
            position = record.offset + 1
    return found


def eventually(action: Callable[[], T]) -> T:
    """Try again while the broker is unavailable, for a minute."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return action()
        except BrokerUnavailable:
            if time.monotonic() > deadline:
                raise


def resend_until_sent(publisher: KafkaPublisher, total: int, on_interruption: Callable[[], None]) -> int:
    """Publish 0 … total-1 as a relay does: after an interruption from the first unacknowledged. How often it was."""
    sent, interruptions = 0, 0
    while sent < total:
        try:
            sent += len(publisher.publish(numbered(range(sent, min(sent + 500, total)))))
        except PublishInterrupted as error:
            sent += len(error.acknowledged)
            interruptions += 1
            on_interruption()
    return interruptions


def wait_in_vain(subscriber: KafkaSubscriber) -> None:
    """Fetch at position 10, where nothing comes, for a minute or until it raises."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert subscriber.fetch(TOPIC, 0, 10, 10, 0.2) == []


def in_order(found: Sequence[int]) -> bool:
    """Whether none comes before an earlier one came at least once."""
    highest = -1
    for number in found:
        if number > highest + 1:
            return False
        highest = max(highest, number)
    return True


def test_a_kill_in_the_middle_loses_nothing(
    fresh_kafka: KafkaServer, connection: KafkaConnection, subscriber: KafkaSubscriber
) -> None:
    """A broker killed and away for longer than the delivery timeout: sent again, all is there, in order."""
    total = 30_000
    killer = threading.Timer(0.3, fresh_kafka.kill)
    with closing(KafkaPublisher(connection, SHORT)) as publisher:
        publisher.publish([Message(TOPIC, None, b"-1")])  # connected before the clock starts
        killer.start()
        interruptions = resend_until_sent(publisher, total, fresh_kafka.start)
    killer.join()
    found = values(subscriber)[1:]
    assert interruptions >= 1
    assert set(found) == set(range(total))
    assert in_order(found)


def test_a_short_outage_is_sat_out(fresh_kafka: KafkaServer, connection: KafkaConnection, subscriber: KafkaSubscriber) -> None:
    """A broker that is back within the delivery timeout interrupts nobody, and the offsets returned are right."""
    with closing(KafkaPublisher(connection, 60)) as publisher:
        publisher.publish(numbered([0]))
        fresh_kafka.kill()
        answer: list[int] = []
        publishing = threading.Thread(target=lambda: answer.extend(publisher.publish(numbered(range(1, 1000)))))
        publishing.start()
        fresh_kafka.start()
        publishing.join()
    assert values(subscriber) == list(range(1000))
    assert answer == list(range(1, 1000))


def test_a_wedged_producer_is_thrown_away(
    fresh_kafka: KafkaServer, connection: KafkaConnection, subscriber: KafkaSubscriber
) -> None:
    """After a broker was dumb for longer than the delivery timeout the same publisher works, and no thread is left."""
    with closing(KafkaPublisher(connection, SHORT)) as publisher:
        publisher.publish(numbered([0]))
        before = threading.active_count()
        fresh_kafka.pause()
        with pytest.raises(PublishInterrupted) as caught:
            publisher.publish(numbered(range(1, 300)))
        assert caught.value.acknowledged == []
        fresh_kafka.resume()
        resend_until_sent(publisher, 300, lambda: None)
        assert threading.active_count() <= before
    found = values(subscriber)
    assert set(found) == set(range(300))
    assert in_order(found)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that soon stop asking whether there is a broker: who hears nothing asks again with more patience."""
    monkeypatch.setattr(connections, "BOOTSTRAP_TIMEOUT_MS", 1_500)


@pytest.mark.usefixtures("hasty")
def test_no_broker_is_told_soon_and_plainly() -> None:
    """Where nothing listens, each of the three says so within seconds, with address and cause, and leaves no thread."""
    address = f"127.0.0.1:{free_port()}"
    nowhere = KafkaConnection((address,))
    before = threading.active_count()
    for action in (
        lambda: KafkaPublisher(nowhere).publish(numbered([0])),
        lambda: KafkaSubscriber(nowhere).fetch(TOPIC, 0, 0, 1, 1),
        lambda: KafkaTopics(nowhere).ensure_topics([TopicSpec(TOPIC)]),
    ):
        began = time.monotonic()
        with pytest.raises(BrokerUnavailable, match=rf"{address}.*ECONNREFUSED") as caught:
            action()
        assert time.monotonic() - began < A_WHILE
        assert "CZT_BROKER_URL" in caught.value.next_step
        assert threading.active_count() == before


@pytest.mark.usefixtures("hasty")
def test_a_reader_hears_of_an_outage_and_goes_on(
    fresh_kafka: KafkaServer, connection: KafkaConnection, subscriber: KafkaSubscriber
) -> None:
    """A reader at the end of its topic raises BrokerUnavailable when the broker goes, and reads on when it is back."""
    with closing(KafkaPublisher(connection)) as publisher:
        publisher.publish(numbered(range(10)))
    assert values(subscriber) == list(range(10))
    fresh_kafka.kill()
    began = time.monotonic()
    with pytest.raises(BrokerUnavailable, match=connection.address):
        wait_in_vain(subscriber)
    assert time.monotonic() - began < A_WHILE
    fresh_kafka.start()
    with closing(KafkaPublisher(connection)) as publisher:
        publisher.publish(numbered([10]))
    found = eventually(lambda: subscriber.fetch(TOPIC, 0, 10, 10, 10))
    assert [record.value for record in found] == [b"10"]


def test_a_topic_made_anew_is_a_lost_position(
    fresh_kafka: KafkaServer, connection: KafkaConnection, subscriber: KafkaSubscriber
) -> None:
    """A reader whose topic was deleted raises TopicMissing; when it was made again, empty, PositionLost."""
    with closing(KafkaPublisher(connection)) as publisher:
        publisher.publish(numbered(range(10)))
    assert values(subscriber) == list(range(10))
    fresh_kafka.empty()
    began = time.monotonic()
    with pytest.raises(TopicMissing):
        wait_in_vain(subscriber)
    assert time.monotonic() - began < A_WHILE
    create(connection)
    with pytest.raises(PositionLost):
        subscriber.fetch(TOPIC, 0, 10, 10, 1)


class GbkName(str):
    """A header name that some other program writes in GBK."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """GBK, whatever is asked for."""
        return super().encode("gbk", errors)


def test_a_header_name_that_is_not_utf8_stops_nobody(connection: KafkaConnection, subscriber: KafkaSubscriber) -> None:
    """kafka-python can't read such a record: it comes as a null value, and the next one as it is."""
    with closing(KafkaPublisher(connection)) as publisher:
        publisher.publish(numbered([0]))
        producer = KafkaProducer(bootstrap_servers=list(connection.bootstrap))
        producer.send(TOPIC, b"1", headers=[(GbkName("来源"), b"x")]).get(60)
        producer.close(timeout=5)
        publisher.publish(numbered([2]))
    found: list[Record] = []
    while len(found) < 3:
        found += subscriber.fetch(TOPIC, 0, len(found), 10, 10)
    assert [(record.offset, record.value) for record in found] == [(0, b"0"), (1, None), (2, b"2")]


def test_a_topic_that_forgets_is_a_mismatch(connection: KafkaConnection) -> None:
    """A topic with Kafka's default of seven days is refused, with the setting that differs."""
    with closing(KafkaTopics(connection)) as admin:
        other_program = KafkaAdminClient(bootstrap_servers=list(connection.bootstrap))
        # A name of its own: of a topic that the test before deleted, the broker may still remember the settings.
        other_program.create_topics({"czt.forgetful": {"num_partitions": 1}}, wait_for_metadata=True)
        other_program.close()
        with pytest.raises(TopicMismatch, match=r"czt\.forgetful: retention\.ms is 604800000, expected -1"):
            admin.ensure_topics([TopicSpec("czt.forgetful")])


def test_more_replicas_than_brokers_is_a_matter_of_settings(connection: KafkaConnection) -> None:
    """Three replicas on one broker can't be; the setting is named."""
    with closing(KafkaTopics(connection, replication=3)) as admin, pytest.raises(SettingsInvalid) as caught:
        admin.ensure_topics([TopicSpec("czt.joint")])
    assert "CZT_KAFKA_REPLICATION" in str(caught.value)
