"""The outbox: changes on their way out, written in the transaction that made them."""

from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from schemas.codec import canonical
from schemas.events import EventType
from schemas.tables.source import outbox


def append(
    connection: Connection,
    kind: EventType,
    subject: str,
    data: dict[str, Any],
    time: str,
    entry_version: int | None = None,
) -> int:
    """Put one event into the outbox, unsealed; returns its row id. `data` is the event's data as JSON, `time` RFC 3339."""
    values = {
        "type": kind.name,
        "subject": subject,
        "entry_version": entry_version,
        "time": time,
        "data": canonical(data).decode(),
    }
    return int(connection.execute(insert(outbox).values(values).returning(outbox.c.id)).scalar_one())


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
