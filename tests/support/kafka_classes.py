"""Kafka's classes as Java has read and checked them, in an archive beside the jars: `python -m tests.support.kafka_classes`.

With it a broker takes a third of the time to start (JEP 350, class data sharing). Another Java than the one that made it
goes on without it.
"""

from contextlib import closing

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from tests.support.kafka_server import ADMIN_TIMEOUT_MS, CLASSES, KafkaServer

TOPIC = "classes"
MAKING = CLASSES.with_suffix(".making")


def make() -> None:
    """Let a broker do once what the tests ask of it, and keep the classes that it needed. Raises CannotStart."""
    server = KafkaServer(java_words=(f"-XX:ArchiveClassesAtExit={MAKING}",))
    try:
        server.start()
        _use(server.bootstrap)
        server.stop()
        MAKING.replace(CLASSES)
    finally:
        server.remove()


def _use(bootstrap: str) -> None:
    patience = {"bootstrap_servers": bootstrap, "bootstrap_timeout_ms": ADMIN_TIMEOUT_MS}
    with closing(KafkaAdminClient(**patience)) as admin:
        admin.create_topics({TOPIC: {"num_partitions": 1}}, wait_for_metadata=True)
        with closing(KafkaProducer(acks="all", compression_type="lz4", **patience)) as producer:
            producer.send(TOPIC, b"1").get(ADMIN_TIMEOUT_MS / 1000)
        with closing(KafkaConsumer(group_id=None, **patience)) as consumer:
            consumer.assign([TopicPartition(TOPIC, 0)])
            consumer.seek_to_beginning()
            consumer.poll(timeout_ms=ADMIN_TIMEOUT_MS)
        admin.delete_topics([TOPIC], timeout_ms=ADMIN_TIMEOUT_MS)


if __name__ == "__main__":
    make()
