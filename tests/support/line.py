"""One city from register to shared store: the real relay, worker and outbound relay, on any broker and database.

What lies between the city's topic and the hub can be spoiled (`Mangled`), the database's clock can be moved, and the
register can be put back to an earlier state.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select

from consumers.handle import Handler
from consumers.outbound import Outbound, OutboundPolicy
from consumers.replay.replay import replay
from consumers.store import queries
from consumers.store.postgres_bulk import PostgresBulk
from consumers.store.sqlite_bulk import SqliteBulk
from consumers.store.store import Store
from consumers.worker import Worker, WorkerPolicy
from producers import register
from producers.catch_up import CaughtUp, catch_up
from producers.diff import diff
from producers.relay import Relay, RelayPolicy, RelayReport, messages
from producers.statement import Stated, state
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.ports import Message, Publisher, Record, Subscriber
from schemas.rules import RULE_SET_1
from schemas.tables import source as s
from schemas.tables import store as t
from schemas.topics import topic_of
from tests.support.cities import CHANGSHA, SOURCES
from tests.support.entries import entry
from tests.support.histories import NOW, FixedClock
from tests.support.sources import Source, uscc
from tests.support.stores import replay_store

SOURCE = CHANGSHA.source
TOPIC = topic_of(SOURCE)
TIME = "2021-07-22T09:00:00+08:00"
Mangle = Callable[[list[Record]], list[Record]]


def faithful(records: list[Record]) -> list[Record]:
    """Every record as it is."""
    return records


class Mangled:
    """A `Subscriber` that shows one topic otherwise than it is: `mangle` changes the next new stretch before the hub sees it."""

    def __init__(self, inner: Subscriber, topic: str) -> None:
        self.mangle: Mangle = faithful
        self.shown: list[Record] = []
        self._inner = inner
        self._topic = topic
        self._read = 0

    def look(self) -> None:
        """Take over what is new."""
        new: list[Record] = []
        while len(new) < (missing := self._inner.end_offset(self._topic, 0) - self._read):
            new += self._inner.fetch(self._topic, 0, self._read + len(new), missing - len(new), 5)
        self._read += len(new)
        if new:
            mangle, self.mangle = self.mangle, faithful
            self.deliver(mangle(new))

    def deliver(self, records: Sequence[Record]) -> None:
        """Show these records next."""
        self.shown += [replace(record, offset=len(self.shown) + place) for place, record in enumerate(records)]

    def rebuilt(self) -> None:
        """The broker was rebuilt: what was shown is gone."""
        self.shown, self._read = [], 0

    def fetch(self, topic: str, partition: int, offset: int, limit: int, timeout_seconds: float) -> list[Record]:
        """See Subscriber."""
        if topic != self._topic:
            return self._inner.fetch(topic, partition, offset, limit, timeout_seconds)
        self.look()
        if offset > len(self.shown):
            return self._inner.fetch(topic, partition, offset + self._read, limit, timeout_seconds)
        return self.shown[offset : offset + limit]

    def end_offset(self, topic: str, partition: int) -> int:
        """See Subscriber."""
        if topic != self._topic:
            return self._inner.end_offset(topic, partition)
        self.look()
        return len(self.shown)

    def close(self) -> None:
        """The inner one is closed by whoever made it."""


class LaterSqlite(SqliteBulk):
    """A database whose clock can be moved."""

    shift_us = 0

    def now_us(self, connection: Connection) -> int:
        """See Bulk."""
        return super().now_us(connection) + self.shift_us


class LaterPostgres(PostgresBulk):
    """A database whose clock can be moved."""

    shift_us = 0

    def now_us(self, connection: Connection) -> int:
        """See Bulk."""
        return super().now_us(connection) + self.shift_us


Rows = dict[str, list[dict[str, Any]]]


class Line:
    """Changsha's register and everything behind it. `copy`: another register database under the same key."""

    def __init__(self, engine: Engine, store: Store, publisher: Publisher, subscriber: Subscriber) -> None:
        self.engine, self.store = engine, store
        self.publisher, self.subscriber = publisher, subscriber
        self.view = Mangled(subscriber, TOPIC)
        self.clock = LaterSqlite() if store.writer.dialect.name == "sqlite" else LaterPostgres()
        store.bulk = self.clock
        self.joint = Source(JOINT_OFFICE)
        self.signer = Source(SOURCE).signer
        s.metadata.create_all(engine)
        self.handler = Handler(store, FixedClock(), self.joint.trusted())
        self._outbound = Outbound(store, publisher, OutboundPolicy("outbound", poll_seconds=0))
        self._relay = self.relay_on(engine)
        self.decide(events.KEY_TRUSTED, SOURCE, Source(SOURCE).key_data())
        self.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json")})
        self.decide(events.DAY_BEGAN, "2021-07-22", {"day": "2021-07-22"})
        self.hub()

    # the joint office

    def decide(self, kind: events.EventType, subject: str, data: dict[str, Any]) -> None:
        """A decision of two people on its topic."""
        record = self.joint.decide(kind, subject, data)
        assert record.value is not None
        self.publisher.publish([Message(record.topic, b"", record.value, record.headers, partition=0)])

    # the city

    def relay_on(self, engine: Engine, owner: str = "relay") -> Relay:
        """A new relay process; it knows nothing but its database and its topic."""
        policy = RelayPolicy(owner)
        relay = Relay(engine, SOURCE, self.signer, self.publisher, self.subscriber, policy, state=lambda c: state(c, SOURCE, TIME))
        relay.prepare()
        return relay

    def restart_relay(self) -> None:
        """The relay's process ends and another starts."""
        self._relay.release()
        self._relay = self.relay_on(self.engine)

    def relay(self) -> RelayReport:
        """Seal, send, answer."""
        report = self._relay.run_once()
        assert report is not None
        self.view.look()
        return report

    def enter(self, *numbers: int, engine: Engine | None = None, **fields: Any) -> None:
        """New entries, or changes of those that are there."""
        with (engine or self.engine).begin() as connection:
            changes = diff(register.read(connection), [entry(number, **{"uscc": uscc(1), **fields}) for number in numbers])
            register.apply(connection, [(change, None) for change in changes], TIME)

    def send(self, *numbers: int, **fields: Any) -> None:
        """Enter and relay."""
        self.enter(*numbers, **fields)
        self.relay()

    def state(self) -> Stated:
        """A closing statement, relayed."""
        with self.engine.begin() as connection:
            made = state(connection, SOURCE, TIME)
        self.relay()
        return made

    def backup(self) -> Rows:
        """The register database as it is now."""
        with self.engine.begin() as connection:
            return {
                table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in s.metadata.sorted_tables
            }

    def restore(self, rows: Rows) -> None:
        """Put a backup back in place of what is there."""
        with self.engine.begin() as connection:
            for table in s.metadata.sorted_tables:
                connection.execute(delete(table))
                if rows[table.name]:
                    connection.execute(insert(table), rows[table.name])
        self._relay = self.relay_on(self.engine)

    def catch_up(self, engine: Engine | None = None) -> tuple[CaughtUp, Stated]:
        """`czt city catch-up`."""
        keys = {self.signer.keyid: self.signer.public_key}
        database = engine or self.engine
        read = catch_up(database, SOURCE, keys, self.subscriber, "relay", 10)
        with database.begin() as connection:
            done = read.apply(connection)
            return done, state(connection, SOURCE, TIME)

    def send_blindly(self, engine: Engine | None = None) -> None:
        """Publish what is sealed without a look at the topic, as a faulty program would."""
        with (engine or self.engine).begin() as connection:
            query = select(s.outbox).where(s.outbox.c.sequence.is_not(None), s.outbox.c.sent_offset.is_(None))
            rows = connection.execute(query.order_by(s.outbox.c.sequence)).mappings().all()
        self.publisher.publish(messages(SOURCE, self.signer, rows))
        self.view.look()

    def junk(self, *values: bytes) -> None:
        """Records of somebody else on the city's topic."""
        self.publisher.publish([Message(TOPIC, None, value, partition=0) for value in values])

    # the shared side

    def hub(self) -> dict[str, int]:
        """A hub decides what can be decided; outcomes of the city's records in this run."""
        before = self.status()["outcomes"]
        worker = Worker(
            self.store, self.view, self.handler, WorkerPolicy("hub", (JOINT_OFFICE, SOURCE), poll_seconds=0.05), lambda *_: None
        )
        worker.run_until_idle()
        after = self.status()["outcomes"]
        return {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}

    def ask(self) -> int:
        """The outbound relay sends what is due; how many requests that were."""
        before = self._outbound.sent["requests"]
        self._outbound.run_until_idle()
        return self._outbound.sent["requests"] - before

    def later(self, seconds: float) -> None:
        """Time passes on the store's database."""
        self.clock.shift_us += int(seconds * 1_000_000)

    def settle(self, rounds: int = 12) -> None:
        """Let everybody work, an hour a round, until nothing moves."""
        for _ in range(rounds):
            moved = sum(self.hub().values())
            asked, report = self.ask(), self.relay()
            if not (moved or asked or report.published or report.resent):
                return
            self.later(3600)
        raise AssertionError(f"still moving after {rounds} rounds: {self.status()}")

    def status(self, seconds_later: float = 0) -> dict[str, Any]:
        """The city's part of `czt hub status`, so many seconds of the database's clock from now."""
        with self.store.snapshot() as loader:
            moment = loader.bulk.now_us(loader.connection) / 1_000_000 + seconds_later
            now = NOW.fromtimestamp(moment, NOW.tzinfo)
            found: dict[str, Any] = next(
                one
                for one in queries.status(loader, SOURCES, {SOURCE: len(self.view.shown)}, now, None)["sources"]
                if one["source"] == SOURCE
            )
        return found

    def reasons(self) -> list[tuple[str, str | None]]:
        """(outcome, reason) of each of the city's records, in the log's order."""
        with self.store.snapshot() as loader:
            found = queries.events(loader, source=SOURCE, outcome=None, since=None, limit=10_000, cursor=0)["events"]
        return [(one["outcome"], one["reason"]) for one in found]

    def requests(self) -> list[str]:
        """Ids of the requests on the receipts topic."""
        topic = "czt.receipts.changsha"
        end = self.subscriber.end_offset(topic, 0)
        records: list[Record] = []
        while len(records) < end:
            records += self.subscriber.fetch(topic, 0, len(records), end - len(records), 5)
        return [record.key.decode() for record in records if record.key is not None and not record.key.isdigit()]

    def differences(self) -> list[str]:
        """Certificate numbers that the register and what the store was sent do not agree on."""
        with self.engine.begin() as connection:
            query = select(s.register_entry.c.certificate_no, s.register_entry.c.version, s.register_entry.c.entry_hash)
            ours = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
        with self.store.snapshot() as loader:
            heads = select(t.entry_head).where(t.entry_head.c.source == SOURCE, t.entry_head.c.sent_hash.is_not(None))
            rows = loader.connection.execute(heads).mappings()
            theirs = {row["subject"]: (row["sent_version"], row["sent_hash"]) for row in rows}
        return sorted(number for number in ours.keys() | theirs.keys() if ours.get(number) != theirs.get(number))

    def check_whole(self) -> None:
        """Raises AssertionError unless all is as if nothing had happened, a statement says so, and the log replays."""
        self.state()
        self.settle()
        status = self.status()
        assert (status["gaps"], status["forked"], status["unvouched"], status["rewound"]) == ([], False, 0, False), status
        assert self.differences() == []
        assert status["verified_through"] == status["received_through"], status
        assert not [reason for _, reason in self.reasons() if reason == "statement_differs"]
        report = replay(self.store, replay_store())
        assert report.differences == ()
