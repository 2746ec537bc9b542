"""Kill -9 of the hub at every statement of its batches: nothing is lost, nothing is applied twice, replay is equal."""

import json
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from consumers.outbound import Outbound, OutboundPolicy
from consumers.replay.compare import HISTORY
from consumers.store.store import Store
from schemas.events import RESEND_REQUESTED
from schemas.ports import Message
from schemas.tables import store as t
from tests.support.audited import Audited, failed
from tests.support.boundaries import COMMITTED
from tests.support.databases import Databases, SqliteDatabases
from tests.support.killed_hub import Hubs, hasty_store, hub
from tests.support.publishers import KeptMessages
from tests.support.renewal import renewal_of
from tests.support.rich_batches import Line, begin, go_on
from tests.support.stores import Contents, contents, made_store

PARTS = 20
"""The places are dealt out over so many tests, so that they run side by side."""
LEASE = "lease_until_us"
OWNERSHIP = {"epoch", "owner", LEASE}
Facts = dict[str, list[dict[str, Any]]]


def _facts(store: Store) -> Facts:
    """Everything in the store but who owns its sources."""
    return _without(OWNERSHIP, contents(store))


def _without(left_out: set[str], found: Contents) -> Facts:
    """Rows with the names of their columns, but for those left out."""
    facts = {}
    for name, rows in found.items():
        columns = t.metadata.tables[name].columns.keys()
        facts[name] = [{c: v for c, v in zip(columns, row, strict=True) if c not in left_out} for row in rows]
    return facts


def _messages(store: Store) -> list[Message]:
    """What the outbound relay sends of the log: receipts, products, dead letters. It asks for what is missing when it is late."""
    sent = KeptMessages()
    Outbound(store, sent, OutboundPolicy("outbound")).run_until_idle()
    return [message for message in sent.messages if RESEND_REQUESTED.encode() not in message.value]


class Killing:
    """A store that is put back before the first batch for each hub that dies."""

    def __init__(self, url: str, broker: Path) -> None:
        self._broker = broker
        made_store(url).writer.dispose()
        self.store = hasty_store(url)
        line = Line(broker, self.store)
        begin(line)
        self._renewal = renewal_of(self.store.writer)
        go_on(line)
        self.expected = _facts(self.store)
        self.expected_messages = _messages(self.store)
        self._renewal.renew()
        self.hubs = Hubs(broker, url)
        self._renewal.renew()
        places = self.hubs.run().places
        assert places is not None
        self.places = places
        self.undisturbed = _facts(self.store)
        self.after_commits = [self._prepared(), *self._after_each_commit()]
        self._gone_on_from: list[Facts] = []

    def _prepared(self) -> Facts:
        self._renewal.renew()
        return _facts(self.store)

    def _after_each_commit(self) -> Iterator[Facts]:
        for place, name in enumerate(self.places):
            if name == COMMITTED:
                self.kill(place)
                yield _facts(self.store)

    def kill(self, place: int) -> None:
        """Let a hub begin on the renewed store, and die at this place."""
        self._renewal.renew()
        ended = self.hubs.run(place)
        assert ended.code == -signal.SIGKILL, self.places[place]

    def finish(self) -> None:
        """Once the lease of the dead has ended, another hub goes on."""
        with self.store.transaction() as connection:
            connection.execute(update(t.source_position).values(lease_until_us=0))
        hub(self.store, self._broker, "standby").run_until_idle()

    def first_of_its_kind(self, found: Contents) -> bool:
        """Whether no hub has gone on yet from a store like this one; the lease's end, which `finish` sets, may differ."""
        left = _without({LEASE}, found)
        if left in self._gone_on_from:
            return False
        self._gone_on_from.append(left)
        return True

    def commits_before(self, place: int) -> int:
        """How many transactions a hub had committed that died at this place."""
        return self.places[: place + 1].count(COMMITTED)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def killing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing]:
    """Batches to be killed in, on each database."""
    folder = tmp_path_factory.mktemp("killed")
    databases: Databases = SqliteDatabases(folder)
    if request.param == "postgres":
        databases = request.getfixturevalue("hasty_postgres_server")
    found = Killing(databases.create_database("killed"), folder / "broker.db")
    yield found
    found.hubs.close()
    found.store.writer.dispose()
    databases.drop_database("killed")


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_every_statement(killing: Killing, part: int) -> None:
    """A hub that dies anywhere leaves whole transactions, and the next one ends as if nobody had died: store, log, messages."""
    for place in range(part, len(killing.places), PARTS):
        where = f"killed at {place}: {killing.places[place]}"
        killing.kill(place)
        found = contents(killing.store)
        assert _without(OWNERSHIP, found) == killing.after_commits[killing.commits_before(place)], where
        if killing.first_of_its_kind(found):  # what the same hub makes of the same store is known
            killing.finish()
            assert _facts(killing.store) == killing.expected, where
            assert _messages(killing.store) == killing.expected_messages, where


def test_what_the_killed_hub_would_have_done(killing: Killing) -> None:
    """Undisturbed, each event has one final outcome, in a log without a hole, and every kind of row and outcome occurs."""
    facts = killing.undisturbed
    assert facts == killing.expected
    leaves = [json.loads(row["leaf"]) for row in facts["audit_entry"]]
    assert [row["idx"] for row in facts["audit_entry"]] == list(range(len(leaves)))
    changsha = [leaf for leaf in leaves if leaf["source"] == "/registers/changsha"]
    assert [leaf["offset"] for leaf in changsha] == list(range(len(changsha)))
    assert Counter(leaf["outcome"] for leaf in changsha) == {
        "applied": 11,
        "duplicate": 1,
        "parked": 1,
        "refused": 2,
        "rejected": 1,
        "superseded": 1,
    }
    assert [leaf["reason"] for leaf in changsha if leaf["type"].endswith("statement.v1")] == ["statement_agrees"]
    decided = [(leaf["source"], leaf["sequence"]) for leaf in leaves if leaf["outcome"] not in ("duplicate", "refused")]
    assert len(decided) == len(set(decided)) == len(facts["received"])
    shared = [row["status"] for row in facts["product"] if len(json.loads(row["listings"])) == 2]
    assert shared == ["recognized"]
    assert {row["source"]: row["next_offset"] for row in facts["source_position"]} == {
        "/joint-office": 8,
        "/registers/changsha": len(changsha),
        "/registers/xiangtan": 0,
        "/registers/zhuzhou": 3,
    }
    assert [table.name for table in HISTORY if not facts[table.name]] == ["applicant"]


def test_every_commit_leaves_a_whole_store(killing: Killing) -> None:
    """Where a hub died right after a batch was committed, and at the end, the log verifies, and replay gives the store there is."""
    sizes = [len(facts["audit_entry"]) for facts in killing.after_commits]
    batches = 0
    for place, name in enumerate(killing.places):
        commits = killing.commits_before(place)
        if name == COMMITTED and sizes[commits] > sizes[commits - 1]:
            killing.kill(place)
            _prove(killing.store)
            batches += 1
    assert batches == 5
    killing.finish()
    _prove(killing.store)


def _prove(store: Store) -> None:
    audited = Audited(store)
    audited.checkpointer().sign()
    with store.snapshot() as reading:
        assert failed(audited.verified_against_store(reading.connection)) == {}
