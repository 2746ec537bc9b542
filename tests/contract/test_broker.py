"""What every broker must give, embedded or Apache Kafka: order, dense offsets, the same bytes back, honest refusals."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from schemas.errors import PositionLost, TopicMismatch, TopicMissing
from schemas.ports import Headers, Message, Publisher, Record, Subscriber
from schemas.topics import CHECKPOINTS, DEAD_LETTERS, RECOGNIZED_PRODUCTS, TopicSpec
from tests.support.brokers import ApacheBroker, Broker, EmbeddedBroker
from tests.support.cities import ALL_TOPICS

TOPIC = "czt.register.changsha"
OTHER = "czt.register.zhuzhou"
SPECS = (TopicSpec(TOPIC), TopicSpec(OTHER), TopicSpec(DEAD_LETTERS), TopicSpec("czt.three", partitions=3))
PATIENCE = 60.0
SIGNED: Headers = (
    ("content-type", b"application/cloudevents+json"),
    ("signature", bytes(range(256))),
    ("keyid", b""),
    ("signature", b"a name may come twice"),
)


@pytest.fixture(params=["embedded", "kafka"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Broker:
    """A broker without topics."""
    if request.param == "embedded":
        return EmbeddedBroker(tmp_path / "new" / "broker.db")
    bootstrap: str = request.getfixturevalue("kafka_bootstrap")
    return ApacheBroker(bootstrap)


@pytest.fixture
def broker(bare: Broker) -> Broker:
    """A broker with the topics of SPECS."""
    with closing(bare.topics()) as admin:
        admin.ensure_topics(SPECS)
    return bare


@pytest.fixture
def publisher(broker: Broker) -> Iterator[Publisher]:
    """A publisher of `broker`."""
    with closing(broker.publisher()) as made:
        yield made


@pytest.fixture
def subscriber(broker: Broker) -> Iterator[Subscriber]:
    """A subscriber of `broker`."""
    with closing(broker.subscriber()) as made:
        yield made


def numbered(count: int, start: int = 0, topic: str = TOPIC) -> list[Message]:
    """Messages whose value is their number."""
    return [Message(topic, b"key", b"%d" % number) for number in range(start, start + count)]


def read_all(subscriber: Subscriber, count: int, topic: str = TOPIC, partition: int = 0, limit: int = 2000) -> list[Record]:
    """The first `count` records, fetched as a worker would."""
    records: list[Record] = []
    while len(records) < count:
        offset = records[-1].offset + 1 if records else 0
        found = subscriber.fetch(topic, partition, offset, limit, PATIENCE)
        assert found, f"{len(records)} of {count} came"
        records += found
    return records


def test_order_is_kept_and_offsets_are_dense(publisher: Publisher, subscriber: Subscriber) -> None:
    """What is published in one or several calls is read in that order, under the dense offsets publish returned."""
    offsets = publisher.publish(numbered(450)) + publisher.publish(numbered(50, start=450))
    assert offsets == list(range(500))
    records = read_all(subscriber, 500)
    assert [record.value for record in records] == [b"%d" % number for number in range(500)]
    assert [record.offset for record in records] == offsets


def test_publishing_nothing_returns_nothing(publisher: Publisher, subscriber: Subscriber) -> None:
    """An empty call publishes nothing."""
    assert publisher.publish([]) == []
    assert subscriber.end_offset(TOPIC, 0) == 0


def test_fetch_starts_anywhere_and_keeps_the_limit(publisher: Publisher, subscriber: Subscriber) -> None:
    """A fetch gives at most `limit` records from the offset asked for, forwards or back."""
    publisher.publish(numbered(100))
    for offset in (0, 7, 17, 99, 3):
        found = subscriber.fetch(TOPIC, 0, offset, 10, PATIENCE)
        assert [record.offset for record in found] == list(range(offset, min(offset + 10, 100)))


def test_fetching_the_same_position_again_gives_the_same(publisher: Publisher, subscriber: Subscriber) -> None:
    """The position is the caller's: a batch whose transaction failed is read again."""
    publisher.publish(numbered(5))
    first = subscriber.fetch(TOPIC, 0, 1, 3, PATIENCE)
    assert subscriber.fetch(TOPIC, 0, 1, 3, PATIENCE) == first


def test_nothing_comes_at_the_end(publisher: Publisher, subscriber: Subscriber) -> None:
    """At the end of a topic a fetch is empty after its timeout, and goes on when something was published."""
    publisher.publish(numbered(3))
    assert subscriber.end_offset(TOPIC, 0) == 3
    assert subscriber.fetch(TOPIC, 0, 3, 10, 0.1) == []
    publisher.publish(numbered(1, start=3))
    assert [record.value for record in subscriber.fetch(TOPIC, 0, 3, 10, PATIENCE)] == [b"3"]


