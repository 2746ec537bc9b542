"""A `Line` on two given halves, and what gets lost of it on the way."""

from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import Engine

from tests.support.brokers import Broker
from tests.support.cities import ALL_TOPICS
from tests.support.line import Line, Mangle
from tests.support.stores import made_store


def opened_line(broker: Broker, engine: Engine, store_url: str) -> Iterator[Line]:
    """The line on this broker, register and store, closed at the end."""
    with closing(broker.topics()) as topics:
        topics.ensure_topics(ALL_TOPICS)
    with closing(broker.publisher()) as publisher, closing(broker.subscriber()) as subscriber:
        store = made_store(store_url)
        yield Line(engine, store, publisher, subscriber)
        store.writer.dispose()


def without(*places: int) -> Mangle:
    """These places of the next stretch get lost."""
    return lambda records: [record for place, record in enumerate(records) if place not in places]
