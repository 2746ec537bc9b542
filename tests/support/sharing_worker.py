"""A worker on some of the sources in a process of its own: `python -m tests.support.sharing_worker URL BROKER WINDOW SOURCES`.

It says `ready`, begins with a line on stdin, and ends when it has decided everything its topics hold.
"""

import sys
import threading
from pathlib import Path

from consumers import worker
from consumers.handle import BatchReport, Handler
from consumers.sqlite_subscriber import SqliteSubscriber
from consumers.store import position
from deploy.databases import writer_engine
from schemas.city import JOINT_OFFICE
from schemas.topics import topic_of
from tests.support.interleaving import LaterClock
from tests.support.sources import Source
from tests.support.stores import opened_store


def main(url: str, broker_file: str, window: str, *sources: str) -> None:
    """Decide what the topics of `sources` hold, at most `window` records in one transaction."""
    worker.WINDOW = int(window)
    subscriber = SqliteSubscriber(Path(broker_file))
    store = opened_store(writer_engine(url))
    left = sum(subscriber.end_offset(topic_of(source), 0) for source in sources)
    with store.snapshot() as loader:
        left -= sum(position.next_offset(loader.connection, source) for source in sources)
    stop = threading.Event()

    def count(_: str, report: BatchReport, __: float) -> None:
        nonlocal left
        left -= report.decided
        if left == 0:
            stop.set()

    handler = Handler(store, LaterClock(), Source(JOINT_OFFICE).trusted())
    # Nobody takes over from anybody here.
    policy = worker.WorkerPolicy(f"of {sources[-1]}", tuple(sources), lease_seconds=3_600)
    deciding = worker.Worker(store, subscriber, handler, policy, count)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    deciding.run_forever(stop)
    store.writer.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
