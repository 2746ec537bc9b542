"""Hubs that die where they are told: `python -m tests.support.killed_hub BROKER_FILE STORE_URL`.

Each is a process forked from this one, which has imported and compiled everything and holds no connection. It decides whatever
the broker holds. A line on stdin asks for one: the place to be killed at, or null. Its end is answered with a line
[EXIT_CODE, PLACES]: what `Boundaries` counted, null when it was killed.
"""

import gc
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event

from consumers.handle import Handler
from consumers.sqlite_subscriber import SqliteSubscriber
from consumers.store.store import Store
from consumers.worker import Worker, WorkerPolicy
from deploy.databases import writer_engine
from schemas.city import JOINT_OFFICE
from tests.support.boundaries import Boundaries
from tests.support.cities import SOURCES
from tests.support.fakes import FakeClock
from tests.support.sources import Source
from tests.support.stores import opened_store

ROOT = Path(__file__).parents[2]
THE_NEXT_DAY = datetime(2021, 7, 23, 2, 0, tzinfo=UTC)


def hub(store: Store, broker: Path, owner: str) -> Worker:
    """A worker on all sources; it claims each once."""
    handler = Handler(store, FakeClock(THE_NEXT_DAY), Source(JOINT_OFFICE).trusted())
    policy = WorkerPolicy(owner, tuple(SOURCES), lease_seconds=3_600)
    return Worker(store, SqliteSubscriber(broker), handler, policy, lambda source, report, seconds: None)


def hasty_store(url: str) -> Store:
    """A store whose commits don't wait for the disk on SQLite: processes are killed here, the machine goes on."""
    engine = writer_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    return opened_store(engine)


@dataclass(frozen=True)
class Ended:
    """How a hub ended: its exit code, negative for a signal, and the places it came through when nobody killed it."""

    code: int
    places: tuple[str, ...] | None


class Hubs:
    """Hubs in processes of their own, on one broker and one store, which may be replaced between two of them."""

    def __init__(self, broker: Path, url: str) -> None:
        """Uses up the store that is there: the first hub is only for getting ready."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.killed_hub", str(broker), url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._answer()

    def run(self, kill_at: int | None = None) -> Ended:
        """Run one, and wait for its end."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(kill_at) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End."""
        self._process.communicate(timeout=60)

    def _answer(self) -> Ended:
        assert self._process.stdout is not None
        code, places = json.loads(self._process.stdout.readline())
        return Ended(code, places and tuple(places))


def _forked(store: Store, broker: Path, kill_at: int | None) -> Ended:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        boundaries = Boundaries(kill_at)
        boundaries.watch(store.writer)
        hub(store, broker, "killed").run_until_idle()
        with os.fdopen(writing, "w") as answer:
            json.dump(boundaries.places, answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    return Ended(os.waitstatus_to_exitcode(status), json.loads(text) if text else None)


def _serve(broker: Path, url: str) -> None:
    store = hasty_store(url)
    hub(store, broker, "gets ready").run_until_idle()
    store.writer.dispose()
    gc.freeze()
    _say(Ended(0, None))
    for line in sys.stdin:
        _say(_forked(store, broker, json.loads(line)))


def _say(ended: Ended) -> None:
    sys.stdout.write(json.dumps([ended.code, ended.places]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), sys.argv[2])
