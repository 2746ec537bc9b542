"""The embedded broker beside programs that append with plain SQL, in other processes, and where it is missing."""

import multiprocessing
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from consumers.sqlite_subscriber import SqliteSubscriber
from producers.sqlite_publisher import SqlitePublisher
from producers.sqlite_topics import SqliteTopics
from schemas.errors import BrokerUnavailable, PositionLost, PublishInterrupted
from schemas.ports import Message
from schemas.topics import TopicSpec
from tests.support.brokers import EmbeddedBroker

TOPIC = "czt.register.changsha"
APPEND = "INSERT INTO record (topic, partition, offset, key, value, headers, timestamp) VALUES (?, 0, ?, ?, ?, ?, ?)"


@pytest.fixture
def broker(tmp_path: Path) -> EmbeddedBroker:
    """An embedded broker with one empty topic."""
    SqliteTopics(tmp_path / "broker.db").ensure_topics([TopicSpec(TOPIC)])
    return EmbeddedBroker(tmp_path / "broker.db")


@pytest.fixture
def subscriber(broker: EmbeddedBroker) -> Iterator[SqliteSubscriber]:
    """A subscriber of that broker."""
    with closing(SqliteSubscriber(broker.file)) as made:
        yield made


def test_rows_of_any_shape_are_read(broker: EmbeddedBroker, subscriber: SqliteSubscriber) -> None:
    """NULL, text, numbers, broken headers and no headers at all: each is a record, none stops what follows."""
    rows: list[tuple[object, ...]] = [
        (None, None, None, None),
        ("key", '{"长沙": 1}', "not json", "yesterday"),
        (1, 2.5, 3, 4.5),
        (b"k", b"v", '[["a", "AA=="]]', 1_700_000_000_000),
    ]
    for offset, row in enumerate(rows):
        broker.execute(APPEND, (TOPIC, offset, *row))
    broker.execute("INSERT INTO record (topic, partition, offset, value) VALUES (?, 0, 4, CAST(x'ff' AS TEXT))", (TOPIC,))
    found = subscriber.fetch(TOPIC, 0, 0, 10, 0)
    assert [(record.key, record.value, record.headers) for record in found] == [
        (None, None, ()),
        (b"key", '{"长沙": 1}'.encode(), ()),
        (b"1", b"2.5", ()),
        (b"k", b"v", (("a", b"\0"),)),
        (None, b"\xff", ()),
    ]
    assert [record.timestamp_ms for record in found[:4]] == [0, 0, 0, 1_700_000_000_000]
    assert found[4].timestamp_ms > 1_600_000_000_000


def test_our_publisher_goes_on_behind_others_rows(broker: EmbeddedBroker) -> None:
    """Offsets continue after rows that another program appended."""
    broker.execute(APPEND, (TOPIC, 0, None, b"theirs", "[]", 1))
    with closing(SqlitePublisher(broker.file)) as publisher:
        assert publisher.publish([Message(TOPIC, None, b"ours")]) == [1]
        broker.execute(APPEND, (TOPIC, 2, None, b"theirs", "[]", 1))
        assert publisher.publish([Message(TOPIC, None, b"ours")]) == [3]


@pytest.mark.parametrize("offset", [0, -1, "first", None, 1.5])
def test_the_file_refuses_what_would_break_its_order(broker: EmbeddedBroker, offset: object) -> None:
    """An offset that is taken, negative or no integer can't be inserted."""
    broker.execute(APPEND, (TOPIC, 0, None, b"", "[]", 1))
    with pytest.raises(sqlite3.IntegrityError):
        broker.execute(APPEND, (TOPIC, offset, None, b"", "[]", 1))


def test_a_file_without_its_beginning_is_a_lost_position(broker: EmbeddedBroker, subscriber: SqliteSubscriber) -> None:
    """Where somebody removed the first rows, a reader of them is told."""
    for offset in range(5):
        broker.execute(APPEND, (TOPIC, offset, None, b"", "[]", 1))
    broker.execute("DELETE FROM record WHERE offset < 2")
    with pytest.raises(PositionLost, match="2 to 5"):
        subscriber.fetch(TOPIC, 0, 0, 10, 0)
    assert len(subscriber.fetch(TOPIC, 0, 2, 10, 0)) == 3


def test_a_fetch_holds_a_bounded_number_of_bytes(broker: EmbeddedBroker, subscriber: SqliteSubscriber) -> None:
    """Many large records come in several fetches."""
    with closing(SqlitePublisher(broker.file)) as publisher:
        publisher.publish([Message(TOPIC, None, bytes(1024 * 1024))] * 40)
    first = subscriber.fetch(TOPIC, 0, 0, 2000, 0)
    rest = subscriber.fetch(TOPIC, 0, len(first), 2000, 0)
    assert len(first) < 40
    assert len(first) + len(rest) == 40


def publish_many(file: Path, name: bytes) -> None:
    """Publish 40 times 25 messages, in a process of its own."""
    with closing(SqlitePublisher(file)) as publisher:
        for turn in range(40):
            publisher.publish([Message(TOPIC, None, b"%s %d" % (name, turn * 25 + number)) for number in range(25)])


def test_several_processes_publish_at_once(broker: EmbeddedBroker, subscriber: SqliteSubscriber) -> None:
    """Three processes lose nothing, and each one's order is kept, while a fourth reads."""
    context = multiprocessing.get_context("spawn")
    names = [b"one", b"two", b"three"]
    processes = [context.Process(target=publish_many, args=(broker.file, name)) for name in names]
    for process in processes:
        process.start()
    values: list[bytes] = []
    while len(values) < 3000:
        found = subscriber.fetch(TOPIC, 0, len(values), 500, 60)
        assert found
        values += [record.value or b"" for record in found]
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    for name in names:
        assert [value for value in values if value.startswith(name + b" ")] == [b"%s %d" % (name, n) for n in range(1000)]


def test_a_missing_file_is_told_and_not_made(tmp_path: Path) -> None:
    """Before `czt init` publisher and subscriber say so, and leave no empty file behind."""
    file = tmp_path / "broker.db"
    with pytest.raises(PublishInterrupted) as publishing:
        SqlitePublisher(file).publish([Message(TOPIC, None, b"")])
    with pytest.raises(BrokerUnavailable) as reading:
        SqliteSubscriber(file).fetch(TOPIC, 0, 0, 10, 0)
    assert "czt init" in publishing.value.next_step
    assert "czt init" in reading.value.next_step
    assert not file.exists()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """Each of the three says that the broker is unavailable."""
    file = tmp_path / "broker.db"
    file.write_bytes(b"not a database" * 100)
    with pytest.raises(BrokerUnavailable):
        SqliteTopics(file).ensure_topics([TopicSpec(TOPIC)])
    with pytest.raises(PublishInterrupted):
        SqlitePublisher(file).publish([Message(TOPIC, None, b"")])
    with pytest.raises(BrokerUnavailable):
        SqliteSubscriber(file).end_offset(TOPIC, 0)
