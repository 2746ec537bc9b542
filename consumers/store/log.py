"""Appending to the audit log: lock its row, splice the times into prepared leaves, write the sets that name an index."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection, select, update

from consumers.store.bulk import Bulk
from schemas.codec import utc_micros
from schemas.tables import store as t
from schemas.values import value

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@value
class Prepared:
    """One entry before it has an index: leaf parts around `recorded_at`, the record, and the rows that will name the index.

    `received`: (sequence, record hash) of an event, which this entry is the newest of; `again`: it was
    parked until now; `parked`: (sequence, subject, reason).
    """

    source: str
    leaf: tuple[bytes, bytes]
    value: bytes | None
    headers: str
    received: tuple[int, str] | None = None
    again: bool = False
    parked: tuple[int, str, str] | None = None
    products: tuple[str, ...] = ()


def micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC of an aware time."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def recorded_at(us: int) -> str:
    """The text of `recorded_at` for microseconds since 1970 UTC."""
    second, micro = divmod(us, 1_000_000)
    return f"{_second(second)}.{micro:06d}Z"


@lru_cache(maxsize=16)
def _second(second: int) -> str:
    """The text of `recorded_at` up to the second: the entries of a batch share it."""
    return utc_micros(EPOCH + timedelta(seconds=second)).partition(".")[0]


def size(connection: Connection) -> int:
    """Entries in the log."""
    return int(connection.execute(select(t.audit_log.c.size)).scalar_one())


def append(
    connection: Connection,
    bulk: Bulk,
    entries: Sequence[Prepared],
    now: datetime,
    times: Sequence[int] = (),
) -> int:
    """Append `entries` and return the index of the first. `recorded_at` rises strictly, whatever the clock does.

    `times` gives the times instead (replay writes those of the log it folds).
    """
    log = connection.execute(select(t.audit_log).with_for_update()).mappings().one()
    first, base = log["size"], max(micros(now), log["last_recorded_us"] + 1)
    stamps = list(times) or [base + i for i in range(len(entries))]
    bulk.insert(connection, t.audit_entry, _entry_rows(first, entries, stamps))
    bulk.insert(connection, t.audit_record, [(first + i, e.value, e.headers) for i, e in enumerate(entries)])
    received = [(e.source, *e.received, first + i) for i, e in enumerate(entries) if e.received is not None and not e.again]
    bulk.insert(connection, t.received, received)
    again = [(e.source, *e.received, first + i) for i, e in enumerate(entries) if e.received is not None and e.again]
    bulk.upsert(connection, t.received, again)
    parked = [(e.source, *e.parked, first + i) for i, e in enumerate(entries) if e.parked is not None]
    bulk.insert(connection, t.parked, parked)
    bulk.insert(connection, t.product_change, [(first + i, key) for i, e in enumerate(entries) for key in e.products])
    connection.execute(update(t.audit_log).values(size=first + len(entries), last_recorded_us=stamps[-1]))
    return int(first)


def _entry_rows(first: int, entries: Sequence[Prepared], stamps: Sequence[int]) -> list[tuple[int, bytes, int]]:
    found = []
    for i, (entry, us) in enumerate(zip(entries, stamps, strict=True)):
        head, tail = entry.leaf
        found.append((first + i, b"".join((head, recorded_at(us).encode(), tail)), us))
    return found
