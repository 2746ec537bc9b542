"""Sealing: each waiting change gets its sequence, its predecessor's hash and its bytes, in order, in one transaction.

The number is given here and not when the change is written: transactions that commit out of order can't be skipped.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from schemas.codec import ZERO_HASH, canonical, sha256_hex
from schemas.envelope import MAX_SEALED_BYTES, read_envelope
from schemas.events import ALL_TYPES, event_attributes
from schemas.tables.source import outbox, seal

SEAL_LIMIT = 2_000
"""Changes sealed in one transaction: some 1.6 MB of ordinary events."""


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """Where a source's chain ends: last sequence given and the hash of that record."""

    sequence: int = 0
    hash: str = ZERO_HASH


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change in the outbox without a sequence. `data` is the JSON text of the event's data."""

    id: int
    type: str
    subject: str
    time: str
    data: str
    entry_version: int | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A change with its place in the chain; `value` is the record's bytes for ever."""

    id: int
    sequence: int
    value: bytes
    hash: str


@dataclass(frozen=True, slots=True)
class Unsealable:
    """A change that the published schema doesn't accept; it gets no number."""

    id: int
    problem: str


def sealed(source: str, end: ChainEnd, waiting: Iterable[Waiting]) -> tuple[list[Sealed], list[Unsealable], ChainEnd]:
    """Give each change its place after `end`. What can't be sealed is set aside and leaves no gap."""
    done: list[Sealed] = []
    aside: list[Unsealable] = []
    for change in waiting:
        value = _bytes(source, end, change)
        problem = _problem(value)
        if problem is not None:
            aside.append(Unsealable(change.id, problem))
            continue
        end = ChainEnd(end.sequence + 1, sha256_hex(value))
        done.append(Sealed(change.id, end.sequence, value, end.hash))
    return done, aside, end


def _bytes(source: str, end: ChainEnd, change: Waiting) -> bytes:
    return canonical(
        event_attributes(
            ALL_TYPES[change.type],
            source=source,
            sequence=end.sequence + 1,
            previous_hash=end.hash,
            subject=change.subject,
            time=change.time,
            data=json.loads(change.data),
            entry_version=change.entry_version,
        )
    )


def _problem(value: bytes) -> str | None:
    if len(value) > MAX_SEALED_BYTES:
        return f"{len(value)} bytes, at most {MAX_SEALED_BYTES} are sealed"
    envelope = read_envelope(value)
    return None if envelope.problem is None else f"{envelope.problem}: {envelope.detail}"


def prepare(connection: Connection, source: str) -> None:
    """The seal row of this database, made when it is missing. Raises ValueError when the database is another source's."""
    found = connection.execute(select(seal.c.source)).scalar_one_or_none()
    if found is None:
        connection.execute(insert(seal).values(id=1, source=source, last_sequence=0, last_hash=ZERO_HASH))
    elif found != source:
        raise ValueError(f"this database belongs to {found}, expected {source}")


def seal_waiting(connection: Connection, source: str, limit: int = SEAL_LIMIT) -> int:
    """Seal what waits, at most `limit` changes, under the seal row's lock; returns how many were sealed."""
    row = connection.execute(select(seal).with_for_update()).mappings().one()
    unsealed = outbox.c.sequence.is_(None) & outbox.c.problem.is_(None)
    rows = connection.execute(select(outbox).where(unsealed).order_by(outbox.c.id).limit(limit)).mappings().all()
    if not rows:
        return 0
    end = ChainEnd(row["last_sequence"], row["last_hash"])
    done, aside, end = sealed(source, end, [_waiting(found) for found in rows])
    if done:
        connection.execute(
            update(outbox)
            .where(outbox.c.id == bindparam("row_id"))
            .values(sequence=bindparam("s"), value=bindparam("v"), record_hash=bindparam("h")),
            [{"row_id": one.id, "s": one.sequence, "v": one.value, "h": one.hash} for one in done],
        )
    for one in aside:
        connection.execute(update(outbox).where(outbox.c.id == one.id).values(problem=one.problem))
    connection.execute(update(seal).values(last_sequence=end.sequence, last_hash=end.hash))
    return len(done)


def _waiting(row: RowMapping) -> Waiting:
    return Waiting(row["id"], row["type"], row["subject"], row["time"], row["data"], row["entry_version"])
