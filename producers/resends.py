"""Answers of a relay to the shared store's requests: the same value bytes once more, freshly signed."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence

from sqlalchemy import Connection, Engine, RowMapping, select

from producers import inbox
from schemas.city import source_name
from schemas.errors import PositionLost
from schemas.events import RESEND_REQUESTED
from schemas.ports import Record, Subscriber
from schemas.tables.source import outbox
from schemas.tables.transactions import transaction
from schemas.topics import receipts_topic

logger = logging.getLogger("czt.relay")

WINDOW = 1_000
FETCH_SECONDS = 1.0
PART = 10_000
"""Events of one publish batch: some 8 MB. A longer request is answered in parts."""

Range = tuple[int, int]
"""First and last sequence, both asked for."""

Send = Callable[[Sequence[RowMapping]], object]
"""Publishes rows with `sequence`, `subject` and `value` as one batch."""

Guard = Callable[[Connection], object]
"""Raises `Fenced` when another relay took over."""


def answer_requests(engine: Engine, source: str, subscriber: Subscriber, guard: Guard, send: Send) -> int:
    """Answer every request that was not answered yet; how many events were sent again.

    Dies before the position is stored: answered again, which the shared store knows as duplicates.
    Raises what subscriber and `send` raise.
    """
    topic, count = receipts_topic(source), 0
    name = f"{topic}#resend"
    while True:
        with transaction(engine) as connection:
            at = inbox.position(connection, name)
        records = _read(subscriber, topic, at)
        if records is None:
            with transaction(engine) as connection:
                inbox.move(connection, name, at, 0)
            continue
        if not records:
            return count
        for first, last in merged(filter(None, (_asked(record, source) for record in records))):
            sent = sum(_answer(engine, guard, send, part) for part in _parts(first, last))
            logger.info("sent %d to %d again, %d events", first, last, sent, extra={"source": source})
            if sent != last - first + 1:
                logger.error("%s: %d of %d to %d are not in its outbox", source_name(source), last - first + 1 - sent, first, last)
            count += sent
        with transaction(engine) as connection:
            guard(connection)
            inbox.move(connection, name, at, records[-1].offset + 1)


def _read(subscriber: Subscriber, topic: str, at: int) -> list[Record] | None:
    """What follows; None when the topic is shorter: its broker was rebuilt, and requests begin anew."""
    end = subscriber.end_offset(topic, 0)
    if at == end:
        return []
    try:
        return subscriber.fetch(topic, 0, at, WINDOW, FETCH_SECONDS)
    except PositionLost as lost:
        logger.warning("reading requests from the start: %s", lost)
        return None


def _asked(record: Record, source: str) -> Range | None:
    """The range of a request to this source; None for other records on the topic, such as receipts."""
    try:
        event = json.loads(record.value or b"")
        if event["type"] != RESEND_REQUESTED or event["data"]["source"] != source:
            return None
        first, last = event["data"]["first"], event["data"]["last"]
    except (ValueError, KeyError, TypeError):
        # The topic belongs to the shared store; what can't be read there is not a request to us.
        return None
    if type(first) is not int or type(last) is not int or not 1 <= first <= last:
        return None
    return first, last


def merged(asked: Iterable[Range]) -> list[Range]:
    """Ranges that overlap or touch as one: who asks again before we answered wants one answer."""
    found: list[Range] = []
    for first, last in sorted(asked):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _parts(first: int, last: int) -> Iterator[Range]:
    for start in range(first, last + 1, PART):
        yield start, min(last, start + PART - 1)


def _answer(engine: Engine, guard: Guard, send: Send, part: Range) -> int:
    """Send again what the outbox has of the range and what went out before; the rest goes out by itself."""
    query = select(outbox.c.sequence, outbox.c.subject, outbox.c.value)
    wanted = outbox.c.sequence.between(*part) & outbox.c.sent_offset.is_not(None)
    with transaction(engine) as connection:
        guard(connection)
        rows = connection.execute(query.where(wanted).order_by(outbox.c.sequence)).mappings().all()
    if rows:
        send(rows)
    return len(rows)
