"""What the contract suite needs of a broker: a file and a class here is all another one takes."""

import sqlite3
from pathlib import Path
from typing import Protocol

from kafka import KafkaProducer

from consumers.kafka_subscriber import KafkaSubscriber
from consumers.sqlite_subscriber import SqliteSubscriber
from producers.kafka_publisher import KafkaPublisher
from producers.kafka_topics import KafkaTopics
from producers.sqlite_publisher import SqlitePublisher
from producers.sqlite_topics import SqliteTopics
from schemas.connections import KafkaConnection
from schemas.ports import Publisher, Subscriber, TopicAdmin


class Broker(Protocol):
    """One broker without topics. Whatever it hands out is closed by the test that took it."""

    def publisher(self) -> Publisher:
        """A new publisher."""
        ...

    def subscriber(self) -> Subscriber:
        """A new subscriber."""
        ...

    def topics(self) -> TopicAdmin:
        """A new admin."""
        ...

    def append_tombstone(self, topic: str, key: bytes) -> None:
        """Append a record with a null value to partition 0, not through our publisher: as another program would."""
        ...


class EmbeddedBroker:
    """The SQLite broker in one file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def publisher(self) -> Publisher:
        """See Broker."""
        return SqlitePublisher(self.file)

    def subscriber(self) -> Subscriber:
        """See Broker."""
        return SqliteSubscriber(self.file)

    def topics(self) -> TopicAdmin:
        """See Broker."""
        return SqliteTopics(self.file)

    def append_tombstone(self, topic: str, key: bytes) -> None:
        """See Broker."""
        self.execute(
            "INSERT INTO record (topic, offset, key, value) VALUES"
            " (?1, (SELECT coalesce(max(offset) + 1, 0) FROM record WHERE topic = ?1 AND partition = 0), ?2, NULL)",
            (topic, key),
        )

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> None:
        """Run one statement in a connection of its own, as another program would."""
        connection = sqlite3.connect(self.file)
        try:
            with connection:
                connection.execute(statement, values)
        finally:
            connection.close()


class ApacheBroker:
    """Apache Kafka at `host:port`."""

    def __init__(self, bootstrap: str) -> None:
        self.connection = KafkaConnection(bootstrap=(bootstrap,))

    def publisher(self) -> Publisher:
        """See Broker."""
        return KafkaPublisher(self.connection)

    def subscriber(self) -> Subscriber:
        """See Broker."""
        return KafkaSubscriber(self.connection)

    def topics(self) -> TopicAdmin:
        """See Broker."""
        return KafkaTopics(self.connection)

    def append_tombstone(self, topic: str, key: bytes) -> None:
        """See Broker."""
        producer = KafkaProducer(bootstrap_servers=list(self.connection.bootstrap))
        try:
            producer.send(topic, value=None, key=key, partition=0).get(60)
        finally:
            producer.close(timeout=5)
