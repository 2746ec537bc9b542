"""Requests to sources: what is open is read from chains and gaps, what was asked from a table of its own."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from consumers.core.asking import Plan, Request, plan
from consumers.store import log
from consumers.store.bulk import Bulk
from consumers.store.load import Loader
from schemas.city import source_name
from schemas.events import RESEND_REQUESTED, STATEMENT_REQUESTED
from schemas.outgoing import outgoing_value
from schemas.ports import Message
from schemas.signing import plain_headers
from schemas.tables import store as t
from schemas.topics import receipts_topic


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of one source at one time (microseconds since 1970 UTC, the database's clock)."""

    source: str
    plan: Plan
    now_us: int


def plans(loader: Loader) -> list[Asking]:
    """The sources for which something is due, or of whose requests one is no longer open."""
    before: dict[str, list[Request]] = {}
    for row in loader.connection.execute(select(t.request)).mappings():
        request = Request(row["what"], row["first"], row["last"], row["asked"], row["next_us"])
        before.setdefault(row["source"], []).append(request)
    incomplete = set(loader.connection.execute(select(t.gap.c.source).distinct()).scalars())
    incomplete |= set(loader.connection.execute(select(t.source_chain.c.source).where(t.source_chain.c.unchecked > 0)).scalars())
    now_us = loader.bulk.now_us(loader.connection)
    found = []
    for source in sorted(incomplete | before.keys()):
        asked = before.get(source, [])
        planned = plan(loader.chain(source), asked, now_us)
        if planned.due or set(planned.open) != set(asked):
            found.append(Asking(source, planned, now_us))
    return found


def messages(asked: list[Asking]) -> list[Message]:
    """The requests that are due, for the topics of their sources."""
    return [_message(asking, request) for asking in asked for request in asking.plan.due]


def _message(asking: Asking, request: Request) -> Message:
    name, subject, time = source_name(asking.source), asking.source, log.recorded_at(asking.now_us)
    if request.what == "resend":
        event_id = f"resend/{name}/{request.first}-{request.last}/{request.times}"
        data = {"source": asking.source, "first": request.first, "last": request.last, "asked": request.times}
        value = outgoing_value(RESEND_REQUESTED, event_id, subject, time, data)
    else:
        event_id = f"statement/{name}/{request.first}/{request.times}"
        data = {"source": asking.source, "sequence": request.first, "asked": request.times}
        value = outgoing_value(STATEMENT_REQUESTED, event_id, subject, time, data)
    return Message(receipts_topic(asking.source), event_id.encode(), value, plain_headers())


def remember(connection: Connection, bulk: Bulk, asked: list[Asking]) -> None:
    """Keep what was asked and when it is due again, in place of what was kept of these sources."""
    for asking in asked:
        connection.execute(delete(t.request).where(t.request.c.source == asking.source))
        rows = [(asking.source, one.what, one.first, one.last, one.times, one.next_us) for one in asking.plan.open]
        bulk.insert(connection, t.request, rows)
