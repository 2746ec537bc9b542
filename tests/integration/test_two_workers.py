"""Two worker processes on PostgreSQL that own different cities, all of which list and change the same products."""

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, select, text

from consumers.replay.replay import replay
from consumers.store.store import Store
from producers.sqlite_publisher import SqlitePublisher
from producers.sqlite_topics import SqliteTopics
from schemas.city import JOINT_OFFICE
from schemas.tables import store as t
from tests.support.cities import ALL_TOPICS, CHANGSHA, XIANGTAN, ZHUZHOU
from tests.support.cli import ROOT
from tests.support.interleaving import SOURCES, Hub
from tests.support.shared_products import SharedProducts
from tests.support.stores import made_store

EVENTS = int(os.environ.get("CZT_TEST_EVENTS", "1500"))
"""Of the three cities together. `make faults` takes 100,000, which is too long for every run of the tests."""
WINDOW = max(20, min(500, EVENTS // 100))
"""Records in one transaction: some dozens of each process meet those of the other."""
SHARES = ((JOINT_OFFICE, CHANGSHA.source), (ZHUZHOU.source, XIANGTAN.source))
PATIENCE_SECONDS = 1_200.0
LEAST_TURNS = 10


def published(folder: Path, shared: SharedProducts, store: Store) -> Path:
    """The broker's file with everything on it; the founding decisions are decided."""
    file = folder / "broker.db"
    with closing(SqliteTopics(file)) as topics:
        topics.ensure_topics(ALL_TOPICS)
    with closing(SqlitePublisher(file)) as publisher:
        publisher.publish(shared.founding())
        joint = {JOINT_OFFICE: shared.sources[JOINT_OFFICE].records}
        ends = {source: len(joint.get(source, ())) for source in SOURCES}
        hub = Hub(store, shared.sources[JOINT_OFFICE].trusted())
        hub.read(joint, ends)
        hub.release()
        for messages in shared.messages():
            publisher.publish(messages)
    return file


def decided_by_two(url: str, file: Path) -> float:
    """Let two processes begin at once; how long it took both, in seconds. What they write to stderr must be nothing."""
    command = [sys.executable, "-m", "tests.support.sharing_worker", url, str(file), str(WINDOW)]
    processes = [
        subprocess.Popen(
            [*command, *sources], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for sources in SHARES
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        began = time.monotonic()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate(timeout=PATIENCE_SECONDS)[1] for process in processes]
        assert (said, [process.returncode for process in processes]) == (["", ""], [0, 0])
        return time.monotonic() - began
    finally:
        for process in processes:
            process.kill()
            process.wait()


def check_every_event(store: Store, shared: SharedProducts) -> None:
    """Each event has one final outcome, each certificate its last version, each product the listings that name it."""
    with store.snapshot() as loader:
        connection = loader.connection
        counts = connection.execute(select(t.received.c.source, func.count()).group_by(t.received.c.source)).all()
        assert {row[0]: row[1] for row in counts} == {address: one.sequence for address, one in shared.sources.items()}
        listings = connection.execute(select(t.listing)).mappings().all()
        products = connection.execute(select(t.product.c.product_key, t.product.c.listings)).all()
    assert {(row["city"], row["certificate_no"]): row["entry_version"] for row in listings} == shared.last
    named = {(row["product_key"], row["city"], row["certificate_no"]) for row in listings}
    shown = [(row.product_key, one["city"], one["certificate_no"]) for row in products for one in json.loads(row.listings)]
    assert (set(shown), len(shown)) == (named, len(named))


def turns(store: Store) -> int:
    """How often the log goes over from one process's sources to the other's."""
    first = set(SHARES[0])
    with store.snapshot() as loader:
        leaves = loader.connection.execute(select(t.audit_entry.c.leaf).order_by(t.audit_entry.c.idx)).scalars()
        whose = [json.loads(bytes(leaf))["source"] in first for leaf in leaves]
    return sum(one is not other for one, other in pairwise(whose))


def test_two_workers_share_products(postgres_url: str, tmp_path: Path, seed: int) -> None:
    """No deadlock, no lost update, and the log folds to the store, however the two processes get in each other's way."""
    shared = SharedProducts(EVENTS, seed)
    store, fresh = made_store(postgres_url), made_store(f"sqlite:///{tmp_path / 'fresh.db'}")
    file = published(tmp_path, shared, store)
    seconds = decided_by_two(postgres_url, file)
    sys.stdout.write(f"{EVENTS} events of three cities by two processes in {seconds:.1f} s, {EVENTS / seconds:.0f} a second\n")
    with store.writer.connect() as connection:
        deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert connection.execute(text(deadlocks)).scalar_one() == 0
    check_every_event(store, shared)
    assert turns(store) >= LEAST_TURNS
    report = replay(store, fresh)
    assert report.equal, report.differences[:5]
    for used in (store, fresh):
        used.writer.dispose()
        used.reader.dispose()
