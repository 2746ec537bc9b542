"""Answers of a relay to the shared store's requests: the same value bytes once more, freshly signed; a new closing statement."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, select

from producers import inbox, register
from schemas.city import source_name
from schemas.errors import PositionLost
from schemas.events import RESEND_REQUESTED, STATEMENT_REQUESTED
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

State = Callable[[Connection], object]
"""Seals a new closing statement; the relay then publishes it like any other event."""


@dataclass
class Answered:
    """How many events were sent again, and whether a statement was sealed."""

    resent: int = 0
    stated: bool = False


def answer_requests(engine: Engine, source: str, subscriber: Subscriber, guard: Guard, send: Send, state: State | None) -> Answered:
    """Answer every request that was not answered yet. `state` None: this source makes no statements.

    Dies before the position is stored: answered again, which the shared store knows as duplicates.
    Raises what subscriber and `send` raise.
    """
    topic, done = receipts_topic(source), Answered()
    name = f"{topic}#requests"
    while True:
        with transaction(engine) as connection:
            at = inbox.position(connection, name)
        records = _read(subscriber, topic, at)
        if records is None:
            with transaction(engine) as connection:
                inbox.move(connection, name, at, 0)
            continue
        if not records:
            return done
        requests = [_request(record, source) for record in records]
        for first, last in merged(filter(None, map(_range, requests))):
            sent = sum(_answer(engine, guard, send, part) for part in _parts(first, last))
            logger.info("sent %d to %d again, %d events", first, last, sent, extra={"source": source})
            if sent != last - first + 1:
                logger.error("%s: %d of %d to %d are not in its outbox", source_name(source), last - first + 1 - sent, first, last)
            done.resent += sent
        statement = state if any(request["type"] == STATEMENT_REQUESTED for request in requests) else None
        with transaction(engine) as connection:
            if statement is not None:
                register.lock(connection)  # before the guard locks the seal's row
            guard(connection)
            if statement is not None:
                statement(connection)
                done.stated = True
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


def _request(record: Record, source: str) -> dict[str, Any]:
    """Type and data of a request to this source; no type for other records on the topic, such as receipts."""
    try:
        event = json.loads(record.value or b"")
        if event["type"] in (RESEND_REQUESTED, STATEMENT_REQUESTED) and event["data"]["source"] == source:
            return {"type": event["type"], "data": event["data"]}
    except (ValueError, KeyError, TypeError):
        # The topic belongs to the shared store; what can't be read there is not a request to us.
        logger.debug("%s: a record of %s that can't be read", record.topic, source)
    return {"type": None, "data": {}}


def _range(request: dict[str, Any]) -> Range | None:
    if request["type"] != RESEND_REQUESTED:
        return None
    first, last = request["data"].get("first"), request["data"].get("last")
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
