"""In whatever order and pieces the sources are read, however often records come again: the same listings and products.

Any order at all across sources for the cities' events, decisions on keys, and days. The joint office's other decisions speak
of what it saw (an assessment names a version, a batch the products that are eligible), so they come when that is decided.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from consumers.replay.replay import replay
from consumers.store.store import Store
from schemas.tables import store as t
from tests.support.held_against import differences
from tests.support.interleaving import Hub, repeated, state
from tests.support.postgres_server import PostgresServer
from tests.support.scenes import Scene
from tests.support.stores import empty_again, made_store
from tests.support.stories import STORIES, Stage

EXAMPLES = int(os.environ.get("CZT_TEST_STORIES", "12"))
FINAL = {"applied", "superseded", "rejected"}


Stores = tuple[Store, Store, Store]
"""The plain one, the one that is read in any order, and the one that its log is folded into."""


def made_stores(folder: Path, shuffled: str) -> Iterator[Stores]:
    """Three stores that are emptied for each example; the second at this address."""
    plain, replayed = (made_store(f"sqlite:///{folder / name}.db") for name in ("plain", "replayed"))
    made = plain, made_store(shuffled), replayed
    yield made
    for store in made:
        store.writer.dispose()
        store.reader.dispose()


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """All on SQLite."""
    folder = tmp_path_factory.mktemp("stories")
    yield from made_stores(folder, f"sqlite:///{folder / 'shuffled'}.db")


@pytest.fixture(scope="module")
def stores_on_postgres(hasty_postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """The one that is read in any order on PostgreSQL."""
    yield from made_stores(tmp_path_factory.mktemp("stories"), hasty_postgres_server.create_database("stories"))
    hasty_postgres_server.drop_database("stories")


def outcomes(store: Store) -> dict[tuple[str, int], Counter[str]]:
    """Source and sequence → what became of it, how often."""
    found: dict[tuple[str, int], Counter[str]] = {}
    with store.snapshot() as loader:
        for leaf in map(json.loads, loader.connection.execute(select(t.audit_entry.c.leaf)).scalars()):
            if "sequence" in leaf:
                found.setdefault((leaf["source"], leaf["sequence"]), Counter())[leaf["outcome"]] += 1
    return found


def any_order(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with so many stories."""

    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        drawn = given(story=STORIES, seed=st.integers(0, 2**32), copies=st.integers(0, 12))(test)
        return settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])(drawn)

    return decorated


@any_order(EXAMPLES)
def test_any_order_gives_the_same_store(stores: Stores, story: list[Stage], seed: int, copies: int) -> None:
    """Read in any interleaving, in any pieces, with anything published again: the same rows, one final outcome an event.

    The store is what a naive reference makes of the same events; no city's event changes another city's listing.
    """
    check_any_order(stores, story, seed, copies)


@any_order(max(2, EXAMPLES // 6))
def test_any_order_on_postgresql(stores_on_postgres: Stores, story: list[Stage], seed: int, copies: int) -> None:
    """The same on PostgreSQL, row for row what SQLite holds."""
    check_any_order(stores_on_postgres, story, seed, copies)


def check_any_order(stores: Stores, story: list[Stage], seed: int, copies: int) -> None:
    """Play a story plainly and shuffled, and compare: with each other, the naive reference, and the replayed log."""
    plain, shuffled, replayed = stores
    for store in stores:
        empty_again(store)
    scene = Scene(plain)
    for stage in story:
        scene.play(stage)
    assert differences(plain) == []
    chance = random.Random(seed)
    original = [end for chapter in scene.chapters for end in (chapter.free, chapter.end)]
    topics, ends = repeated(scene.topics(), original, chance, copies)
    hub = Hub(shuffled, scene.joint.trusted())
    for end in ends:
        hub.read(topics, end, chance)

    assert state(shuffled) == state(plain)
    once, again = outcomes(plain), outcomes(shuffled)
    for event, found in again.items():
        assert found - Counter(duplicate=found["duplicate"]) == once[event], event
        assert sum(found[outcome] for outcome in FINAL) <= 1
    assert sum(found["duplicate"] for found in again.values()) == sum(map(len, topics.values())) - sum(
        map(len, scene.topics().values())
    )
    report = replay(shuffled, replayed)
    assert report.equal, report.differences[:5]
