"""What lies on a source's own topic: looked at before anything is sent, so that a restored register can't fork its chain."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine, select, update

from producers import inbox
from schemas.city import JOINT_OFFICE, source_name
from schemas.envelope import read_envelope
from schemas.errors import Both, RegisterRestored
from schemas.ports import Record, Subscriber
from schemas.signing import claimed_signature, decoded, is_valid
from schemas.tables.source import outbox
from schemas.tables.transactions import transaction
from schemas.topics import topic_of

logger = logging.getLogger("czt.relay")

WINDOW = 2_000
FETCH_SECONDS = 5.0
NUMBERS = 500
"""Sequences asked for in one query: fewer than any database's limit of parameters."""

Keys = Mapping[str, bytes]
"""The source's own public keys (32 bytes) by key id."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record of the topic. `own`: one of the source's keys vouches for it, by its signature or a successor's chain."""

    offset: int
    hash: str
    sequence: int | None
    previous: str | None
    own: bool


def looked_to(source: str) -> str:
    """The name of the position up to which a person had the topic looked at (`catch-up`)."""
    return f"{topic_of(source)}#checked"


def read_topic(subscriber: Subscriber, source: str, keys: Keys, start: int) -> tuple[list[Found], int]:
    """The records from `start` on, in the topic's order, and the offset after them. Raises what the subscriber raises."""
    topic = topic_of(source)
    end = subscriber.end_offset(topic, 0)
    read: list[tuple[Found, bool]] = []
    at = start
    while at < end:
        records = subscriber.fetch(topic, 0, at, WINDOW, FETCH_SECONDS)
        if not records:
            break
        read += [_read(record, source, keys) for record in records]
        at = records[-1].offset + 1
    return _vouched(read), max(at, end)


def _read(record: Record, source: str, keys: Keys) -> tuple[Found, bool]:
    """What is kept of a record, and whether it may be the source's. `own` says only that its own signature is good."""
    envelope = read_envelope(record.value)
    may_be = envelope.source in ("", source)
    signed = may_be and _signed(record, keys)
    return Found(record.offset, envelope.record_hash, envelope.sequence, envelope.previous_hash, signed), may_be


def _vouched(read: Sequence[tuple[Found, bool]]) -> list[Found]:
    """From the end on: a signature vouches for its record, a vouched record for the one whose hash it names."""
    named: set[str] = set()
    found = []
    for record, may_be in reversed(read):
        # A second, unsigned copy may stand before the one that was vouched for, so a vouched hash stays named.
        own = record.own or (may_be and record.hash in named)
        if own:
            named.add(record.hash)
            if record.previous is not None:
                named.add(record.previous)
        found.append(replace(record, own=own))
    return found[::-1]


def records_at(subscriber: Subscriber, source: str, offsets: Iterable[int]) -> dict[int, Record]:
    """offset → record of the source's topic. Raises what the subscriber raises."""
    topic, wanted = topic_of(source), set(offsets)
    found: dict[int, Record] = {}
    for offset in sorted(wanted):
        if offset not in found:
            records = subscriber.fetch(topic, 0, offset, WINDOW, FETCH_SECONDS)
            found |= {record.offset: record for record in records if record.offset in wanted}
    return found


def _signed(record: Record, keys: Keys) -> bool:
    claimed = claimed_signature(record.headers)
    key = keys.get(claimed[0]) if claimed else None
    signature = decoded(claimed[1]) if claimed else None
    return key is not None and signature is not None and is_valid(key, signature, record.value or b"")


def sealed_hashes(connection: Connection, sequences: Iterable[int]) -> dict[int, str]:
    """sequence → record hash of those that the outbox has."""
    wanted = sorted(set(sequences))
    hashes: dict[int, str] = {}
    for first in range(0, len(wanted), NUMBERS):
        numbers = outbox.c.sequence.in_(wanted[first : first + NUMBERS])
        hashes |= {
            row.sequence: row.record_hash
            for row in connection.execute(select(outbox.c.sequence, outbox.c.record_hash).where(numbers))
        }
    return hashes


def last_sent(connection: Connection) -> tuple[int, str, int] | None:
    """(sequence, record hash, offset) of the last record that the broker acknowledged."""
    query = select(outbox.c.sequence, outbox.c.record_hash, outbox.c.sent_offset).where(outbox.c.sent_offset.is_not(None))
    row = connection.execute(query.order_by(outbox.c.sequence.desc()).limit(1)).one_or_none()
    return None if row is None else (row.sequence, row.record_hash, row.sent_offset)


