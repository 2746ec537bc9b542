"""What waits for a person: rows of catalogues and of the city's own table, and entries that vanished from it.

A question is answered by a person (`producers.reviewing`) or closes by itself, when something newer says more of its entry.
Its row is never deleted, so that an id means one question for ever.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.engine import RowMapping

from producers.catalogue.fill import DataRow
from producers.catalogue.kept_row import packed_row
from producers.catalogue.report import CatalogueReport, RowResult
from schemas.codec import canonical
from schemas.tables.source import held_row as table

Kind = Literal["file", "captured", "withdrawal"]
WAITING, ACCEPTED, REFUSED, CLOSED = "waiting", "accepted", "refused", "closed"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `row` is judged again when it is answered; an entry that vanished has none."""

    kind: Kind
    certificate_no: str | None
    reasons: Sequence[str]
    cells: Mapping[str, str]
    row: DataRow | None = None
    file_sha256: str | None = None
    file: str | None = None
    sheet: str | None = None
    place: int | None = None
    capture_key: str | None = None


def ask(connection: Connection, questions: Iterable[Question], time: str) -> None:
    """Let them wait. `time` is RFC 3339."""
    rows = [_row(one, time) for one in questions]
    if rows:
        connection.execute(insert(table), rows)


def _row(one: Question, time: str) -> dict[str, object]:
    return {
        "kind": one.kind,
        "file_sha256": one.file_sha256,
        "file": one.file[:300] if one.file else None,
        "sheet": one.sheet[:300] if one.sheet else None,
        "row": one.place,
        "capture_key": one.capture_key,
        "certificate_no": (one.certificate_no or "")[:64] or None,
        "reasons": json.dumps(list(one.reasons)),
        "cells": canonical(dict(one.cells)).decode(),
        "judged": packed_row(one.row) if one.row is not None else None,
        "state": WAITING,
        "held_at": time,
    }


def waiting(connection: Connection, *kinds: Kind) -> list[RowMapping]:
    """The questions of these kinds that are open, oldest first."""
    query = select(table).where(table.c.state == WAITING, table.c.kind.in_(kinds)).order_by(table.c.id)
    return list(connection.execute(query).mappings())


def close(connection: Connection, ids: Collection[int], time: str) -> None:
    """Nobody need answer these any more."""
    if ids:
        closing = update(table).where(table.c.id == bindparam("closing"), table.c.state == WAITING)
        connection.execute(closing.values(state=CLOSED, decided_at=time), [{"closing": one} for one in ids])


def reasons_now(connection: Connection, reasons: Mapping[int, Sequence[str]]) -> None:
    """What these wait for has changed."""
    if reasons:
        now = [{"changing": one, "now": json.dumps(list(found))} for one, found in reasons.items()]
        connection.execute(update(table).where(table.c.id == bindparam("changing")).values(reasons=bindparam("now")), now)


def settled(connection: Connection, numbers: Collection[str], time: str, *kinds: Kind, but_of_file: str | None = None) -> None:
    """Close what waits under these certificate numbers: something newer says more of their entries."""
    query = select(table.c.id, table.c.certificate_no).where(table.c.state == WAITING, table.c.kind.in_(kinds))
    if but_of_file is not None:
        query = query.where(table.c.file_sha256.is_distinct_from(but_of_file))
    named = {*numbers}
    close(connection, [one.id for one in connection.execute(query) if one.certificate_no in named], time)


def hold_rows(connection: Connection, report: CatalogueReport, time: str, *, complete: bool) -> None:
    """The held rows of a file wait, and close what older files asked of the same entries; of all, when the file is complete.

    A file that was imported before asks nothing twice: what was answered stays answered.
    """
    sha256 = report.file_sha256
    asked = set(connection.execute(select(table.c.row).where(table.c.file_sha256 == sha256)).scalars())
    new = (row for row in report.rows if row.outcome == "review" and row.row not in asked)
    ask(connection, (_question(report, row) for row in new), time)
    if complete:
        older = select(table.c.id).where(table.c.state == WAITING, table.c.kind == "file", table.c.file_sha256 != sha256)
        close(connection, connection.execute(older).scalars().all(), time)
    named = {row.certificate_no for row in report.rows if row.certificate_no}
    settled(connection, named, time, "file", but_of_file=sha256)
    settled(connection, {row.entry.certificate_no for row in report.rows if row.entry}, time, "captured", "withdrawal")


def _question(report: CatalogueReport, row: RowResult) -> Question:
    return Question(
        "file",
        row.certificate_no,
        row.reasons,
        row.origin,
        row.again,
        file_sha256=report.file_sha256,
        file=report.file,
        sheet=report.sheet,
        place=row.row,
    )


def entered(connection: Connection, file_sha256: str) -> list[str]:
    """Certificate numbers under which a person let rows of this file into the register."""
    accepted = (table.c.file_sha256 == file_sha256) & (table.c.state == ACCEPTED)
    return [one for one in connection.execute(select(table.c.certificate_no).where(accepted)).scalars() if one]
