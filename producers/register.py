"""The city's register: reading it, and writing a change together with its outbox row."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from orjson import Fragment
from sqlalchemy import Connection, bindparam, delete, select, text

from producers import outbox
from producers.diff import Change
from producers.outbox import Outgoing
from producers.tuples import insert_tuples
from schemas.codec import canonical, sha256_hex
from schemas.entry import RegisterEntry
from schemas.tables.source import register_entry as table


def lock(connection: Connection) -> None:
    """Keep other writers of the register out until the transaction ends: a version is read, then raised by one.

    Who locks the seal's row too does it afterwards: in two orders PostgreSQL would end one of them as a deadlock.
    Readers go on. On SQLite the transaction has the whole database already (BEGIN IMMEDIATE).
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))


def read(connection: Connection) -> dict[str, tuple[RegisterEntry, int]]:
    """certificate_no → (entry, version), withdrawn entries included."""
    rows = connection.execute(select(table.c.entry, table.c.version)).all()
    entries = [(RegisterEntry.model_validate_json(row.entry), row.version) for row in rows]
    return {entry.certificate_no: (entry, version) for entry, version in entries}


WRITTEN_AT_ONCE = 5_000
"""Changes of one statement: enough to make its cost vanish, few enough not to hold a big catalogue twice in memory."""


def apply(connection: Connection, changes: Iterable[tuple[Change, dict[str, Any] | None]], time: str) -> None:
    """Write changes (each with its origin) to register and outbox; the caller's transaction makes it one step.

    `time` is RFC 3339: when the change took effect, as the city says.
    """
    left = iter(changes)
    while some := list(islice(left, WRITTEN_AT_ONCE)):
        bodies = [canonical(change.entry.as_json()) for change, _ in some]
        outbox.append_all(
            connection,
            (_outgoing(change, body, origin, time) for (change, origin), body in zip(some, bodies, strict=True)),
        )
        rows = [_row(change.entry, change.version, body) for (change, _), body in zip(some, bodies, strict=True)]
        _replace(connection, rows, [change.entry.certificate_no for change, _ in some if change.version > 1])


def send(connection: Connection, changes: Sequence[Change], time: str) -> None:
    """Put events of entries that the register has already into the outbox alone."""
    outgoing = (_outgoing(change, canonical(change.entry.as_json()), None, time) for change in changes)
    outbox.append_all(connection, outgoing)


def _outgoing(change: Change, body: bytes, origin: dict[str, Any] | None, time: str) -> Outgoing:
    data = canonical({"entry": Fragment(body), "origin": origin}).decode()
    return Outgoing(change.kind, change.entry.certificate_no, data, time, change.version)


def write(connection: Connection, entries: Sequence[tuple[RegisterEntry, int]]) -> None:
    """Put entries with their versions into the register, each in place of what it says of that certificate."""
    rows = [_row(entry, version, canonical(entry.as_json())) for entry, version in entries]
    _replace(connection, rows, [entry.certificate_no for entry, _ in entries])


_Row = tuple[str, int, str, str]
"""Values in the order of the table's columns, the certificate number first."""


def _replace(connection: Connection, rows: Sequence[_Row], known: Sequence[str]) -> None:
    """Put rows in place of the entries with the numbers `known`."""
    # One file may change an entry twice; the last word counts.
    last = {row[0]: row for row in rows}
    if known:
        numbers = [{"number": number} for number in known]
        connection.execute(delete(table).where(table.c.certificate_no == bindparam("number")), numbers)
    insert_tuples(connection, table.columns.values(), list(last.values()))


def _row(entry: RegisterEntry, version: int, body: bytes) -> _Row:
    return entry.certificate_no, version, body.decode(), sha256_hex(body)
