"""A city's closing statement: everything that waits is sealed, register and sent entries are compared, count and digest are said.

One transaction, with other writers of the register kept out: what the statement says is what was sent before it.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from producers import outbox, register, seal
from producers.diff import Change, Register
from schemas.city import source_name
from schemas.entry import RegisterEntry, entry_hash
from schemas.events import CORRECTED, LISTED, STATEMENT
from schemas.statements import digest_of_entries
from schemas.tables.source import imported_file
from schemas.tables.source import outbox as table

logger = logging.getLogger("czt.statement")


@dataclass(frozen=True, slots=True)
class SentEntry:
    """The highest version of an entry that was sealed: `body` is its `data.entry`, `hash` that body's."""

    version: int
    body: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Mending:
    """What the register and the sent entries need to be one.

    `corrected`: what was sent otherwise; `unsent`: what never went out; `entries`: what is put back into the register.
    """

    corrected: tuple[Change, ...]
    unsent: tuple[Change, ...]
    entries: tuple[tuple[RegisterEntry, int], ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement that was sealed: its place in the chain, what it says, and how many entries were corrected before it."""

    sequence: int
    entries: int
    digest: str
    corrected: int


def state(connection: Connection, source: str, time: str) -> Stated:
    """Seal what waits, send what differs as `corrected`, and seal the statement. `time` is RFC 3339."""
    register.lock(connection)
    _seal_all(connection, source)
    mending = mend(register.read(connection), sent_entries(connection), _unsealable(connection))
    register.apply(connection, [(change, None) for change in mending.corrected], time)
    register.send(connection, mending.unsent, time)
    register.write(connection, mending.entries)
    if mending.entries:
        names = ", ".join(entry.certificate_no for entry, _ in mending.entries[:5])
        logger.warning("%s: %d entries put back as they were sent: %s", source_name(source), len(mending.entries), names)
    _seal_all(connection, source)
    said = [(number, sent.version, sent.hash) for number, sent in sent_entries(connection).items()]
    count, digest = digest_of_entries(said)
    row = outbox.append(connection, STATEMENT, source_name(source), {"entries": count, "digest": digest}, time)
    _seal_all(connection, source)
    sequence = connection.execute(select(table.c.sequence).where(table.c.id == row)).scalar_one()
    return Stated(sequence, count, digest, len(mending.corrected) + len(mending.unsent))


def mend(registered: Register, sent: Mapping[str, SentEntry], unsealable: Mapping[str, str] | None = None) -> Mending:
    """Compare entry by entry. What the register says counts; what it lacks or has in an older version of the same is put back.

    `unsealable`: certificate number → hash of an entry that no schema takes; trying again would fail again.
    """
    corrected: list[Change] = []
    unsent: list[Change] = []
    entries: list[tuple[RegisterEntry, int]] = []
    for number in sorted({*registered, *sent}):
        ours, theirs = registered.get(number), sent.get(number)
        if ours is None:
            assert theirs is not None
            entries.append((RegisterEntry.model_validate(theirs.body), theirs.version))
            continue
        entry, version = ours
        digest = entry_hash(entry.as_json())
        if (unsealable or {}).get(number) == digest:
            continue
        if theirs is None:
            unsent.append(Change(LISTED, entry, version))
        elif theirs.hash != digest or theirs.version < version:
            corrected.append(Change(CORRECTED, entry, max(theirs.version, version) + 1))
        elif theirs.version > version:
            entries.append((entry, theirs.version))
    return Mending(tuple(corrected), tuple(unsent), tuple(entries))


def sent_entries(connection: Connection) -> dict[str, SentEntry]:
    """certificate_no → its highest sealed version. The first event with a version counts, as on the shared side."""
    sealed = table.c.sequence.is_not(None) & table.c.entry_version.is_not(None)
    highest = (
        select(table.c.subject, func.max(table.c.entry_version).label("version")).where(sealed).group_by(table.c.subject).subquery()
    )
    same = (table.c.subject == highest.c.subject) & (table.c.entry_version == highest.c.version)
    query = select(table.c.subject, table.c.entry_version, table.c.data).join(highest, same).where(sealed)
    found: dict[str, SentEntry] = {}
    for row in connection.execute(query.order_by(table.c.sequence.desc())):
        body = json.loads(row.data)["entry"]
        found[row.subject] = SentEntry(row.entry_version, body, entry_hash(body))
    return found


def _unsealable(connection: Connection) -> dict[str, str]:
    query = select(table.c.subject, table.c.data).where(table.c.problem.is_not(None), table.c.entry_version.is_not(None))
    return {row.subject: entry_hash(json.loads(row.data)["entry"]) for row in connection.execute(query.order_by(table.c.id))}


def _seal_all(connection: Connection, source: str) -> None:
    while seal.seal_waiting(connection, source):
        pass


def is_due(connection: Connection, today: str) -> bool:
    """Whether the city has something to state that it has not: once a day (Shanghai), and after an import that changed entries."""
    stated = select(table.c.id, table.c.time).where(table.c.type == STATEMENT.name).order_by(table.c.id.desc()).limit(1)
    last = connection.execute(stated).one_or_none()
    newest = connection.execute(select(func.max(table.c.id))).scalar_one()
    if last is None:
        return newest is not None
    if last.time[:10] < today:
        return True
    imported = connection.execute(select(func.max(imported_file.c.imported_at))).scalar_one()
    return bool(newest > last.id and imported is not None and imported >= last.time)