@pytest.mark.parametrize("offset", [-1, 4, 1000])
def test_a_position_outside_the_topic_is_lost(publisher: Publisher, subscriber: Subscriber, offset: int) -> None:
    """A position beyond the end or before the beginning is PositionLost, at once and whatever the timeout."""
    publisher.publish(numbered(3))
    with pytest.raises(PositionLost):
        subscriber.fetch(TOPIC, 0, offset, 10, 0)


def test_a_position_in_an_empty_topic_is_lost(subscriber: Subscriber) -> None:
    """A rebuilt broker, whose topics are empty again, is seen."""
    with pytest.raises(PositionLost):
        subscriber.fetch(TOPIC, 0, 1, 10, 0)


@pytest.mark.parametrize("key", [None, b"", b"\x00\xff", "长沙-2020-0001".encode()])
@pytest.mark.parametrize("value", [b"", bytes(range(256))])
@pytest.mark.parametrize("headers", [(), SIGNED])
def test_bytes_come_back_as_they_went(
    publisher: Publisher, subscriber: Subscriber, key: bytes | None, value: bytes, headers: Headers
) -> None:
    """Key, value and headers, with their order and repetition, are the same bytes."""
    publisher.publish([Message(TOPIC, key, value, headers)])
    (record,) = subscriber.fetch(TOPIC, 0, 0, 10, PATIENCE)
    assert (record.topic, record.partition, record.offset) == (TOPIC, 0, 0)
    assert (record.key, record.value, record.headers) == (key, value, headers)
    assert record.timestamp_ms > 1_600_000_000_000


@pytest.mark.parametrize("topic", [TOPIC, DEAD_LETTERS])
def test_large_values_pass_among_small_ones(publisher: Publisher, subscriber: Subscriber, topic: str) -> None:
    """Values of 256 KiB and 1 MiB that don't compress are published and read in order: to refuse one is the hub's."""
    sizes = [10, 256 * 1024, 10, 1024 * 1024, 10]
    values = [incompressible(size) for size in sizes]
    publisher.publish([Message(topic, None, value, SIGNED) for value in values])
    records = read_all(subscriber, len(values), topic)
    assert [record.value for record in records] == values


def test_two_publishers_at_once(broker: Broker, subscriber: Subscriber) -> None:
    """Of two publishers' records none is lost, each one's order is kept, and the offsets they were told are right."""
    told: dict[int, bytes] = {}

    def publish(name: bytes) -> None:
        with closing(broker.publisher()) as publisher:
            for start in range(0, 300, 50):
                values = [b"%s %d" % (name, number) for number in range(start, start + 50)]
                offsets = publisher.publish([Message(TOPIC, None, value) for value in values])
                told.update(zip(offsets, values, strict=True))

    run_together(lambda: publish(b"one"), lambda: publish(b"two"))
    records = read_all(subscriber, 600)
    assert [record.offset for record in records] == list(range(600))
    assert {record.offset: record.value for record in records} == told
    for name in (b"one", b"two"):
        own = [record.value for record in records if record.value is not None and record.value.startswith(name)]
        assert own == [b"%s %d" % (name, number) for number in range(300)]


def test_a_new_subscriber_sees_everything(broker: Broker, publisher: Publisher, subscriber: Subscriber) -> None:
    """What one subscriber read is there for the next one."""
    publisher.publish(numbered(20))
    first = read_all(subscriber, 20)
    with closing(broker.subscriber()) as other:
        assert read_all(other, 20) == first


def test_a_waiting_fetch_returns_when_something_arrives(broker: Broker, subscriber: Subscriber) -> None:
    """A fetch with a long timeout does not sit it out."""
    assert subscriber.fetch(TOPIC, 0, 0, 10, 0.05) == []
    with ExitStack() as cleanup:
        publisher = cleanup.enter_context(closing(broker.publisher()))
        later = threading.Timer(0.2, lambda: publisher.publish(numbered(1)))
        later.start()
        cleanup.callback(later.join)
        began = time.monotonic()
        assert [record.value for record in subscriber.fetch(TOPIC, 0, 0, 10, 60)] == [b"0"]
        assert time.monotonic() - began < 30


def test_topics_are_apart(publisher: Publisher, subscriber: Subscriber) -> None:
    """Each topic has its own offsets, also when read in turns."""
    offsets = publisher.publish([message for n in range(100) for message in numbered(1, n) + numbered(1, n, OTHER)])
    assert offsets == [number for number in range(100) for _ in range(2)]
    for offset in range(0, 100, 10):
        for topic in (TOPIC, OTHER):
            found = subscriber.fetch(topic, 0, offset, 10, PATIENCE)
            assert [(record.topic, record.value) for record in found] == [
                (topic, b"%d" % number) for number in range(offset, offset + 10)
            ]


