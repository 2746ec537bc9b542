"""Sealing: each waiting change gets its sequence, its predecessor's hash and its bytes, in order, in one transaction.

The number is given here and not when the change is written: transactions that commit out of order can't be skipped.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from schemas.city import JOINT_OFFICE
from schemas.codec import ZERO_HASH, canonical, sha256_hex
from schemas.envelope import MAX_SEALED_BYTES, read_envelope
from schemas.errors import Both, DatabaseUnusable
from schemas.events import CITY_TYPES, JOINT_TYPES, event_attributes
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
        try:
            value = _bytes(source, end, change)
        except _CannotSeal as problem:
            aside.append(Unsealable(change.id, str(problem)))
            continue
        end = ChainEnd(end.sequence + 1, sha256_hex(value))
        done.append(Sealed(change.id, end.sequence, value, end.hash))
    return done, aside, end


class _CannotSeal(ValueError):
    """Why a change gets no number. Any program may write the outbox, so its rows are read with care."""


def _bytes(source: str, end: ChainEnd, change: Waiting) -> bytes:
    """The record of a change at its place. Raises `_CannotSeal`."""
    kind = (JOINT_TYPES if source == JOINT_OFFICE else CITY_TYPES).get(change.type)
    if kind is None:
        raise _CannotSeal(f"type_unknown: {source} publishes no {change.type}")
    try:
        value = canonical(
            event_attributes(
                kind,
                source=source,
                sequence=end.sequence + 1,
                previous_hash=end.hash,
                subject=change.subject,
                time=change.time,
                data=json.loads(change.data),
                entry_version=change.entry_version,
            )
        )
    except (ValueError, TypeError, RecursionError) as error:  # not JSON; a lone surrogate, which has no UTF-8
        raise _CannotSeal(f"schema_invalid: {error}") from error
    if len(value) > MAX_SEALED_BYTES:
        raise _CannotSeal(f"too_large: {len(value)} bytes, at most {MAX_SEALED_BYTES} are sealed")
    envelope = read_envelope(value)
    if envelope.problem is not None:
        raise _CannotSeal(f"{envelope.problem}: {envelope.detail}")
    return value


def prepare(connection: Connection, source: str) -> None:
    """The seal row of this database, made when it is missing. Raises `DatabaseUnusable` when the database is another source's."""
    if not is_prepared(connection, source):
        connection.execute(insert(seal).values(id=1, source=source, last_sequence=0, last_hash=ZERO_HASH))


def is_prepared(connection: Connection, source: str) -> bool:
    """Whether the seal row is there. Raises `DatabaseUnusable` when the database is another source's."""
    found: str | None = connection.execute(select(seal.c.source)).scalar_one_or_none()
    if found not in (None, source):
        raise DatabaseUnusable(
            Both(f"这个数据库属于 {found}，不是 {source} 的。", f"This database belongs to {found}, expected {source}."),
            Both("请核对 CZT_REGISTER_URL_… 和 CZT_JOINT_URL。", "Check CZT_REGISTER_URL_… and CZT_JOINT_URL."),
        )
    return found is not None


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
