"""What every store must give when cities write the same product: one after the other, nobody for ever (see `test_store`)."""

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from sqlalchemy import Connection, Integer, select

from consumers.store.bulk import Row
from consumers.store.store import Store
from schemas import events
from schemas.rules import RULE_SET_1
from schemas.tables import store as t
from tests.support.cities import CHANGSHA
from tests.support.histories import History
from tests.support.sources import entry
from tests.support.stores import contents

LETTERS = "abcde"
WRITERS = 4


def _product(key: str, visits: int) -> Row:
    empty = {c.name: None if c.nullable else 0 if isinstance(c.type, Integer) else "" for c in t.product.columns}
    return tuple({**empty, "product_key": key, "batch": visits}.values())


def _visits(connection: Connection, store: Store, keys: Sequence[str]) -> Counter[str]:
    """How often each product was written; 0 for one that isn't there."""
    query = select(t.product.c.product_key, t.product.c.batch).where(store.bulk.among(t.product.c.product_key, keys))
    return Counter({row.product_key: row.batch or 0 for row in connection.execute(query)})


def _visit(store: Store, keys: Sequence[str]) -> None:
    """Read what is there under the lock, and write one more, as a batch does with a product's listings."""
    with store.transaction() as connection:
        store.bulk.lock_products(connection, keys)
        counted = _visits(connection, store, keys)
        store.bulk.upsert(connection, t.product, [_product(key, counted[key] + 1) for key in keys])


def _look(store: Store, keys: Sequence[str]) -> None:
    """Lock and write nothing, as a batch does whose events are rejected."""
    with store.transaction() as connection:
        store.bulk.lock_products(connection, keys)


@pytest.mark.parametrize("seed", range(2))
def test_overlapping_keys_in_any_order(store: Store, seed: int) -> None:
    """Many transactions on overlapping products, new and known, in any order: none is refused, none loses another's result."""
    chance = Random(seed)
    rounds = [[f"{letter}{turn // 2}" for letter in LETTERS] for turn in range(24)]  # each product is new in one, known in the next
    plans = [[chance.sample(keys, chance.randint(2, 5)) for keys in rounds] for _ in range(WRITERS)]
    together = threading.Barrier(WRITERS)

    def run(writer: int) -> None:
        for turn, keys in enumerate(plans[writer]):
            together.wait(60)
            (_look if (turn + writer) % 4 == 0 else _visit)(store, keys)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(run, range(WRITERS)))
    visits = Counter(
        key for writer, plan in enumerate(plans) for turn, keys in enumerate(plan) if (turn + writer) % 4 for key in keys
    )
    with store.snapshot() as loader:
        assert _visits(loader.connection, store, [key for keys in rounds for key in keys]) == visits


def test_two_that_cross(store: Store) -> None:
    """Two transactions that name two products in opposite order both end, and the second sees what the first wrote."""
    locked, asking = threading.Event(), threading.Event()

    def first() -> None:
        with store.transaction() as connection:
            store.bulk.lock_products(connection, ["a", "b"])
            locked.set()
            assert asking.wait(60)
            store.bulk.upsert(connection, t.product, [_product("b", 1), _product("a", 1)])

    def second() -> Counter[str]:
        assert locked.wait(60)
        asking.set()
        with store.transaction() as connection:
            store.bulk.lock_products(connection, ["b", "a"])
            return _visits(connection, store, ["a", "b"])

    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(first)
        assert pool.submit(second).result(20) == {"a": 1, "b": 1}
        running.result(20)


def test_no_keys(store: Store) -> None:
    """Nothing to lock is nothing to do."""
    with store.transaction() as connection:
        store.bulk.lock_products(connection, [])
    assert contents(store)["product_lock"] == []


def test_a_lock_makes_no_product(store: Store) -> None:
    """A batch whose events are all rejected locked their products, and there are none of them."""
    history = History(store)
    city = history.changsha
    history.joint.decide(events.KEY_TRUSTED, city.address, city.key_data())
    history.joint.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json")})
    city.say_entry(events.LISTED, 1, entry(CHANGSHA, "CSLX-00001", valid_from="2024-01-01", valid_to="2021-01-01"))
    history.decide_all()
    found = contents(store)
    assert found["product"] == []
    assert [row[5] for row in found["entry_head"] if row[0] == city.address] == [1]
