"""What waits for a decision that releases it: parked events with their records, and the world they will be decided in."""

import json

from sqlalchemy import RowMapping, select

from consumers.core.leaf import headers_of
from consumers.core.model import Context
from consumers.core.needs import needs_of
from consumers.core.release import ParkedEvent, Queue
from consumers.core.vouch import Read
from consumers.store.load import Loader
from schemas.city import city_word
from schemas.envelope import read_envelope
from schemas.ports import Record
from schemas.tables import store as t


def queue(loader: Loader, source: str, sequence: int, context: Context) -> Queue | None:
    """Everything parked behind and before this event of its subject, in the chain's order; None when it isn't parked."""
    here = (t.parked.c.source == source) & (t.parked.c.sequence == sequence)
    subject = loader.connection.execute(select(t.parked.c.subject).where(here)).scalar_one_or_none()
    if subject is None:
        return None
    events = parked_events(loader, source, subject)
    needs = needs_of(city_word(source), context, [event.read.envelope for event in events])
    world = loader.world(source, context, loader.chain(source), needs, shared=False)
    return Queue(world, tuple(events))


def parked_events(loader: Loader, source: str, subject: str) -> list[ParkedEvent]:
    """The events of a subject that wait, with their records."""
    joined = t.parked.join(t.audit_entry, t.audit_entry.c.idx == t.parked.c.audit_index)
    joined = joined.join(t.audit_record, t.audit_record.c.idx == t.parked.c.audit_index)
    columns = (t.parked.c.sequence, t.parked.c.reason, t.audit_entry, t.audit_record.c.value, t.audit_record.c.headers)
    query = select(*columns).select_from(joined).where(t.parked.c.source == source, t.parked.c.subject == subject)
    return [_event(row) for row in loader.connection.execute(query.order_by(t.parked.c.sequence)).mappings()]


def _event(row: RowMapping) -> ParkedEvent:
    leaf = json.loads(bytes(row["leaf"]))
    value = bytes(row["value"])
    record = Record(leaf["topic"], leaf["partition"], leaf["offset"], 0, None, value, headers_of(row["headers"]))
    return ParkedEvent(Read(record, read_envelope(value)), row["sequence"], row["reason"], row["idx"], leaf.get("previous"))
