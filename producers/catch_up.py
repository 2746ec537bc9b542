"""After a restore from an older backup: a source's database takes over what its own topic says it sent, and goes on from there.

Everything happens in the caller's transaction. What was written here since the restore and can't keep its number goes out
again after the end of the chain: entries as corrections (`producers.statement`), other events as they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from producers import inbox, lease, register
from producers.continuation import Continuation, continuation
from producers.own_topic import NUMBERS, Found, Keys, looked_to, read_topic, records_at
from producers.seal import ChainEnd
from schemas.codec import canonical
from schemas.entry import RegisterEntry
from schemas.envelope import Envelope, read_envelope
from schemas.errors import AnswerIsNo, Both
from schemas.events import DAY_BEGAN, STATEMENT
from schemas.ports import Record, Subscriber
from schemas.tables.source import outbox as table
from schemas.tables.source import seal as seal_table
from schemas.tables.transactions import transaction

SAID_ANEW = (STATEMENT.name, DAY_BEGAN.name)
"""Events that are made again by themselves, rightly then."""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What was done, and the end of the chain now.

    `taken`: events taken over; `missing`: sequences that nobody has any more; `forks`: own events on the topic that the shared
    side refuses; `renumbered`: events of this database that lost their number.
    """

    taken: int
    missing: tuple[tuple[int, int], ...]
    forks: int
    renumbered: int
    last_sequence: int


@dataclass(frozen=True, slots=True)
class Here:
    """A sealed row of this database: the hash of its record and of the one before it."""

    hash: str
    previous: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The chain on the topic beside the database: records to take over, sequences whose row here is not on the chain, holes."""

    lacking: tuple[Found, ...]
    wrong: tuple[int, ...]
    missing: tuple[tuple[int, int], ...]
    end: ChainEnd


def compared(chain: Continuation, here: Mapping[int, Here]) -> Comparison:
    """Compare. Rows here that fill a hole of the topic, or go on where it ends, belong to the chain. Pure."""
    accepted = {record.sequence or 0: record for record in chain.taken}
    lacking = tuple(record for sequence, record in accepted.items() if sequence not in here or here[sequence].hash != record.hash)
    kept = set[int]()
    missing = []
    for first, last in chain.missing:
        above, below = accepted[last + 1], accepted.get(first - 1)
        if _joins(here, first, last, below.hash if below else ChainEnd().hash) and here[last].hash == above.previous:
            kept |= set(range(first, last + 1))
        else:
            missing.append((first, last))
    end = chain.end
    while (following := here.get(end.sequence + 1)) is not None and following.previous == end.hash:
        end = ChainEnd(end.sequence + 1, following.hash)
        kept.add(end.sequence)
    wrong = (n for n, row in here.items() if n not in kept and (n not in accepted or accepted[n].hash != row.hash))
    return Comparison(lacking, tuple(sorted(wrong)), tuple(missing), end)


def _joins(here: Mapping[int, Here], first: int, last: int, previous: str) -> bool:
    """Whether rows here run from `first` to `last` without a hole, the first one after `previous`."""
    for sequence in range(first, last + 1):
        row = here.get(sequence)
        if row is None or row.previous != previous:
            return False
        previous = row.hash
    return True


def catch_up(engine: Engine, source: str, keys: Keys, subscriber: Subscriber, owner: str, lease_seconds: float) -> "CatchUp":
    """Read the source's whole topic under the lease of its relay. Raises `AnswerIsNo` while a relay runs, `BrokerUnavailable`."""
    with transaction(engine) as connection:
        epoch = lease.take(connection, owner, lease_seconds)
    if epoch is None:
        raise AnswerIsNo(
            Both("本来源的转发程序正在运行，什么都没有改动。", "A relay of this source is running; nothing was changed."),
            Both("请先停掉它，再运行本命令。", "Stop it, then call again."),
        )
    found, end = read_topic(subscriber, source, keys, 0)
    return CatchUp(source, subscriber, epoch, continuation(found, ChainEnd()), end)