class OwnTopic:
    """Watches that nobody else writes under the source's keys. `due` until it was looked at, and again after any trouble."""

    def __init__(self, engine: Engine, source: str, keys: Keys, subscriber: Subscriber) -> None:
        self.due = True
        self._engine = engine
        self._source = source
        self._keys = keys
        self._subscriber = subscriber
        self._next: int | None = None

    def is_shorter(self) -> bool:
        """Whether the topic is shorter than what the broker acknowledged: it was rebuilt. Raises `BrokerUnavailable`.

        One that is longer than we know is looked at again.
        """
        end = self._subscriber.end_offset(topic_of(self._source), 0)
        if self._next is None:
            with transaction(self._engine) as connection:
                sent = last_sent(connection)
                return end < max(sent[2] + 1 if sent else 0, inbox.position(connection, looked_to(self._source)))
        if end == self._next:
            return False
        self.due = True
        return end < self._next

    def forget(self, connection: Connection) -> None:
        """The topic was rebuilt: nothing of the outbox lies on it for certain, and it is read from its start."""
        logger.error("%s is shorter than what was acknowledged: it was rebuilt, everything goes out again", self._name)
        connection.execute(update(outbox).where(outbox.c.sent_offset.is_not(None)).values(sent_offset=None))
        name = looked_to(self._source)
        inbox.move(connection, name, inbox.position(connection, name), 0)
        self._next, self.due = None, True

    def look(self) -> dict[int, int]:
        """Compare what came onto the topic with the outbox; sequence → offset of records that arrived and aren't marked.

        Raises `RegisterRestored` when a record under one of our keys is not ours, `BrokerUnavailable`.
        """
        start = self._next if self._next is not None else self._start()
        found, end = read_topic(self._subscriber, self._source, self._keys, start)
        with transaction(self._engine) as connection:
            hashes = sealed_hashes(connection, [record.sequence for record in found if record.sequence is not None])
            known = [record for record in found if record.sequence is not None and hashes.get(record.sequence) == record.hash]
            arrived = _arrived(connection, known)
        ours = {record.hash for record in known}
        self._refuse([record for record in found if record.own and record.hash not in ours])
        strangers = [record.offset for record in found if not record.own and record.hash not in ours]
        if strangers:
            names = ", ".join(map(str, strangers[:5]))
            logger.warning("%s: %d records of somebody else on our topic, offsets %s", self._name, len(strangers), names)
        self._next, self.due = end, False
        return arrived

    def follows(self, offsets: Sequence[int]) -> bool:
        """Whether acknowledged offsets follow what was seen; else somebody wrote in between, and a look is due."""
        expected = range(self._next or 0, (self._next or 0) + len(offsets))
        if list(offsets) != list(expected):
            self.due = True
            return False
        self._next = expected.stop
        return True

    @property
    def _name(self) -> str:
        return source_name(self._source)

    def _start(self) -> int:
        with transaction(self._engine) as connection:
            sent = last_sent(connection)
            return max(sent[2] if sent else 0, inbox.position(connection, looked_to(self._source)))

    def _refuse(self, lacking: Sequence[Found]) -> None:
        if not lacking:
            return
        first = lacking[0]
        joint = self._source == JOINT_OFFICE
        command = "czt joint catch-up" if joint else f"czt city catch-up --city {self._name}"
        topic, count = topic_of(self._source), len(lacking)
        raise RegisterRestored(
            Both(
                f"主题 {topic} 上有 {count} 条用 {self._name} 的密钥签名、本库却没有或内容不同的事件，"
                f"最早的在位置 {first.offset}，序号 {first.sequence}。是不是从旧备份恢复了数据库，或另有一份在运行？没有再发送。",
                f"The topic {topic} holds {count} events under the key of {self._name} that this "
                f"database lacks or has otherwise, the first at offset {first.offset} with sequence {first.sequence}. "
                "Was the database restored from an older backup, or is a second copy running? Nothing more was sent.",
            ),
            Both(
                f"请确认没有另一份在运行，再运行 {command}，然后重新启动发送程序。",
                f"Make sure that no second copy runs, then `{command}`, and start the relay again.",
            ),
        )


def _arrived(connection: Connection, known: Iterable[Found]) -> dict[int, int]:
    """Unmarked rows, from the first on without a hole, that are on the topic already, with their first offset."""
    places: dict[int, int] = {}
    for record in known:
        places.setdefault(record.sequence or 0, record.offset)
    unmarked = outbox.c.sequence.is_not(None) & outbox.c.sent_offset.is_(None)
    arrived: dict[int, int] = {}
    for sequence in connection.execute(select(outbox.c.sequence).where(unmarked).order_by(outbox.c.sequence)).scalars():
        if sequence not in places:
            break
        arrived[sequence] = places[sequence]
    return arrived
