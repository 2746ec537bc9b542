"""In whatever order and pieces the sources are read, however often records come again: the same listings and products.

Any order at all across sources for the cities' events, decisions on keys, and days. The joint office's other decisions speak
of what it saw (an assessment names a version, a batch the products that are eligible), so they come when that is decided.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
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
from tests.support.scenes import Scene
from tests.support.stores import empty_again, made_store
from tests.support.stories import STORIES, Stage

EXAMPLES = int(os.environ.get("CZT_TEST_STORIES", "12"))
FINAL = {"applied", "superseded", "rejected"}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store, Store]]:
    """Three stores that are emptied for each example."""
    folder: Path = tmp_path_factory.mktemp("stories")
    made = tuple(made_store(f"sqlite:///{folder / name}.db") for name in ("plain", "shuffled", "replayed"))
    yield made  # type: ignore[misc]
    for store in made:
        store.writer.dispose()


def outcomes(store: Store) -> dict[tuple[str, int], Counter[str]]:
    """Source and sequence → what became of it, how often."""
    found: dict[tuple[str, int], Counter[str]] = {}
    with store.snapshot() as loader:
        for leaf in map(json.loads, loader.connection.execute(select(t.audit_entry.c.leaf)).scalars()):
            if "sequence" in leaf:
                found.setdefault((leaf["source"], leaf["sequence"]), Counter())[leaf["outcome"]] += 1
    return found


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(story=STORIES, seed=st.integers(0, 2**32), copies=st.integers(0, 12))
def test_any_order_gives_the_same_store(stores: tuple[Store, Store, Store], story: list[Stage], seed: int, copies: int) -> None:
    """Read in any interleaving, in any pieces, with anything published again: the same rows, one final outcome an event.

    The store is what a naive reference makes of the same events; no city's event changes another city's listing.
    """
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
