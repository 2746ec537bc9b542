"""Where it is measured: a real Kafka and PostgreSQL of its own, topics filled once, databases copied fresh for each run."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from consumers.handle import Handler
from consumers.store import position
from deploy.databases import writer_engine
from deploy.keys import LOG_KEY, ensure_key, ensure_trust
from deploy.migrate import upgrade
from producers.kafka_publisher import KafkaPublisher
from producers.kafka_topics import KafkaTopics
from schemas import events
from schemas.city import JOINT_OFFICE, source_name
from schemas.connections import KafkaConnection
from schemas.rules import RULE_SET_1
from schemas.topics import topic_of
from tests.bench.events import CityEvents
from tests.support.cities import ALL_TOPICS, CHANGSHA, CITIES, SOURCES, XIANGTAN, ZHUZHOU
from tests.support.histories import FixedClock
from tests.support.kafka_server import KafkaServer
from tests.support.postgres_server import PostgresServer
from tests.support.sources import Source
from tests.support.stores import opened_store

REGISTERS = tuple(city.source for city in CITIES)
HALVES = (CHANGSHA.source,), (ZHUZHOU.source, XIANGTAN.source)
"""Sources of each of two processes."""

TEMPLATE = "bench_template"


@dataclass
class Ground:
    """Two servers and a folder. `made` counts runs, so that each has names of its own."""

    kafka: KafkaServer
    postgres: PostgresServer
    folder: Path
    made: int = 0
    databases: list[str] = field(default_factory=list)

    @property
    def city_topics(self) -> list[str]:
        """The topics that are drained and decided."""
        return [topic_of(source) for source in REGISTERS]

    def settings(self, store_url: str = "", home: str = "home") -> dict[str, Any]:
        """Settings of a process of `czt`; each run has an archive of checkpoints of its own."""
        self.made += 1
        own: dict[str, Any] = {"checkpoints_file": str(self.folder / f"checkpoints-{self.made}.db"), "broker_url": self.kafka.url}
        own |= {"key_dir": str(self.folder / "keys"), "trust_file": str(self.folder / "trust.pub"), "max_file_rows": 200_000}
        return {**own, "home": str(self.folder / home), **({"store_url": store_url} if store_url else {})}

    def prepare(self) -> None:
        """Keys, topics, and on each database an empty store in which the joint office trusted the cities and set the day."""
        ensure_trust(self.folder / "trust.pub", Source(JOINT_OFFICE).signer.public_key)
        for name in (LOG_KEY, *map(source_name, REGISTERS)):
            ensure_key(self.folder / "keys", name)
        self.make_topics()
        _make_store(f"sqlite:///{self.folder}/template.db")
        _make_store(self.database(TEMPLATE))

    def make_topics(self) -> None:
        """Every topic, empty."""
        self.kafka.empty()
        with closing(KafkaTopics(self._connection)) as topics:
            topics.ensure_topics(ALL_TOPICS)

    def publish(self, cities: list[CityEvents]) -> None:
        """Fill the cities' topics."""
        with closing(KafkaPublisher(self._connection)) as publisher:
            for found in cities:
                publisher.publish(found.messages)

    @property
    def _connection(self) -> KafkaConnection:
        return KafkaConnection(bootstrap=(self.kafka.bootstrap,))

    @contextmanager
    def store(self, kind: str, template: str = TEMPLATE) -> Iterator[str]:
        """URL of a fresh copy of a store, `postgresql` or `sqlite`; dropped afterwards."""
        self.made += 1
        name = f"run_{self.made}"
        if kind == "postgresql":
            yield self.database(name, template)
            self.postgres.drop_database(name)
        else:
            shutil.copy(self.folder / "template.db", self.folder / f"{name}.db")
            yield f"sqlite:///{self.folder}/{name}.db"
            for file in self.folder.glob(f"{name}.db*"):
                file.unlink()

    def database(self, name: str, template: str = "template1") -> str:
        """URL of a new database on PostgreSQL."""
        self.databases.append(name)
        return self.postgres.create_database(name, template)

    @contextmanager
    def bare_database(self) -> Iterator[str]:
        """URL, as psycopg wants it, of an empty database; dropped afterwards."""
        self.made += 1
        name = f"bare_{self.made}"
        yield self.database(name).replace("+psycopg", "")
        self.postgres.drop_database(name)

    def written(self, name: str) -> str:
        """URL, as psycopg wants it, of a database that was made before."""
        return self.postgres.url(name).replace("+psycopg", "")

    def drop_databases(self) -> None:
        """Leave nothing on the server."""
        for name in self.databases:
            self.postgres.drop_database(name)


def _make_store(url: str) -> None:
    engine = writer_engine(url)
    upgrade(engine, "store")
    store = opened_store(engine)
    store.prepare(SOURCES)
    joint = Source(JOINT_OFFICE)
    for source in REGISTERS:
        joint.decide(events.KEY_TRUSTED, source, Source(source).key_data())
    joint.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json")})
    joint.decide(events.DAY_BEGAN, "2021-07-22", {"day": "2021-07-22"})
    handler = Handler(store, FixedClock(), joint.trusted())
    with store.transaction() as connection:
        claim = position.claim(connection, store.bulk, JOINT_OFFICE, "bench", 60)
    assert claim is not None
    for record in joint.records:
        claim = handler.handle(claim, [record]).claim
    with store.transaction() as connection:
        position.release(connection, JOINT_OFFICE, "bench")
    engine.dispose()  # the last connection of a SQLite file brings its log home: the file can be copied
