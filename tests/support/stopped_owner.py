"""A hub that stops itself (SIGSTOP) at a chosen place: `python -m tests.support.stopped_owner URL PLACE`.

When it is let on it prints how its run ended: the reason of the error, or `done`.
"""

import os
import signal
import sys
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Table

from consumers.handle import Handler
from consumers.store.bulk import Row, Rows
from consumers.store.postgres_bulk import PostgresBulk
from consumers.store.store import Store
from consumers.worker import Worker, WorkerPolicy
from deploy.databases import writer_engine
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.errors import CztError
from schemas.ports import Record
from schemas.rules import RULE_SET_1
from schemas.tables import store as t
from tests.support.cities import CHANGSHA
from tests.support.fakes import FakeBroker
from tests.support.histories import FixedClock
from tests.support.sources import Source, entry
from tests.support.stores import opened_store

SOURCES = (JOINT_OFFICE, CHANGSHA.source)
SILENCE_SECONDS = 1.0
LEASE_SECONDS = 0.5
EVENTS = 40


def topics() -> FakeBroker:
    """The same records for every hub: three decisions, and a city's first events."""
    joint, city = Source(JOINT_OFFICE), Source(CHANGSHA.source)
    joint.decide(events.KEY_TRUSTED, "key", city.key_data())
    joint.decide(events.RULES_ACTIVATED, "1", {"rules": RULE_SET_1.model_dump(mode="json")})
    joint.decide(events.DAY_BEGAN, "2021-07-22", {"day": "2021-07-22"})
    for number in range(EVENTS):
        city.say_entry(events.LISTED, 1, entry(CHANGSHA, f"CSLX-{number:05d}", product_name=f"节能水泵{number}"))
    return FakeBroker({source.records[0].topic: source.records for source in (joint, city)})


def hub(store: Store, owner: str, broker: FakeBroker | None = None, clock: FixedClock | None = None) -> Worker:
    """A worker on these topics."""
    handler = Handler(store, clock or FixedClock(), Source(JOINT_OFFICE).trusted())
    policy = WorkerPolicy(owner, SOURCES, LEASE_SECONDS, poll_seconds=0.05)
    return Worker(store, broker or topics(), handler, policy, lambda source, report, seconds: None)


def stop() -> None:
    """Stand still until somebody sends SIGCONT."""
    os.kill(os.getpid(), signal.SIGSTOP)


class StoppingClock(FixedClock):
    """Asked for the time of the entries: offset row, context and products are locked then, and listings written."""

    def now(self) -> datetime:
        """See FixedClock."""
        stop()
        return super().now()


class StoppingBroker(FakeBroker):
    """Stops when the records are read: the source is claimed, and no transaction is open."""

    def fetch(self, topic: str, partition: int, offset: int, limit: int, timeout_seconds: float) -> list[Record]:
        """See FakeBroker."""
        stop()
        return super().fetch(topic, partition, offset, limit, timeout_seconds)


class StoppingRows(list[Row]):
    """Rows that are half written when the process stops."""

    def __iter__(self) -> Iterator[Row]:
        for place, row in enumerate(super().__iter__()):
            if place == len(self) // 2:
                stop()
            yield row


class StoppingBulk(PostgresBulk):
    """Stops while it sends the audit entries: in the midst of a statement, with the log row locked."""

    def insert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """See PostgresBulk."""
        super().insert(connection, table, StoppingRows([*rows]) if table is t.audit_entry else rows)


def main(url: str, place: str) -> None:
    """Run until stopped at `place`, and say how it ended afterwards."""
    store = opened_store(writer_engine(url, SILENCE_SECONDS))
    broker = topics()
    if place == "copying":
        store.bulk = StoppingBulk()
    if place == "reading":
        broker = StoppingBroker(broker.records)
    try:
        hub(store, "stopped", broker, StoppingClock() if place == "writing" else FixedClock()).run_until_idle()
    except CztError as error:
        sys.stdout.write(error.reason)
    else:
        sys.stdout.write("done")


if __name__ == "__main__":
    main(*sys.argv[1:])
