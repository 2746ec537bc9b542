"""Any history of three cities and the joint office, over all types of events and decisions: Hypothesis chooses what happens next.

In whatever order and pieces the sources are read, however often records come again: the same rows. Any order at all across
sources for the cities' events, decisions on keys, and days. The joint office's other decisions speak of what it saw (an
assessment names a version, a batch the products that are eligible), so they come when that is decided.
"""

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import select

from consumers.replay.replay import replay
from consumers.store.store import Store
from schemas import events
from schemas.tables import store as t
from tests.support.held_against import differences
from tests.support.interleaving import Hub, repeated, state
from tests.support.postgres_server import PostgresServer
from tests.support.registries import VERBS, Act
from tests.support.rulings import RULE, Ruling
from tests.support.scenes import Scene
from tests.support.stores import empty_again, made_store, memory_store, replay_store
from tests.support.twins import Passing, passes

HISTORIES = int(os.environ.get("CZT_TEST_HISTORIES", "16"))
STEPS = int(os.environ.get("CZT_TEST_STEPS", "20"))
FINAL = {"applied", "superseded", "rejected"}
SAID_OTHERWISE = {events.LISTED, events.DAY_BEGAN, events.SOURCE_CONTINUED}

CITY, SOURCE, SMALL = st.integers(0, 2), st.integers(0, 3), st.integers(0, 7)
ACTS = st.builds(
    Act,
    entry=st.integers(0, 1),
    verb=st.sampled_from(list(VERBS)),
    pick=st.integers(0, 15),
    signed=st.booleans(),
    lost=st.sampled_from((False, False, False, False, True)),
)
RULINGS = st.builds(Ruling, SMALL, SMALL)
PASSING = st.builds(
    Passing,
    kind=st.sampled_from(("join", "separate")),
    ruling=RULINGS,
    acts=st.lists(st.tuples(CITY, ACTS.filter(lambda act: act.verb != "answer")), max_size=4).map(tuple),
    days=st.integers(0, 1),
)


class AnyHistory(RuleBasedStateMachine):
    """What may happen next. `shuffled`: the store that is read in any order at the end."""

    shuffled: Callable[[], Store]

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene(memory_store("plain"))
        self.chance = random.Random(0)

    @rule(city=CITY, acts=st.lists(ACTS, min_size=1, max_size=4))
    def a_city_speaks(self, city: int, acts: list[Act]) -> None:
        """Some events of its register, an answer, a statement; some of them get lost."""
        for act in acts:
            self.scene.say(city, act)

    @rule(city=CITY)
    def a_city_sends_what_was_lost(self, city: int) -> None:
        """As the hub asks it to."""
        self.scene.send_what_was_lost(city)

    @rule(source=SOURCE, pick=st.integers(0, 24))
    def a_source_says_nothing_sensible(self, source: int, pick: int) -> None:
        """Junk, another's record, a forged one."""
        self.scene.say_nothing_sensible(source, pick)

    @rule(source=SOURCE, pick=st.integers(0, 24))
    def a_record_comes_again(self, source: int, pick: int) -> None:
        """The same bytes."""
        self.scene.send_again(source, pick)

    @rule(city=CITY, back=st.integers(1, 2), length=st.integers(1, 3))
    def a_city_forks(self, city: int, back: int, length: int) -> None:
        """A restored register goes on from an earlier event."""
        self.scene.fork(city, back, length)

    @rule(source=SOURCE)
    def a_source_takes_a_new_key(self, source: int) -> None:
        """Trusted by a decision, the old one revoked."""
        self.scene.rotate(source)

    @rule()
    def a_day_begins(self) -> None:
        """Whatever else happens."""
        self.scene.begin_day()

    @rule(kind=st.sampled_from(list(RULE)), ruling=RULINGS)
    def the_office_decides(self, kind: str, ruling: Ruling) -> None:
        """On what it sees."""
        self.scene.rule(lambda office, loader: RULE[kind][1](office, loader, ruling))

    @rule()
    def the_office_publishes_a_batch(self) -> None:
        """All is assessed, and what is then eligible published."""
        for pick in range(4):
            self.the_office_decides("assess", Ruling(pick, 0))
        self.the_office_decides("batch", Ruling(0, 0))

    @rule(city=CITY, pick=st.integers(0, 5))
    def a_chain_goes_on(self, city: int, pick: int) -> None:
        """Two people give a gap up, or take a fork for the city's history."""
        self.scene.go_on(city, pick)

    @rule(passing=PASSING)
    def a_decision_on_identity_is_undone(self, passing: Passing) -> None:
        """As if it had never been, whatever the cities said in between."""
        found = passes(self.scene, passing)
        assert not found, found

    @rule(seed=st.integers(0, 2**32))
    def another_order_is_drawn(self, seed: int) -> None:
        """For the check at the end."""
        self.chance = random.Random(seed)

    def teardown(self) -> None:
        """The history is over: compare the store with another order's, the naive reference's, and the replayed log's."""
        if sys.exc_info()[0] is None:
            self.scene.settle()
            check(self.scene, type(self).shuffled(), self.chance)


