"""Takes captured row images into the register: images gone, register and outbox written, questions asked, in one transaction.

Images are taken by deleting them, never by remembering a highest id: one that its transaction commits late is there next time.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, RowMapping, bindparam, cast, delete, insert, or_, select, update

from producers import register
from producers.capture.images import Image, waves
from producers.capture.judging import Known, Rules, Taken, Waits, decide
from producers.capture.sqlite_triggers import keys_there
from producers.catalogue.kept_row import unpacked_row
from producers.city_file import CaptureMapping, CityFile
from producers.held import Question, ask, close, reasons_now, settled, waiting
from schemas.codec import shanghai_day, shanghai_time
from schemas.tables.source import capture, captured, captured_row

TAKEN_AT_ONCE = 20_000
"""Images of one transaction of ours: enough for a bulk load to be judged as a whole, few enough for their rows to fit in memory."""

SNAPSHOT = "snapshot"
MASS_CHANGE = "mass_change_held"


def images_wait(connection: Connection) -> bool:
    """Whether triggers have written anything."""
    return connection.execute(select(captured.c.id).limit(1)).first() is not None


def mapping_in_use(connection: Connection) -> CaptureMapping | None:
    """The mapping that the triggers were made for; None when there are none."""
    found = connection.execute(select(capture.c.mapping)).scalar_one_or_none()
    return None if found is None else CaptureMapping(**json.loads(found))


def take_all(connection: Connection, city_file: CityFile, now: datetime) -> None:
    """Take everything that is there, in the caller's transaction, which must hold the register's lock."""
    while take(connection, city_file, now):
        pass


def take(connection: Connection, city_file: CityFile, now: datetime) -> bool:
    """Take the oldest images, in the caller's transaction, which must hold the register's lock. Whether that were many.

    Transactions are taken whole, but for the snapshot that `install` took: its rows have no order among each other.
    """
    mapping = mapping_in_use(connection)
    if mapping is None:
        return False
    rows = _deleted(connection)
    if not rows:
        return False
    images = [_image(row) for row in rows]
    before = _known(connection, shanghai_day(now).isoformat())
    after = _known_again(before)
    images += _lost(connection, mapping, images, before)
    rules = Rules(city_file, mapping, shanghai_day(now))
    taken = [one for wave in waves(images) for one in decide(after, wave, rules)]
    _write(connection, taken, mapping.table)
    _write_questions(connection, before, after, mapping.table, shanghai_time(now))
    settled(connection, {one.change.entry.certificate_no for one in taken}, shanghai_time(now), "file")
    _write_rows(connection, before, after)
    connection.execute(
        update(capture).values(
            last_captured_at=max(image.captured_at for image in images),
            withdrawn_on=shanghai_day(now).isoformat(),
            withdrawn=after.withdrawn,
        )
    )
    return len(rows) >= TAKEN_AT_ONCE


def _deleted(connection: Connection) -> Sequence[RowMapping]:
    oldest = select(captured.c.id).order_by(captured.c.id).limit(TAKEN_AT_ONCE)
    whole = (
        select(captured.c.transaction_id)
        .where(captured.c.id.in_(oldest), captured.c.operation != SNAPSHOT, captured.c.transaction_id.is_not(None))
        .distinct()
    )
    taken = or_(captured.c.id.in_(oldest), captured.c.transaction_id.in_(whole))
    text = {name: _as_stored(connection, captured.c[name]).label(name) for name in ("key_before", "key_after", "row_after")}
    columns = (captured.c.id, captured.c.transaction_id, captured.c.captured_at, captured.c.operation, *text.values())
    rows = connection.execute(delete(captured).where(taken).returning(*columns)).mappings().all()
    return sorted(rows, key=lambda row: row["id"])


def _as_stored(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """SQLite keeps what a program calls text, UTF-8 or not; one such row must not stop the others."""
    return cast(column, LargeBinary) if connection.dialect.name == "sqlite" else column


def _text(stored: bytes | str | None) -> str | None:
    return stored.decode("utf-8", "replace") if isinstance(stored, bytes) else stored


def _image(row: RowMapping) -> Image:
    before, after, image = (_text(row[name]) for name in ("key_before", "key_after", "row_after"))
    # Rows of a snapshot are each a step of their own: they may come in parts.
    transaction = None if row["operation"] == SNAPSHOT else row["transaction_id"]
    return Image(row["id"], row["captured_at"], before, after, image, transaction)


def _lost(connection: Connection, mapping: CaptureMapping, images: Sequence[Image], known: Known) -> list[Image]:
    """Rows that SQLite removed without a word: `INSERT OR REPLACE` fires no trigger for what it replaces."""
    if connection.dialect.name != "sqlite":
        return []
    there = keys_there(connection, mapping)
    last: dict[str, bool] = dict.fromkeys(known.stands_for, True)
    for image in images:
        if image.key_before is not None:
            last[image.key_before] = False
        if image.key_after is not None:
            last[image.key_after] = True
    gone = [] if there is None else [key for key, is_there in last.items() if is_there and key not in there]
    return [Image(images[-1].id + place, images[-1].captured_at, key, None) for place, key in enumerate(gone, 1)]


def _known(connection: Connection, today: str) -> Known:
    state = connection.execute(select(capture.c.withdrawn_on, capture.c.withdrawn)).one()
    rows = connection.execute(select(captured_row.c.capture_key, captured_row.c.certificate_no))
    return Known(
        register.read(connection),
        {row.capture_key: row.certificate_no for row in rows},
        {one["capture_key"]: _waits(one) for one in waiting(connection, "captured")},
        {one["certificate_no"]: one["id"] for one in waiting(connection, "withdrawal")},
        state.withdrawn if state.withdrawn_on == today else 0,
    )


def _known_again(known: Known) -> Known:
    return Known(known.register, known.stands_for, known.waits, known.vanished, known.withdrawn)


def _waits(one: RowMapping) -> Waits:
    reasons, cells = tuple(json.loads(one["reasons"])), json.loads(one["cells"])
    return Waits(unpacked_row(one["judged"], 0), reasons, one["certificate_no"], cells, one["id"])


def _write(connection: Connection, taken: Iterable[Taken], table: str) -> None:
    for time, some in groupby(taken, lambda one: shanghai_time(datetime.fromisoformat(one.time))):
        pairs = [(one.change, {"sheet": table, "cells": dict(one.cells)}) for one in some]
        register.apply(connection, pairs, time)


def _write_questions(connection: Connection, before: Known, after: Known, table: str, now: str) -> None:
    open_now = {one.id for one in after.waits.values()} | {*after.vanished.values()}
    asked = [*(one.id for one in before.waits.values()), *before.vanished.values()]
    close(connection, [one for one in asked if one is not None and one not in open_now], now)
    old = {one.id: one.reasons for one in before.waits.values()}
    changed = {one.id: one.reasons for one in after.waits.values() if one.id is not None and old[one.id] != one.reasons}
    reasons_now(connection, changed)
    new = [
        Question("captured", one.certificate_no, one.reasons, one.origin, one.row, sheet=table, capture_key=key)
        for key, one in after.waits.items()
        if one.id is None
    ]
    new += [Question("withdrawal", number, [MASS_CHANGE], {}, sheet=table) for number, one in after.vanished.items() if one is None]
    ask(connection, new, now)


def _write_rows(connection: Connection, before: Known, after: Known) -> None:
    """Keep what the rows stand for now."""
    old, new = before.stands_for, after.stands_for
    changed = {key: number for key, number in new.items() if key not in old or old[key] != number}
    leaving = [{"leaving": key} for key in (*(key for key in old if key not in new), *(key for key in changed if key in old))]
    if leaving:
        connection.execute(delete(captured_row).where(captured_row.c.capture_key == bindparam("leaving")), leaving)
    if changed:
        rows = [{"capture_key": key, "certificate_no": number} for key, number in changed.items()]
        connection.execute(insert(captured_row), rows)
