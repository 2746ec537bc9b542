"""What became of what a source sent: reads its receipts topic into its own database."""

import json
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select

from producers import inbox
from schemas.city import source_name
from schemas.events import RECEIPT_ISSUED
from schemas.ports import Record, Subscriber
from schemas.tables.source import outbox, receipt
from schemas.tables.transactions import transaction
from schemas.topics import receipts_topic

WINDOW = 1_000


def read_receipts(engine: Engine, source: str, subscriber: Subscriber, timeout_seconds: float = 1.0) -> int:
    """Take over every receipt that is there; returns how many records were read. Raises what the subscriber raises.

    Receipts and position are one transaction; a receipt that comes again is the same row again.
    """
    topic, read = receipts_topic(source), 0
    while True:
        with transaction(engine) as connection:
            offset = inbox.position(connection, topic)
        end = subscriber.end_offset(topic, 0)
        if offset > end:  # the broker was rebuilt: what comes again is the same row again
            with transaction(engine) as connection:
                inbox.move(connection, topic, offset, 0)
            continue
        if offset == end:
            return read
        records = subscriber.fetch(topic, 0, offset, WINDOW, timeout_seconds)
        if not records:
            return read
        with transaction(engine) as connection:
            if inbox.move(connection, topic, offset, records[-1].offset + 1):  # else another process took these
                _take(connection, records)
                read += len(records)


def _take(connection: Connection, records: list[Record]) -> None:
    rows = {row["audit_index"]: row for row in map(_row, records) if row is not None}
    if rows:
        connection.execute(delete(receipt).where(receipt.c.audit_index.in_(rows)))
        connection.execute(insert(receipt), list(rows.values()))


def _row(record: Record) -> dict[str, Any] | None:
    """The receipt of a record; None for other records on the topic, such as resend requests."""
    try:
        event = json.loads(record.value or b"")
        if event["type"] != RECEIPT_ISSUED:
            return None
        data = event["data"]
        return {
            "audit_index": int(data["audit_index"]),
            "sequence": int(data["sequence"]),
            "outcome": str(data["outcome"]),
            "reason": data["reason"],
            "action_zh": str(data["action"]["zh"]),
            "action_en": str(data["action"]["en"]),
            "rule_set": int(data["rule_set"]),
            "first": data["first"],
            "decided_at": str(data["decided_at"]),
        }
    except (ValueError, KeyError, TypeError):
        # The topic belongs to the shared store; what can't be read there is not a receipt for us.
        return None


def receipts(connection: Connection, source: str) -> dict[str, Any]:
    """`city receipts`: by sequence; a `duplicate` never stands for its event, the outcome it got first does.

    A `refused` record is no event: it stands beside the event of its number, and doesn't hide what that got. Each is named by
    what this source sent under its number; `unanswered` counts what was sealed and has no receipt.
    """
    sent = outbox.c.type, outbox.c.subject, outbox.c.entry_version
    query = select(receipt, *sent).select_from(receipt.outerjoin(outbox, outbox.c.sequence == receipt.c.sequence))
    query = query.where(receipt.c.outcome != "duplicate").order_by(receipt.c.sequence, receipt.c.audit_index)
    latest = {(row["sequence"], row["outcome"] == "refused"): row for row in connection.execute(query).mappings()}
    found = [
        {
            "sequence": row["sequence"],
            "type": row["type"],
            "certificate_no": row["subject"] if row["entry_version"] is not None else None,
            "outcome": row["outcome"],
            "reason": row["reason"],
            "action": {"zh": row["action_zh"], "en": row["action_en"]},
            "audit_index": row["audit_index"],
            "rule_set": row["rule_set"],
        }
        for row in latest.values()
    ]
    return {"city": source_name(source), "receipts": found, "unanswered": _unanswered(connection)}


def _unanswered(connection: Connection) -> int:
    answered = select(receipt.c.sequence).where(receipt.c.outcome.not_in(("duplicate", "refused")))
    query = select(func.count()).select_from(outbox).where(outbox.c.sequence.is_not(None), outbox.c.sequence.not_in(answered))
    return int(connection.execute(query).scalar_one())
