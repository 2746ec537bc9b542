"""What every store must give to hold a source: leases by the database's clock, a fence before each batch (see `test_store`)."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Connection, select

from consumers.store import position
from consumers.store.position import Claim
from consumers.store.store import Store
from schemas.errors import Fenced
from schemas.tables import store as t
from tests.support.cities import CHANGSHA, ZHUZHOU
from tests.support.stores import contents, opened_store

OURS, THEIRS = CHANGSHA.source, ZHUZHOU.source
LEASE_SECONDS = 10.0


class _LaterBulk:
    """A store's `Bulk` as far as leases need it, whose database's clock is ahead."""

    def __init__(self, store: Store, seconds: float) -> None:
        self.insert, self.upsert = store.bulk.insert, store.bulk.upsert
        self.among, self.lock_products = store.bulk.among, store.bulk.lock_products
        self._now_us = store.bulk.now_us
        self._ahead_us = int(seconds * 1_000_000)

    def now_us(self, connection: Connection) -> int:
        """The database's clock and so much more."""
        return self._now_us(connection) + self._ahead_us


def _claim(store: Store, owner: str, later_seconds: float = 0.0) -> Claim | None:
    with store.transaction() as connection:
        return position.claim(connection, _LaterBulk(store, later_seconds), OURS, owner, LEASE_SECONDS)


def _held(store: Store, owner: str, later_seconds: float = 0.0) -> Claim:
    found = _claim(store, owner, later_seconds)
    assert found is not None
    return found


def test_one_owner_at_a_time(store: Store) -> None:
    """Who comes first holds the source; the other gets nothing, and another source is free."""
    assert _held(store, "first") == Claim(OURS, 1, 0)
    assert _claim(store, "second") is None
    with store.transaction() as connection:
        assert position.claim(connection, store.bulk, THEIRS, "second", LEASE_SECONDS) == Claim(THEIRS, 1, 0)


def test_renewing(store: Store) -> None:
    """The owner claims again under the same epoch, and the lease then runs from there."""
    first = _held(store, "first")
    assert _held(store, "first", 6) == first
    assert _claim(store, "second", 12) is None
    assert _claim(store, "second", 17) is not None


def test_renewing_everything_at_once(store: Store) -> None:
    """An owner renews all it holds in one go and learns what it lost; a standby sees in one look what is free."""
    _held(store, "first")
    with store.transaction() as connection:
        assert position.claim(connection, store.bulk, THEIRS, "first", LEASE_SECONDS) is not None
    _held(store, "second", LEASE_SECONDS + 1)
    later = _LaterBulk(store, LEASE_SECONDS + 2)
    with store.transaction() as connection:
        assert position.renew(connection, later, "first", LEASE_SECONDS) == {THEIRS}
    with store.snapshot() as loader:
        assert position.free(loader.connection, later, "third").isdisjoint({OURS, THEIRS})
        assert OURS in position.free(loader.connection, later, "second")
        assert THEIRS in position.free(loader.connection, _LaterBulk(store, 3 * LEASE_SECONDS), "third")


def test_taking_over(store: Store) -> None:
    """Once the lease has ended by the database's clock another takes the source under a higher epoch, where the first one was."""
    first = _held(store, "first")
    with store.transaction() as connection:
        position.lock(connection, first)
        first = position.advance(connection, first, 7, None)
    assert _claim(store, "second", LEASE_SECONDS - 1) is None
    assert _held(store, "second", LEASE_SECONDS + 1) == Claim(OURS, 2, 7)
    assert _claim(store, "first", LEASE_SECONDS + 2) is None


def test_releasing(store: Store) -> None:
    """A source that was given back is free at once, under a higher epoch; nobody gives back what another holds."""
    _held(store, "first")
    with store.transaction() as connection:
        position.release(connection, OURS, "second")
    assert _claim(store, "second") is None
    with store.transaction() as connection:
        position.release(connection, OURS, "first")
    assert _held(store, "second").epoch == 2


def test_claiming_at_the_same_time(store: Store) -> None:
    """Of several processes that ask at once, one gets the source, each time again."""
    together = threading.Barrier(4)

    def ask(owner: str) -> list[Claim | None]:
        found = []
        for turn in range(10):
            together.wait(60)
            found.append(_claim(store, f"{owner}{turn}", turn * 2 * LEASE_SECONDS))
        return found

    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(ask, "abcd"))
    for turn, found in enumerate(zip(*asked, strict=True)):
        assert [claim for claim in found if claim is not None] == [Claim(OURS, turn + 1, 0)]


def test_fence(store: Store) -> None:
    """A batch under a former epoch, or that begins anywhere but at the next record, is refused before it writes."""
    claim = _held(store, "first")
    with store.transaction() as connection:
        position.lock(connection, claim)
        after = position.advance(connection, claim, 5, 1_000)
    assert after == Claim(OURS, 1, 5)
    before = contents(store)
    for wrong in (claim, replace(after, epoch=0), replace(after, epoch=2), replace(after, next_offset=6)):
        with pytest.raises(Fenced, match="expected"), store.transaction() as connection:
            position.lock(connection, wrong)
    with pytest.raises(Fenced), store.transaction() as connection:
        position.note_waiting(connection, store.bulk, claim, 3)
    assert contents(store) == before


def test_one_batch_an_offset(store: Store) -> None:
    """Of several processes that hold the same claim, as after a pause, exactly one commits its batch."""
    claim = _held(store, "first")

    def batch(_: int) -> int:
        try:
            with store.transaction() as connection:
                position.lock(connection, claim)
                store.bulk.upsert(connection, t.fork_record, [(OURS, "0" * 64)])
                position.advance(connection, claim, 5, None)
        except Fenced:
            return 0
        return 1

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(batch, range(6))) == 1


def test_what_waits(store: Store) -> None:
    """Since when records wait is kept while some do, and forgotten when a batch was decided."""
    claim = _held(store, "first")
    seen = []
    for waiting in (3, 5, 0, 2):
        with store.transaction() as connection:
            position.note_waiting(connection, store.bulk, claim, waiting)
            query = select(t.source_position.c.waiting, t.source_position.c.waiting_since_us).where(
                t.source_position.c.source == OURS
            )
            seen.append(connection.execute(query).one())
    assert [row.waiting for row in seen] == [3, 5, 0, 2]
    assert seen[0].waiting_since_us == seen[1].waiting_since_us
    assert seen[2].waiting_since_us is None
    assert seen[3].waiting_since_us >= seen[0].waiting_since_us
    with store.transaction() as connection:
        position.lock(connection, claim)
        position.advance(connection, claim, 1, None)
        assert connection.execute(query).one() == (0, None)


def test_the_clock_goes_on(store: Store) -> None:
    """The clock is the database's: near this machine's own here, the same for all, and moving inside a transaction."""
    other = opened_store(store.writer)
    with store.transaction() as connection:
        first = store.bulk.now_us(connection)
        assert abs(first / 1_000_000 - time.time()) < 5
        with other.snapshot() as loader:
            second = other.bulk.now_us(loader.connection)
        assert first <= second < first + 5_000_000
        deadline = time.monotonic() + 5
        while store.bulk.now_us(connection) <= second:
            assert time.monotonic() < deadline, "the clock stands still"
