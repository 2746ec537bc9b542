"""What the hub and the relay stand beside: a bare drain, a bare COPY, a bare producer. They do nothing with what they carry."""

import sqlite3
import struct
from collections.abc import Callable
from typing import Any

import psycopg
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

POLLED = 2_000
"""As many records as the hub asks for at once."""

SENT = 200
"""As many as the relay has in flight."""

COPIED = 2_000
"""Rows a transaction, as the hub's batches."""

_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = struct.pack("!h", -1)


def drain(arguments: dict[str, Any]) -> Callable[[], dict[str, float]]:
    """Read `topics` from the beginning to the end and drop everything."""
    consumer = KafkaConsumer(bootstrap_servers=arguments["bootstrap"], enable_auto_commit=False, auto_offset_reset="none")
    partitions = [TopicPartition(topic, 0) for topic in arguments["topics"]]
    consumer.assign(partitions)
    whole = sum(consumer.end_offsets(partitions).values())
    consumer.seek_to_beginning()

    def work() -> dict[str, float]:
        count = 0
        while count < whole:
            count += sum(map(len, consumer.poll(timeout_ms=500, max_records=POLLED).values()))
        return {"count": count}

    return work


def copy(arguments: dict[str, Any]) -> Callable[[], dict[str, float]]:
    """COPY `count` rows of `row_bytes`, encoded before, into a table with nothing but its primary key."""
    count, filler = arguments["count"], bytes(arguments["row_bytes"])
    connection = psycopg.connect(arguments["url"])
    connection.execute("CREATE TABLE bare (idx bigint PRIMARY KEY, leaf bytea NOT NULL)")
    connection.commit()
    row = struct.Struct("!hiqi")
    encoded = [
        b"".join(row.pack(2, 8, idx, len(filler)) + filler for idx in range(first, min(first + COPIED, count)))
        for first in range(0, count, COPIED)
    ]

    def work() -> dict[str, float]:
        for rows in encoded:
            with connection.cursor() as cursor, cursor.copy("COPY bare FROM STDIN (FORMAT BINARY)") as into:
                into.write(_SIGNATURE + rows + _END)
            connection.commit()
        connection.close()
        return {"count": count}

    return work


def produce(arguments: dict[str, Any]) -> Callable[[], dict[str, float]]:
    """Send what the relay sent, from its outbox in `database`, to `topic`: idempotent, all acknowledged, lz4."""
    with sqlite3.connect(arguments["database"]) as outbox:
        messages = outbox.execute("SELECT subject, value FROM outbox ORDER BY sequence").fetchall()
    outbox.close()
    producer = KafkaProducer(
        bootstrap_servers=arguments["bootstrap"], acks="all", enable_idempotence=True, compression_type="lz4", linger_ms=5
    )
    producer.partitions_for(arguments["topic"])

    def work() -> dict[str, float]:
        for first in range(0, len(messages), SENT):
            chunk = messages[first : first + SENT]
            futures = [producer.send(arguments["topic"], value, key.encode(), partition=0) for key, value in chunk]
            producer.flush()
            for future in futures:
                future.get(timeout=10)
        producer.close()
        return {"count": len(messages)}

    return work