def check(scene: Scene, shuffled: Store, chance: random.Random) -> None:
    """Read the history in another order, in other pieces, with records that come again; and compare."""
    plain = scene.store
    assert differences(plain) == []
    once = outcomes(plain)
    topics, ends = repeated(scene.topics(), scene.chapters, chance, chance.randint(0, 12), refused(plain))
    hub = Hub(shuffled, scene.first_joint_key)
    for end in ends:
        hub.read(topics, end, chance)
    assert state(shuffled) == state(plain)
    again = outcomes(shuffled)
    for event, found in again.items():
        assert found - Counter(duplicate=found["duplicate"]) == once[event] - Counter(duplicate=once[event]["duplicate"]), event
        assert sum(found[outcome] for outcome in FINAL) <= 1
    copies = sum(map(len, topics.values())) - sum(map(len, scene.topics().values()))
    assert sum(found["duplicate"] for found in again.values()) == sum(found["duplicate"] for found in once.values()) + copies
    report = replay(shuffled, replay_store())
    assert report.equal, report.differences[:5]


def leaves(store: Store) -> list[dict[str, Any]]:
    """The log."""
    with store.snapshot() as loader:
        return [json.loads(bytes(leaf)) for leaf in loader.connection.execute(select(t.audit_entry.c.leaf)).scalars()]


def outcomes(store: Store) -> dict[tuple[str, int], Counter[str]]:
    """Source and sequence → what became of it, how often."""
    found: dict[tuple[str, int], Counter[str]] = {}
    for leaf in leaves(store):
        if "sequence" in leaf:
            found.setdefault((leaf["source"], leaf["sequence"]), Counter())[leaf["outcome"]] += 1
    return found


def refused(store: Store) -> set[tuple[str, int]]:
    """Source and offset of what was refused."""
    return {(leaf["source"], leaf["offset"]) for leaf in leaves(store) if leaf["outcome"] == "refused"}


def run(examples: int, shuffled: Callable[[], Store]) -> None:
    """So many histories."""
    machine = type("AnyHistory", (AnyHistory,), {"shuffled": staticmethod(shuffled)})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples, stateful_step_count=STEPS, deadline=None, suppress_health_check=checks)
    )


def test_any_order_gives_the_same_store() -> None:
    """Read in any interleaving, in any pieces, with anything published again: the same rows, one final outcome an event.

    The store is what a naive reference makes of the same events, and what its log is folded into; no city's event changes
    another city's listing; what was decided on identity and undone is as if it had never been.
    """
    run(HISTORIES, lambda: memory_store("shuffled"))


def test_any_order_on_postgresql(hasty_postgres_server: PostgresServer) -> None:
    """The same on PostgreSQL, row for row what SQLite holds."""
    store = made_store(hasty_postgres_server.create_database("histories"))

    def emptied() -> Store:
        empty_again(store)
        return store

    run(max(2, HISTORIES // 8), emptied)
    store.writer.dispose()
    store.reader.dispose()
    hasty_postgres_server.drop_database("histories")


@pytest.mark.parametrize("kind", events.ALL_TYPES.values(), ids=list(events.ALL_TYPES))
def test_every_type_may_happen(kind: events.EventType) -> None:
    """No type of event or decision is left out of the histories."""
    assert kind in {*VERBS.values(), *(made for made, _ in RULE.values()), *SAID_OTHERWISE}
