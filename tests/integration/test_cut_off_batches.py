"""A batch that the database cuts off each time, because it takes too long, is tried again with fewer records."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from consumers.handle import BatchReport, Handler
from consumers.store import log
from consumers.store.position import Claim
from consumers.store.store import Store
from consumers.worker import LEAST_WINDOW, Worker, WorkerPolicy
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.errors import StoreUnavailable
from schemas.ports import Record
from schemas.rules import RULE_SET_1
from tests.support.cities import CHANGSHA
from tests.support.fakes import FakeBroker
from tests.support.fleet import until
from tests.support.histories import FixedClock
from tests.support.sources import Source, entry
from tests.support.stores import made_store

EVENTS = 1_100
DECISIONS = 3


class SlowHandler(Handler):
    """Is cut off by the database when it has more than a few records to decide; keeps the sizes it was given."""

    sizes: list[int]

    def handle(self, claim: Claim, records: Sequence[Record]) -> BatchReport:
        """See Handler."""
        self.sizes.append(len(records))
        if len(records) > LEAST_WINDOW:
            raise StoreUnavailable("terminating connection due to idle-in-transaction timeout")
        return super().handle(claim, records)


def topics() -> FakeBroker:
    """More of a city's events than can be decided at once, signed as a relay does."""
    joint, city = Source(JOINT_OFFICE), Source(CHANGSHA.source)
    joint.decide(events.KEY_TRUSTED, "key", city.key_data())
    joint.decide(events.RULES_ACTIVATED, "1", {"rules": RULE_SET_1.model_dump(mode="json")})
    joint.decide(events.DAY_BEGAN, "2021-07-22", {"day": "2021-07-22"})
    for number in range(EVENTS):
        said = entry(CHANGSHA, f"CSLX-{number:05d}", product_name=f"节能水泵{number}")
        city.say_entry(events.LISTED, 1, said, signed=number % 64 == 63 or number == EVENTS - 1)
    return FakeBroker({source.records[0].topic: source.records for source in (joint, city)})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return made_store(f"sqlite:///{tmp_path / 'store.db'}")


def test_batch_that_is_cut_off_shrinks(store: Store) -> None:
    """Halved until it gets through; afterwards the worker tries larger ones again."""
    handler = SlowHandler(store, FixedClock(), Source(JOINT_OFFICE).trusted())
    handler.sizes = []
    policy = WorkerPolicy("us", (JOINT_OFFICE, CHANGSHA.source), poll_seconds=0.01, retry_seconds=0.01)
    worker = Worker(store, topics(), handler, policy, lambda source, report, seconds: None)
    stop = threading.Event()
    running = threading.Thread(target=worker.run_forever, args=(stop,))

    def decided() -> bool:
        with store.snapshot() as loader:
            return log.size(loader.connection) == EVENTS + DECISIONS

    running.start()
    try:
        until(decided, 60, "every event is decided")
    finally:
        stop.set()
        running.join()
    sizes = [size for size in handler.sizes if size > DECISIONS]
    assert sizes[:4] == [EVENTS, EVENTS // 2, EVENTS // 4, LEAST_WINDOW]
    assert sizes[4] == 2 * LEAST_WINDOW
