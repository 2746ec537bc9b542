"""Capture on SQLite: three triggers on the city's table. The city's own connection runs them, in its own transaction."""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from producers.capture.names import quoted
from producers.city_file import CaptureMapping

PREFIX = "czt_capture_"
_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"


def _image(mapping: CaptureMapping, row: str) -> str:
    """The mapped columns of NEW or OLD as JSON. JSON can't hold a blob, and an error here would stop the city's program."""
    pairs = ", ".join(
        f"'{column}', CASE typeof({row}.{quoted(column)}) WHEN 'blob' THEN '?' ELSE {row}.{quoted(column)} END"
        for column in dict.fromkeys(mapping.columns.values())
    )
    return f"json_object({pairs})"


def _key(mapping: CaptureMapping, row: str) -> str:
    return f"CAST({row}{quoted(mapping.key)} AS TEXT)"


def _trigger(mapping: CaptureMapping, word: str, values: str, when: str = "") -> str:
    return (
        f"CREATE TRIGGER {PREFIX}{word} AFTER {word.upper()} ON {quoted(mapping.table)} {when}BEGIN "  # noqa: S608  names are quoted
        "INSERT INTO captured (captured_at, operation, key_before, key_after, row_before, row_after) "
        f"VALUES ({_NOW}, '{word}', {values}); END"
    )


def create(connection: Connection, mapping: CaptureMapping) -> None:
    """Make the triggers, and take the rows that are there. The transaction has the whole database: nobody writes meanwhile."""
    old, new = _image(mapping, "OLD"), _image(mapping, "NEW")
    key_old, key_new = _key(mapping, "OLD."), _key(mapping, "NEW.")
    columns = [mapping.key, *mapping.columns.values()]
    differs = " OR ".join(f"OLD.{quoted(name)} IS NOT NEW.{quoted(name)}" for name in columns)
    snapshot = (
        "INSERT INTO captured (captured_at, operation, key_after, row_after) "  # noqa: S608  names are quoted
        f"SELECT {_NOW}, 'snapshot', {_key(mapping, 'here.')}, {_image(mapping, 'here')} FROM {quoted(mapping.table)} AS here"
    )
    statements = (
        _trigger(mapping, "insert", f"NULL, {key_new}, NULL, {new}"),
        _trigger(mapping, "update", f"{key_old}, {key_new}, {old}, {new}", f"WHEN {differs} "),
        _trigger(mapping, "delete", f"{key_old}, NULL, {old}, NULL"),
        snapshot,
    )
    for statement in statements:
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Remove the triggers, wherever they are."""
    for name in triggers_there(connection):
        connection.exec_driver_sql(f"DROP TRIGGER {quoted(name)}")


def triggers_there(connection: Connection) -> Iterable[str]:
    """Names of our triggers that exist."""
    query = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, :length) = :prefix ORDER BY name")
    return connection.execute(query, {"prefix": PREFIX, "length": len(PREFIX)}).scalars().all()


def is_whole(connection: Connection, mapping: CaptureMapping) -> bool:
    """Whether all three are there, on this table."""
    query = text(
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, :length) = :prefix AND tbl_name = :table"
    )
    found = connection.execute(query, {"prefix": PREFIX, "length": len(PREFIX), "table": mapping.table}).scalar_one()
    return bool(found == 3)


def keys_there(connection: Connection, mapping: CaptureMapping) -> set[str] | None:
    """The keys of the table's rows; None when there is no such table any more."""
    known = connection.execute(text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": mapping.table})
    if known.first() is None:
        return None
    rows = connection.exec_driver_sql(f"SELECT {_key(mapping, '')} FROM {quoted(mapping.table)}")  # noqa: S608  names are quoted
    return {row[0] for row in rows}
