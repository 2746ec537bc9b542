"""Who writes a city's register on a real PostgreSQL takes its locks in one order: register first, then the seal's row."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Semaphore

import pytest
from sqlalchemy import Connection, Engine, func, select

from producers import register
from producers.diff import diff
from producers.relay import Relay, RelayPolicy
from producers.statement import Stated, state
from schemas.events import STATEMENT, STATEMENT_REQUESTED
from schemas.ports import Message, Record
from schemas.tables.source import outbox
from schemas.topics import receipts_topic
from tests.support.cities import CHANGSHA
from tests.support.databases import opened_database, source_template
from tests.support.entries import entry
from tests.support.fakes import FakeBroker, fake_signer
from tests.support.postgres_server import PostgresServer

RECEIPTS = receipts_topic(CHANGSHA.source)
TIME = "2021-07-22T09:00:00+08:00"
ROUNDS = 20
"""With the locks taken in two orders one of the first few ends in a deadlock."""


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[Engine]:
    """Changsha's register on PostgreSQL."""
    with (
        source_template(postgres_server, "lock_template") as template,
        opened_database(postgres_server, "lock_order", template) as engine,
    ):
        yield engine


def _slowly_stated(connection: Connection) -> Stated:
    """As `Wiring.state`, which looks for captured rows between its locks; here that takes long enough for others to come in."""
    register.read(connection)
    return state(connection, CHANGSHA.source, TIME)


@dataclass
class _Telling(FakeBroker):
    """Tells, by `asked`, when a relay has read a request and is about to answer it."""

    asked: Semaphore = field(default_factory=lambda: Semaphore(0))

    def fetch(self, topic: str, partition: int, offset: int, limit: int, timeout_seconds: float) -> list[Record]:
        """See Subscriber."""
        if topic == RECEIPTS:
            self.asked.release()
        return super().fetch(topic, partition, offset, limit, timeout_seconds)


def _request(broker: FakeBroker) -> None:
    """The shared store asks for a statement."""
    value = json.dumps({"type": STATEMENT_REQUESTED, "data": {"source": CHANGSHA.source}}).encode()
    broker.publish([Message(RECEIPTS, b"", value, ())])


def test_statements_asked_for_and_made_by_hand_at_once(database: Engine) -> None:
    """A relay that answers the shared store's request and `czt city statement` at the same moment both come through, every time."""
    broker = _Telling()
    relay = Relay(database, CHANGSHA.source, fake_signer(), broker, broker, RelayPolicy("a", 60.0), state=_slowly_stated)
    relay.prepare()
    with database.begin() as connection:
        changes = diff(register.read(connection), [entry(number) for number in range(1, 41)])
        register.apply(connection, [(change, None) for change in changes], TIME)
    relay.run_once()

    def by_hand() -> None:
        for _ in range(ROUNDS):
            assert broker.asked.acquire(timeout=20)
            with database.begin() as connection:
                register.lock(connection)
                _slowly_stated(connection)

    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(by_hand)
        for _ in range(ROUNDS):
            _request(broker)
            relay.run_once()
        made.result()
    relay.run_once()
    with database.connect() as connection:
        stated = select(func.count()).select_from(outbox).where(outbox.c.type == STATEMENT.name, outbox.c.sent_offset.is_not(None))
        assert connection.execute(stated).scalar_one() == 2 * ROUNDS
