"""The outbox: changes on their way out, written in the transaction that made them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from producers.tuples import insert_tuples
from schemas.codec import canonical
from schemas.events import EventType
from schemas.tables.source import outbox


@dataclass(slots=True)  # not frozen: a big catalogue has a hundred thousand, and each would take six times as long to make
class Outgoing:
    """An event to come. `data` is its canonical JSON text, `time` RFC 3339."""

    kind: EventType
    subject: str
    data: str
    time: str
    entry_version: int | None = None


_WRITTEN = (outbox.c.type, outbox.c.subject, outbox.c.data, outbox.c.time, outbox.c.entry_version)
"""What an unsealed change has."""


def append(connection: Connection, kind: EventType, subject: str, data: dict[str, Any], time: str) -> int:
    """Put one event into the outbox; returns its row id. `data` is the event's data as JSON, `time` RFC 3339."""
    values = {"type": kind.name, "subject": subject, "data": canonical(data).decode(), "time": time}
    return int(connection.execute(insert(outbox).values(values).returning(outbox.c.id)).scalar_one())


def append_all(connection: Connection, events: Iterable[Outgoing]) -> None:
    """Put events into the outbox in their order, as one set."""
    insert_tuples(connection, _WRITTEN, [(one.kind.name, one.subject, one.data, one.time, one.entry_version) for one in events])


def mark_sent(connection: Connection, offsets: dict[int, int]) -> None:
    """Remember the offset of each acknowledged sequence."""
    if offsets:
        connection.execute(
            update(outbox).where(outbox.c.sequence == bindparam("sent")).values(sent_offset=bindparam("at")),
            [{"sent": sequence, "at": offset} for sequence, offset in offsets.items()],
        )


def unsent_count(connection: Connection) -> int:
    """How many changes wait to be published, sealed or not."""
    waiting = outbox.c.sent_offset.is_(None) & outbox.c.problem.is_(None)
    return int(connection.execute(select(func.count()).select_from(outbox).where(waiting)).scalar_one())


def problems(connection: Connection) -> list[tuple[int, str, str]]:
    """(row id, subject, why) of the changes that can't be sealed."""
    query = select(outbox.c.id, outbox.c.subject, outbox.c.problem).where(outbox.c.problem.is_not(None))
    return [(row.id, row.subject, row.problem) for row in connection.execute(query.order_by(outbox.c.id))]
