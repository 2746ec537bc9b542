"""What the hub and the relay stand beside: a bare drain, a bare COPY, a bare producer. They do nothing with what they carry."""

import sqlite3
import struct
from collections.abc import Callable
from typing import Any

import psycopg
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from sqlalchemy import Table, create_engine
from sqlalchemy.schema import CreateTable

from schemas.tables import store as t

POLLED = 2_000
"""As many records as the hub asks for at once."""

SENT = 200
"""As many as the relay has in flight."""

COPIED = 2_000
"""Rows a transaction, as the hub's batches."""

WRITTEN = ("audit_entry", "audit_record", "received", "product_change", "listing", "product", "entry_head")
"""Tables of which the hub writes rows for every event."""

DIALECT = create_engine("postgresql+psycopg://").dialect

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


def copy_rows(arguments: dict[str, Any]) -> Callable[[], dict[str, float]]:
    """COPY the very rows that the hub wrote of `count` events, encoded before, into the same tables with primary keys only.

    `written`: URL of the store where the hub wrote them.
    """
    count, tables = arguments["count"], [t.metadata.tables[name] for name in WRITTEN]
    with psycopg.connect(arguments["written"]) as source:
        encoded = [
            [(table.name, _part(source, table, place, -(-count // COPIED))) for table in tables]
            for place in range(-(-count // COPIED))
        ]
    connection = psycopg.connect(arguments["url"])
    for table in tables:
        connection.execute(str(CreateTable(table).compile(dialect=DIALECT)).encode())
    connection.commit()

    def work() -> dict[str, float]:
        for batch in encoded:
            for name, rows in batch:
                with connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN (FORMAT BINARY)".encode()) as into:
                    into.write(rows)
            connection.commit()
        connection.close()
        return {"count": count}

    return work


def _part(source: psycopg.Connection, table: Table, place: int, parts: int) -> bytes:
    """One of so many parts of a table's rows, in the order of its primary key, as a binary COPY."""
    keys = ", ".join(column.name for column in table.primary_key)
    ranked = f"SELECT *, ntile({parts}) OVER (ORDER BY {keys}) AS part FROM {table.name}"  # noqa: S608  our own tables
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    query = f"COPY (SELECT {names} FROM ({ranked}) AS ranked WHERE part = {place + 1}) TO STDOUT (FORMAT BINARY)"  # noqa: S608
    with source.cursor() as cursor, cursor.copy(query.encode()) as out:
        return b"".join(map(bytes, out))


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
