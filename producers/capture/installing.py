"""Installs triggers on a city's own table, removes them without a trace, and says how capture stands."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, delete, func, insert, select

from producers import register
from producers.capture import postgres_triggers, sqlite_triggers
from producers.capture.looking import look, role_of
from producers.capture.shape import MAP_IT, require_fitting
from producers.capture.take import mapping_in_use, take_all
from producers.city_file import CaptureMapping, CityFile
from producers.held import waiting
from schemas.codec import shanghai_time, utc_micros
from schemas.entry import SourceStatus
from schemas.errors import Both, TableRefused
from schemas.tables.source import capture, captured, captured_row


class Triggers(Protocol):
    """What each database's module of triggers can do."""

    def create(self, connection: Connection, mapping: CaptureMapping) -> None:
        """Make them, and take the rows that are there."""

    def drop(self, connection: Connection) -> None:
        """Remove them, wherever they are."""

    def is_whole(self, connection: Connection, mapping: CaptureMapping) -> bool:
        """Whether all are there, at work, on this table."""

    def keys_there(self, connection: Connection, mapping: CaptureMapping) -> set[str] | None:
        """The keys of the table's rows; None when there is no such table."""


def _triggers(connection: Connection) -> Triggers:
    return sqlite_triggers if connection.dialect.name == "sqlite" else postgres_triggers


def install(connection: Connection, city_file: CityFile, now: datetime) -> dict[str, Any]:
    """Install, or install anew with the mapping that the city's file has now, in the caller's transaction.

    Every row of the table is captured once more: what changed without a trigger is made good. Raises `TableRefused`.
    """
    mapping = required_mapping(city_file)
    require_fitting(look(connection, mapping.table), mapping, role=role_of(connection))
    register.lock(connection)
    again = mapping_in_use(connection) is not None
    triggers = _triggers(connection)
    triggers.drop(connection)
    take_all(connection, city_file, now)
    connection.execute(delete(capture))
    kept = json.dumps(asdict(mapping), ensure_ascii=False)
    connection.execute(insert(capture).values(id=1, mapping=kept, installed_at=shanghai_time(now)))
    triggers.create(connection, mapping)
    rows = connection.execute(select(func.count()).select_from(captured)).scalar_one()
    _capture_lost(connection, mapping, now)
    return {"city": city_file.city.word, "table": mapping.table, "rows": rows, "again": again}


def required_mapping(city_file: CityFile) -> CaptureMapping:
    """The mapping of the city's file. Raises `TableRefused` when it has none."""
    if city_file.capture is None:
        raise TableRefused(
            Both("本市的配置文件没有 [capture]：不知道采集哪张表。", "The city's file has no [capture]: which table is meant?"),
            MAP_IT,
        )
    return city_file.capture


def _capture_lost(connection: Connection, mapping: CaptureMapping, now: datetime) -> None:
    """Rows that vanished while no trigger watched, those that wait for a person included; what was captured before is taken."""
    keys = _triggers(connection).keys_there(connection, mapping) or set()
    known = set(connection.execute(select(captured_row.c.capture_key)).scalars())
    known |= {one["capture_key"] for one in waiting(connection, "captured")}
    lost = [{"captured_at": utc_micros(now), "operation": "delete", "key_before": key} for key in sorted(known - keys)]
    if lost:
        connection.execute(insert(captured), lost)


def remove(connection: Connection, city_file: CityFile, now: datetime) -> dict[str, Any]:
    """Remove triggers and everything they wrote; what they captured is taken first. Questions to a person stay."""
    register.lock(connection)
    mapping = mapping_in_use(connection)
    _triggers(connection).drop(connection)
    take_all(connection, city_file, now)
    for table in (captured, captured_row, capture):
        connection.execute(delete(table))
    held = len(waiting(connection, "captured", "withdrawal"))
    return {"city": city_file.city.word, "removed": mapping is not None, "table": mapping and mapping.table, "held": held}


def status(connection: Connection, city_file: CityFile) -> dict[str, Any]:
    """How capture stands: the answer of `capture status`."""
    mapping = mapping_in_use(connection)
    state = connection.execute(select(capture.c.installed_at, capture.c.last_captured_at)).one_or_none()
    stands = set(connection.execute(select(captured_row.c.certificate_no)).scalars())
    entries = [entry for entry, _ in register.read(connection).values() if entry.source_status is not SourceStatus.WITHDRAWN]
    return {
        "city": city_file.city.word,
        "configured": city_file.capture is not None,
        "installed": mapping is not None,
        "table": mapping.table if mapping else None,
        "problem": _problem(connection, mapping, city_file) if mapping else None,
        "waiting": connection.execute(select(func.count()).select_from(captured)).scalar_one(),
        "held": len(waiting(connection, "captured")),
        "held_withdrawals": len(waiting(connection, "withdrawal")),
        "rows": connection.execute(select(func.count()).select_from(captured_row)).scalar_one(),
        "only_in_register": sum(entry.certificate_no not in stands for entry in entries) if mapping else None,
        "installed_at": state.installed_at if state else None,
        "last_captured_at": state.last_captured_at if state else None,
    }


def _problem(connection: Connection, mapping: CaptureMapping, city_file: CityFile) -> str | None:
    """Why not everything is captured any more, as a word; None when all is well."""
    shape = look(connection, mapping.table)
    if shape is None:
        return "table_gone"
    if not _triggers(connection).is_whole(connection, mapping):
        return "triggers_gone"
    if not {mapping.key, *mapping.columns.values()} <= set(shape.columns):
        return "columns_gone"
    return None if city_file.capture == mapping else "mapping_changed"