@dataclass(frozen=True)
class CatchUp:
    """A topic that was read; `apply` brings the database to it. `end`: the offset after its last record."""

    source: str
    subscriber: Subscriber
    epoch: int
    chain: Continuation
    end: int

    def apply(self, connection: Connection) -> CaughtUp:
        """Take over what this database lacks. Raises `Fenced` when a relay took over, what the subscriber raises."""
        register.lock(connection)
        lease.require(connection, self.epoch)
        comparison = compared(self.chain, _sealed_rows(connection))
        records = records_at(self.subscriber, self.source, (record.offset for record in comparison.lacking))
        changed = _set_aside(connection, comparison.wrong, versions=bool(comparison.lacking))
        _insert(connection, comparison.lacking, records)
        _take_over(connection, [read_envelope(record.value) for _, record in sorted(records.items())], changed)
        connection.execute(update(seal_table).values(last_sequence=comparison.end.sequence, last_hash=comparison.end.hash))
        name = looked_to(self.source)
        inbox.move(connection, name, inbox.position(connection, name), self.end)
        return CaughtUp(
            len(comparison.lacking), comparison.missing, len(self.chain.forks), len(comparison.wrong), comparison.end.sequence
        )


def _sealed_rows(connection: Connection) -> dict[int, Here]:
    query = select(table.c.sequence, table.c.record_hash, table.c.value).where(table.c.sequence.is_not(None))
    found = {}
    for row in connection.execute(query):
        found[row.sequence] = Here(row.record_hash, read_envelope(bytes(row.value)).previous_hash or "")
    return found


def _set_aside(connection: Connection, wrong: Iterable[int], *, versions: bool) -> set[str]:
    """Rows without a place in the chain: entries and what is made anew are dropped, the others wait to be sealed again.

    `versions`: entry versions were taken over, so those of changes that wait for a number count no longer. Returns the
    certificate numbers that were changed here: what the register says of them is newer than what was sent.
    """
    unsealed = table.c.sequence.is_(None) & table.c.problem.is_(None)
    rows = [row for part in _parts(wrong) for row in _rows(connection, table.c.sequence.in_(part))]
    waiting = _rows(connection, unsealed & table.c.entry_version.is_not(None)) if versions else []
    entries = [row for row in (*rows, *waiting) if row.entry_version is not None]
    dropped = [row.id for row in entries] + [row.id for row in rows if row.type in SAID_ANEW]
    for part in _parts(dropped):
        connection.execute(delete(table).where(table.c.id.in_(part)))
    for part in _parts(row.id for row in rows):
        anew = update(table).where(table.c.id.in_(part))
        connection.execute(anew.values(sequence=None, value=None, record_hash=None, sent_offset=None))
    return {row.subject for row in entries}


def _rows(connection: Connection, condition: Any) -> list[Any]:
    return list(connection.execute(select(table.c.id, table.c.type, table.c.subject, table.c.entry_version).where(condition)))


def _parts(numbers: Iterable[int]) -> Iterable[list[int]]:
    wanted = sorted(numbers)
    return (wanted[first : first + NUMBERS] for first in range(0, len(wanted), NUMBERS))


def _insert(connection: Connection, lacking: Iterable[Found], records: Mapping[int, Record]) -> None:
    rows = []
    for found in lacking:
        value = records[found.offset].value or b""
        rows.append(_row(read_envelope(value), value) | {"sequence": found.sequence, "sent_offset": found.offset})
    if rows:
        connection.execute(insert(table), rows)


def _row(envelope: Envelope, value: bytes) -> dict[str, Any]:
    """The outbox row of a record; one that this version can't read is kept for its bytes alone."""
    data: Any = {}
    if envelope.data is not None:
        data = {"entry": envelope.entry_json} if envelope.entry_json is not None else envelope.data.model_dump(mode="json")
    return {
        "type": envelope.type[:100],
        "subject": envelope.subject[:300],
        "entry_version": envelope.entry_version if envelope.entry_json is not None else None,
        "time": envelope.time[:40],
        "data": canonical(data).decode(),
        "value": value,
        "record_hash": envelope.record_hash,
    }


def _take_over(connection: Connection, sent: Iterable[Envelope], changed: set[str]) -> None:
    """What was sent of an entry is what the register says, unless it was changed here since."""
    latest: dict[str, Envelope] = {}
    for envelope in sent:
        if envelope.entry_json is None or envelope.subject in changed:
            continue
        known = latest.get(envelope.subject)
        if known is None or (envelope.entry_version or 0) > (known.entry_version or 0):
            latest[envelope.subject] = envelope
    register.write(
        connection,
        [(RegisterEntry.model_validate(one.entry_json), one.entry_version or 1) for one in latest.values()],
    )
