"""The real servers the other tests stand on do what those tests take for granted."""

from collections.abc import Callable

import psycopg
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from tests.support.kafka_server import KafkaServer
from tests.support.postgres_server import PostgresServer

TOPIC = "czt.register.changsha"


def _create_topic(server: KafkaServer) -> None:
    admin = KafkaAdminClient(bootstrap_servers=server.bootstrap, bootstrap_timeout_ms=60_000)
    admin.create_topics([NewTopic(TOPIC, 1, 1)])
    admin.close()


def _publish(server: KafkaServer, value: bytes) -> int:
    producer = KafkaProducer(bootstrap_servers=server.bootstrap, bootstrap_timeout_ms=60_000, acks="all")
    offset: int = producer.send(TOPIC, value).get(60).offset
    producer.close()
    return offset


def _read_all(server: KafkaServer, count: int) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=server.bootstrap, bootstrap_timeout_ms=60_000, group_id=None)
    partition = TopicPartition(TOPIC, 0)
    consumer.assign([partition])
    consumer.seek(partition, 0)
    values: list[bytes] = []
    for _ in range(60):
        if len(values) >= count:
            break
        values += [record.value for records in consumer.poll(timeout_ms=1000).values() for record in records]
    consumer.close()
    return values


def test_kafka_returns_what_was_published(fresh_kafka: KafkaServer) -> None:
    """A record that was acknowledged is read back, byte for byte."""
    _create_topic(fresh_kafka)
    assert _publish(fresh_kafka, "长沙".encode()) == 0
    assert _read_all(fresh_kafka, 1) == ["长沙".encode()]


@pytest.mark.parametrize("run", [1, 2])
def test_kafka_is_fresh_for_each_test(fresh_kafka: KafkaServer, run: int) -> None:
    """A topic of a fixed name can be created again by the next test and starts at offset 0."""
    _create_topic(fresh_kafka)
    assert _publish(fresh_kafka, b"%d" % run) == 0


def test_kafka_keeps_records_over_kill(fresh_kafka: KafkaServer) -> None:
    """After kill -9 and a start on the same port the record is there and the next one follows it."""
    _create_topic(fresh_kafka)
    _publish(fresh_kafka, b"before")
    fresh_kafka.kill()
    assert not fresh_kafka.running()
    fresh_kafka.start()
    assert _publish(fresh_kafka, b"after") == 1
    assert _read_all(fresh_kafka, 2) == [b"before", b"after"]


def test_paused_kafka_is_resumed_for_the_next_test(kafka_server: KafkaServer) -> None:
    """A broker that a test left paused takes requests again once it is emptied."""
    kafka_server.pause()
    kafka_server.empty()
    _create_topic(kafka_server)
    assert _publish(kafka_server, b"x") == 0


def test_postgres_keeps_committed_rows_over_kill(start_postgres: Callable[..., PostgresServer]) -> None:
    """After kill -9 and a start, what was committed is there and what was not is gone."""
    server = start_postgres()
    url = server.create_database("t").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE t (n int)")
        connection.execute("INSERT INTO t VALUES (1)")
    unfinished = psycopg.connect(url)
    unfinished.execute("INSERT INTO t VALUES (2)")
    server.kill()
    unfinished.close()
    server.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT n FROM t").fetchall() == [(1,)]


def test_postgres_is_durable_unless_told_otherwise(postgres_url: str, start_postgres: Callable[..., PostgresServer]) -> None:
    """Fsync and synchronous_commit are on, and a test can have a server with them off."""
    careless = start_postgres("fsync=off", "synchronous_commit=off").url()
    for url, expected in ((postgres_url, "on"), (careless, "off")):
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            for name in ("fsync", "synchronous_commit"):
                row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
                assert row == (expected,)


def test_postgres_database_is_empty(postgres_url: str) -> None:
    """Each test gets a database without any table of its own or of another test."""
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        count = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert count == (0,)
