"""A hub that is stopped (SIGSTOP) while it owns its sources: a standby takes over, and the woken one writes nothing."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select

from consumers.store import log
from consumers.store.store import Store
from consumers.worker import Worker
from deploy.databases import writer_engine
from deploy.silent_sessions import APPLICATION
from schemas.errors import StoreUnavailable
from schemas.tables import store as t
from tests.support.cli import ROOT
from tests.support.stopped_owner import EVENTS, LEASE_SECONDS, SILENCE_SECONDS, hub
from tests.support.stores import made_store, opened_store

DECISIONS = 3
PATIENCE_SECONDS = 120.0


@contextmanager
def stopped_hub(url: str, place: str) -> Iterator["subprocess.Popen[str]"]:
    """A hub in a process of its own, once it has stopped itself; killed when the test leaves it."""
    command = [sys.executable, "-m", "tests.support.stopped_owner", url, place]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            status = Path(f"/proc/{process.pid}/stat")
            until(lambda: process.poll() is not None or status.read_text().rpartition(")")[2].split()[0] == "T")
            assert process.poll() is None
            yield process
        finally:
            process.kill()


def until(true: Callable[[], bool]) -> None:
    """Poll until it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def how_it_ends(process: "subprocess.Popen[str]") -> str:
    """What the woken hub prints."""
    process.send_signal(signal.SIGCONT)
    out, _ = process.communicate(timeout=PATIENCE_SECONDS)
    return out


def size(store: Store) -> int:
    """Entries in the log."""
    with store.snapshot() as loader:
        return log.size(loader.connection)


def take_over(standby: Worker) -> float:
    """Let a standby work until it has decided everything; how long that took, in seconds."""
    began, stop = time.monotonic(), threading.Event()
    running = threading.Thread(target=standby.run_forever, args=(stop,))
    running.start()
    try:
        until(lambda: size(standby.store) == DECISIONS + EVENTS)
    finally:
        stop.set()
        running.join()
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("place", "reason"), [("reading", "fenced"), ("writing", "store_unreachable"), ("copying", "store_unreachable")]
)
def test_standby_takes_over_from_a_stopped_hub(postgres_url: str, place: str, reason: str) -> None:
    """Wherever the owner stopped, locks or not, a standby goes on within seconds, and the woken hub is refused."""
    made_store(postgres_url).writer.dispose()
    store = opened_store(writer_engine(postgres_url, SILENCE_SECONDS))
    with stopped_hub(postgres_url, place) as stopped:
        assert take_over(hub(store, "standby")) < LEASE_SECONDS + 4 * SILENCE_SECONDS + 30
        assert how_it_ends(stopped) == reason
    assert size(store) == DECISIONS + EVENTS
    with store.snapshot() as loader:
        decided = select(func.count(), func.count(t.received.c.record_hash.distinct())).select_from(t.received)
        assert loader.connection.execute(decided).one() == (DECISIONS + EVENTS, DECISIONS + EVENTS)
    store.writer.dispose()


def test_session_that_takes_no_rows_is_ended(postgres_url: str) -> None:
    """A process that stopped while it took a large result keeps no lock for ever either."""
    made_store(postgres_url).writer.dispose()
    stopped = psycopg.connect(postgres_url.replace("+psycopg", ""), application_name=APPLICATION)
    stopped.execute("UPDATE audit_log SET size = 7")
    stopped.pgconn.send_query(b"SELECT repeat('x', 1000) FROM generate_series(1, 100000)")  # and nobody reads the answer
    store = opened_store(writer_engine(postgres_url, 0.5))

    def locked() -> bool:
        try:
            with store.transaction() as connection:
                return bool(connection.execute(select(t.audit_log.c.size).with_for_update()).scalar_one() == 0)
        except StoreUnavailable:
            return False

    until(locked)
    store.writer.dispose()
    stopped.close()


def test_sqlite_waits_for_a_stopped_writer_or_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite nobody can take a stopped process's lock away: readers go on, writers are told, kill -9 lets them on."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    made_store(url).writer.dispose()
    with stopped_hub(url, "writing") as stopped:
        monkeypatch.setattr("deploy.databases.BUSY_TIMEOUT_MS", 300)
        store = opened_store(writer_engine(url))
        assert size(store) < DECISIONS + EVENTS
        standby = hub(store, "standby")
        with pytest.raises(StoreUnavailable, match="Another process holds") as told:
            standby.run_until_idle()
        assert "kill -9" in told.value.next_step
        os.kill(stopped.pid, signal.SIGKILL)
        assert take_over(standby) < LEASE_SECONDS + 30
    store.writer.dispose()