def test_a_key_always_goes_to_the_same_partition(publisher: Publisher, subscriber: Subscriber) -> None:
    """Without a partition the key chooses one, the same each time; with one, that is taken."""
    keys = [b"product %d" % number for number in range(30)]
    publisher.publish([Message("czt.three", key, b"%d" % turn) for turn in range(3) for key in keys])
    publisher.publish([Message("czt.three", b"chosen", b"", partition=2)])
    placed: dict[bytes | None, set[int]] = {}
    for partition in range(3):
        count = subscriber.end_offset("czt.three", partition)
        for record in read_all(subscriber, count, "czt.three", partition):
            placed.setdefault(record.key, set()).add(partition)
    assert placed.pop(b"chosen") == {2}
    assert set(placed) == set(keys)
    assert all(len(partitions) == 1 for partitions in placed.values())
    assert set().union(*placed.values()) == {0, 1, 2}


def test_a_tombstone_is_readable(broker: Broker, publisher: Publisher, subscriber: Subscriber) -> None:
    """A null value that another program wrote is read as None, and does not hide what follows."""
    broker.append_tombstone(TOPIC, b"key")
    publisher.publish(numbered(1))
    assert [(record.key, record.value) for record in read_all(subscriber, 2)] == [(b"key", None), (b"key", b"0")]


def test_a_topic_that_is_not_there_is_named(publisher: Publisher, subscriber: Subscriber) -> None:
    """Publishing to, reading and measuring an unknown topic or partition is TopicMissing; what is there goes on."""
    with pytest.raises(TopicMissing, match=r"czt\.unknown"):
        publisher.publish([Message("czt.unknown", None, b"")])
    with pytest.raises(TopicMissing, match=r"czt\.unknown"):
        subscriber.fetch("czt.unknown", 0, 0, 10, 0.1)
    with pytest.raises(TopicMissing, match=r"czt\.unknown"):
        subscriber.end_offset("czt.unknown", 0)
    with pytest.raises(TopicMissing, match=TOPIC):
        subscriber.fetch(TOPIC, 7, 0, 10, 0.1)
    assert publisher.publish(numbered(1)) == [0]
    assert len(read_all(subscriber, 1)) == 1


def test_nothing_is_published_when_one_topic_is_not_there(publisher: Publisher, subscriber: Subscriber) -> None:
    """TopicMissing is raised before anything is sent."""
    with pytest.raises(TopicMissing):
        publisher.publish([*numbered(3), Message("czt.unknown", None, b"")])
    assert subscriber.end_offset(TOPIC, 0) == 0


def test_topics_are_created_once(bare: Broker) -> None:
    """The first call creates what is missing and names it, the second finds everything there."""
    names = [spec.name for spec in ALL_TOPICS]
    with closing(bare.topics()) as admin:
        assert admin.ensure_topics(ALL_TOPICS[:4]) == names[:4]
        assert sorted(admin.ensure_topics(ALL_TOPICS)) == sorted(names[4:])
        assert admin.ensure_topics(ALL_TOPICS) == []
    with closing(bare.topics()) as admin:
        assert admin.ensure_topics(ALL_TOPICS) == []


@pytest.mark.parametrize(
    "there",
    [TopicSpec(RECOGNIZED_PRODUCTS, partitions=1, compacted=True), TopicSpec(RECOGNIZED_PRODUCTS, partitions=3)],
)
def test_a_topic_made_otherwise_is_a_mismatch(bare: Broker, there: TopicSpec) -> None:
    """A topic with other partitions or another cleanup policy is named, and nothing is created."""
    with closing(bare.topics()) as admin:
        admin.ensure_topics([there])
        with pytest.raises(TopicMismatch, match=RECOGNIZED_PRODUCTS):
            admin.ensure_topics(ALL_TOPICS)
        assert admin.ensure_topics([TopicSpec(CHECKPOINTS)]) == [CHECKPOINTS]


def incompressible(size: int) -> bytes:
    """Bytes that look random and are the same in every run."""
    state, words = 1, []
    for _ in range(size // 8 + 1):
        state = state * 6364136223846793005 + 1442695040888963407 & 0xFFFFFFFFFFFFFFFF
        words.append(state.to_bytes(8, "little"))
    return b"".join(words)[:size]


def run_together(*actions: Callable[[], None]) -> None:
    """Run each in a thread and wait for all; pytest fails the test when one raises."""
    threads = [threading.Thread(target=action) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
