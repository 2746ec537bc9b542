"""The city's register: reading it, and writing a change together with its outbox row."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, text

from producers import outbox
from producers.diff import Change
from schemas.codec import canonical
from schemas.entry import RegisterEntry, entry_hash
from schemas.tables.source import register_entry as table


def lock(connection: Connection) -> None:
    """Keep other writers of the register out until the transaction ends: a version is read, then raised by one.

    Readers go on. On SQLite the transaction has the whole database already (BEGIN IMMEDIATE).
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))


def read(connection: Connection) -> dict[str, tuple[RegisterEntry, int]]:
    """certificate_no → (entry, version), withdrawn entries included."""
    rows = connection.execute(select(table.c.entry, table.c.version)).all()
    entries = [(RegisterEntry.model_validate_json(row.entry), row.version) for row in rows]
    return {entry.certificate_no: (entry, version) for entry, version in entries}


def apply(connection: Connection, changes: Sequence[tuple[Change, dict[str, Any] | None]], time: str) -> None:
    """Write changes (each with its origin) to register and outbox; the caller's transaction makes it one step.

    `time` is RFC 3339: when the change took effect, as the city says.
    """
    if not changes:
        return
    for change, origin in changes:
        data = {"entry": change.entry.as_json(), "origin": origin}
        outbox.append(connection, change.kind, change.entry.certificate_no, data, time, change.version)
    write(connection, [(change.entry, change.version) for change, _ in changes])


def write(connection: Connection, entries: Sequence[tuple[RegisterEntry, int]]) -> None:
    """Put entries with their versions into the register, each in place of what it says of that certificate."""
    # One file may change an entry twice; the last word counts.
    rows = {entry.certificate_no: _row(entry, version) for entry, version in entries}
    if rows:
        numbers = [{"number": number} for number in rows]
        connection.execute(delete(table).where(table.c.certificate_no == bindparam("number")), numbers)
        connection.execute(insert(table), list(rows.values()))


def _row(entry: RegisterEntry, version: int) -> dict[str, Any]:
    body = entry.as_json()
    return {
        "certificate_no": entry.certificate_no,
        "version": version,
        "entry": canonical(body).decode(),
        "entry_hash": entry_hash(body),
    }
