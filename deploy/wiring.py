"""The only file that names concrete adapters: from settings to the parts of a running process, and their end."""

import os
import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, TypeVar

from deploy.keys import LOG_KEY, encoded, load_signer, load_trust
from deploy.next_keys import own_keys
from deploy.settings import Settings
from schemas.city import JOINT_OFFICE, source_name
from schemas.codec import shanghai_time
from schemas.connections import KafkaConnection
from schemas.errors import Both, DatabaseUnusable, SchemaOutdated, StoreUnavailable
from schemas.ports import Clock, Publisher, Signer, Subscriber, TopicAdmin
from schemas.signing import keyid_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from consumers.audit.archive import CheckpointArchive
    from consumers.audit.checkpoints import Checkpointer
    from consumers.core.model import TrustedKey
    from consumers.drift_watch import DriftWatch
    from consumers.late_products import LateProducts
    from consumers.outbound import Outbound
    from consumers.store.store import Store
    from consumers.worker import Observer, Worker
    from producers.city_file import CityFile
    from producers.relay import Relay, RelayReport
    from producers.statement import Stated

T = TypeVar("T")
Which = Literal["store", "source"]


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)


class Wiring:
    """The parts of one process, each made when it is first asked for, all closed at the end. Not thread-safe.

    Heavy libraries are imported where a part needs them: a command that reads one table should not wait for Kafka's.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock if clock is not None else SystemClock()
        # Random, because in containers host name and process id come back after a restart, and the lease must not.
        self.owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        # Set when the process is told to end: what waits for a service then gives up.
        self.stop = threading.Event()
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closing.close()

    def _closed_later(self, part: T, close: Callable[[], object]) -> T:
        self._closing.callback(close)
        return part

    @cached_property
    def _kafka(self) -> KafkaConnection:
        settings = self.settings
        password = settings.kafka_password_file
        return KafkaConnection(
            bootstrap=settings.bootstrap,
            security=settings.kafka_security,
            username=settings.kafka_username,
            password=password.read_text("utf-8").strip() if password else "",
            ca_file=settings.kafka_ca_file,
        )

    @cached_property
    def publisher(self) -> Publisher:
        """The broker's writing side."""
        made: Publisher
        if self.settings.broker_file is not None:
            from producers.sqlite_publisher import SqlitePublisher

            made = SqlitePublisher(self.settings.broker_file)
        else:
            from producers.kafka_publisher import KafkaPublisher

            made = KafkaPublisher(self._kafka, self.settings.delivery_timeout_seconds, self.stop)
        return self._closed_later(made, made.close)

    @cached_property
    def subscriber(self) -> Subscriber:
        """The broker's reading side."""
        made: Subscriber
        if self.settings.broker_file is not None:
            from consumers.sqlite_subscriber import SqliteSubscriber

            made = SqliteSubscriber(self.settings.broker_file)
        else:
            from consumers.kafka_subscriber import KafkaSubscriber

            made = KafkaSubscriber(self._kafka)
        return self._closed_later(made, made.close)

    @cached_property
    def topics(self) -> TopicAdmin:
        """Makes and checks topics."""
        made: TopicAdmin
        if self.settings.broker_file is not None:
            from producers.sqlite_topics import SqliteTopics

            made = SqliteTopics(self.settings.broker_file)
        else:
            from producers.kafka_topics import KafkaTopics

            made = KafkaTopics(self._kafka, self.settings.kafka_replication)
        return self._closed_later(made, made.close)

    def engine(self, url: str) -> "Engine":
        """A writing engine, whether or not its tables are there."""
        from deploy.databases import writer_engine

        made = writer_engine(url, self.settings.silence_seconds)
        return self._closed_later(made, made.dispose)

    def existing(self, url: str, which: Which) -> "Engine":
        """A writing engine on a database with this version's tables.

        Raises `SchemaOutdated`, `StoreUnavailable`; never makes an empty SQLite file.
        """
        from deploy.revision import require_revision

        if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
            where = url.removeprefix("sqlite:///")
            raise SchemaOutdated(
                Both(f"没有数据库文件 {where}。", f"There is no database at {where}."),
                Both("请运行 czt init；已运行过的，请检查 CZT_HOME。", "Run `czt init`; check CZT_HOME if it was run."),
            )
        made = self.engine(url)
        require_revision(made, which)
        return made

    @cached_property
    def store(self) -> "Store":
        """The shared store. Raises `SchemaOutdated`, `StoreUnavailable`."""
        return self.store_on(self.existing(self.settings.store_url, "store"))

    def store_on(self, writer: "Engine") -> "Store":
        """A store on an engine, with the bulk writer of its database."""
        from consumers.store.store import Store
        from deploy.databases import reader_engine

        if writer.dialect.name == "sqlite":
            from consumers.store.sqlite_bulk import SqliteBulk

            return Store(writer, reader_engine(writer), SqliteBulk())
        from consumers.store.postgres_bulk import PostgresBulk

        return Store(writer, reader_engine(writer), PostgresBulk())

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source of this installation. Raises `SettingsInvalid` when a city's file is wrong."""
        return self.settings.cities.sources

    def source_engine(self, source: str) -> "Engine":
        """The database of a city's register, or the joint office's, to write to.

        Raises `SchemaOutdated`, `StoreUnavailable`, `DatabaseUnusable`, also for another source's database, `UnsafeDatabase`.
        """
        from deploy.databases import check_durable
        from producers.seal import prepare
        from schemas.tables.transactions import transaction

        made = self.existing(self.source_url(source), "source")
        check_durable(made)
        with transaction(made) as connection:
            prepare(connection, source)
        return made

    def source_url(self, source: str) -> str:
        """The address of that database."""
        if source == JOINT_OFFICE:
            return self.settings.joint_url
        return self.settings.register_of(source_name(source))

    def signer(self, source: str) -> Signer:
        """The private key of a source, or of the log (`SHARED_STORE`). Raises `KeyMissing`, `KeyUnusable`."""
        return load_signer(self.settings.key_dir, source_name(source))

    def own_keys(self, source: str) -> dict[str, bytes]:
        """A source's public keys by id: in use, next and former. Raises `KeyUnusable`."""
        return own_keys(self.settings.key_dir, source_name(source))

    def relay(self, source: str, observe: "Callable[[RelayReport, int], None] | None" = None) -> "Relay":
        """The relay of a source, ready to run. `observe` is told of each run and of what waits."""
        from producers.relay import Relay, RelayPolicy

        policy = RelayPolicy(self.owner, self.settings.owner_lease_seconds)
        tell = observe if observe is not None else (lambda _report, _unsent: None)
        made = Relay(
            self.source_engine(source),
            source,
            self.signer(source),
            self.publisher,
            self.subscriber,
            policy,
            tell,
            None if source == JOINT_OFFICE else lambda connection: self.state(connection, source),
            None if source == JOINT_OFFICE else lambda connection: self.take_captured(connection, source),
            self.own_keys(source),
        )
        made.prepare()
        return made

    def take_captured(self, connection: "Connection", source: str) -> bool:
        """Take what triggers captured into a city's register; whether many more may wait. The caller holds the register's lock."""
        from producers.capture.take import take

        return take(connection, self.city_file(source), self.clock.now())

    def city_file(self, source: str) -> "CityFile":
        """What a city's own file says. Raises `SettingsInvalid`."""
        cities = self.settings.cities
        return cities.file_of(cities.of(source_name(source)))

    def state(self, connection: "Connection", source: str) -> "Stated":
        """A city's closing statement, sealed in the caller's transaction; what triggers captured is taken first."""
        from producers import register
        from producers.statement import state

        register.lock(connection)
        while self.take_captured(connection, source):
            pass
        return state(connection, source, shanghai_time(self.clock.now()))

    def first_joint_key(self) -> "TrustedKey":
        """The joint office's first key, from the trust file. Raises `KeyMissing`, `KeyUnusable`."""
        from consumers.core.model import TrustedKey

        key = load_trust(self.settings.trust_file)
        return TrustedKey(JOINT_OFFICE, keyid_of(key), "joint", encoded(key), 1)

    def worker(self, sources: tuple[str, ...], observe: "Observer") -> "Worker":
        """A worker on these sources. Raises `KeyMissing`, `KeyUnusable`."""
        from consumers.handle import Handler
        from consumers.worker import Worker, WorkerPolicy

        policy = WorkerPolicy(self.owner, sources, self.settings.owner_lease_seconds)
        handler = Handler(self.store, self.clock, self.first_joint_key())
        return Worker(self.store, self.subscriber, handler, policy, observe)

    def outbound(self) -> "Outbound":
        """Sends receipts, products and dead letters."""
        from consumers.outbound import Outbound, OutboundPolicy

        return Outbound(self.store, self.publisher, OutboundPolicy(self.owner, self.settings.owner_lease_seconds))

    def late_products(self) -> "LateProducts":
        """Publishes products again that another outbound relay wrote late."""
        from consumers.late_products import LateProducts

        return LateProducts(self.store, self.publisher, self.subscriber, self.owner)

    def drift_watch(self) -> "DriftWatch":
        """Holds the store against the log where a statement differed."""
        from consumers.drift_watch import DriftWatch

        return DriftWatch(self.store, self.owner)

    def log_key(self) -> Signer:
        """Signs checkpoints. Raises `KeyMissing`, `KeyUnusable`."""
        return load_signer(self.settings.key_dir, LOG_KEY)

    @cached_property
    def archive(self) -> "CheckpointArchive":
        """Where signed checkpoints are kept, outside the store."""
        from consumers.audit.archive import SqliteArchive
        from deploy.databases import reader_engine

        engine = self.engine(f"sqlite:///{self.settings.checkpoints_file}")
        return SqliteArchive(engine, reader_engine(engine))

    def checkpointer(self) -> "Checkpointer":
        """Signs, archives and publishes checkpoints. Raises `KeyMissing`, `KeyUnusable`."""
        from consumers.audit.checkpoints import Checkpointer

        settings = self.settings
        return Checkpointer(self.store, self.archive, self.log_key(), settings.log_origin, self.publisher, self.clock)

    def log_size(self) -> int:
        """Entries in the store's audit log. Raises `SchemaOutdated`, `StoreUnavailable`."""
        from consumers.store import log

        with self.store.snapshot() as loader:
            return log.size(loader.connection)

    def known_log_size(self) -> int:
        """The same, or 0 where the store can't be read: the size a decision names when nobody knows better."""
        try:
            return self.log_size()
        except (DatabaseUnusable, SchemaOutdated, StoreUnavailable):
            return 0
