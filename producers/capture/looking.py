"""What the database says of a table: its kind, columns, keys, and our rights on it."""

from typing import Any

from sqlalchemy import Connection, Row, text

from producers.capture.names import quoted_table
from producers.capture.shape import Column, Family, Shape
from schemas.tables.source import metadata

_POSTGRES_KINDS = {"r": "table", "v": "view", "m": "materialized view", "f": "foreign table", "p": "partitioned table"}
_POSTGRES_FAMILIES: dict[str, Family] = {"S": "text", "E": "text", "N": "number", "D": "day"}

OURS = "table of this program"
"""The kind of our own tables: a trigger there would capture what it writes."""

_RELATION = text(
    "SELECT oid, relkind, relpersistence, relhassubclass, relispartition, relnamespace::regnamespace::text AS schema, relname,"
    " has_table_privilege(oid, 'SELECT') AS may_select, has_table_privilege(oid, 'TRIGGER') AS may_trigger"
    " FROM pg_class WHERE oid = to_regclass(:name)"
)
_COLUMNS = text(
    "SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, t.typcategory, t.typname FROM pg_attribute a"
    " JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = :oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
)
# A deferrable key is checked at the end of the transaction: two rows may bear it for a while, in an order nobody knows.
_KEYS = text(
    "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
    " WHERE i.indrelid = :oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indnkeyatts = 1"
    " AND i.indpred IS NULL AND a.attnotnull"
)


def look(connection: Connection, name: str) -> Shape | None:
    """The table of this name (`schema.table` on PostgreSQL too); None when there is nothing."""
    if connection.dialect.name == "sqlite":
        return _sqlite(connection, name)
    return _postgres(connection, name)


def _postgres(connection: Connection, name: str) -> Shape | None:
    found = connection.execute(_RELATION, {"name": quoted_table(name)}).mappings().one_or_none()
    if found is None:
        return None
    ours = found["relname"] in metadata.tables and found["schema"] == connection.execute(text("SELECT current_schema()")).scalar()
    kind = _POSTGRES_KINDS.get(found["relkind"], "other")
    if found["relpersistence"] != "p":
        kind = "table that a crash empties" if found["relpersistence"] == "u" else "temporary table"
    elif found["relhassubclass"] or found["relispartition"]:
        kind = "one of several tables that hold the rows (inheritance, partitions)"
    oid = {"oid": found["oid"]}
    columns = {row.attname: Column(row.type, _postgres_family(row)) for row in connection.execute(_COLUMNS, oid)}
    keys = frozenset(connection.execute(_KEYS, oid).scalars())
    rights = tuple(word for word in ("SELECT", "TRIGGER") if not found[f"may_{word.lower()}"])
    return Shape(OURS if ours else kind, columns, keys, rights)


def _postgres_family(column: Row[Any]) -> Family:
    return "other" if column.typname in ("time", "timetz") else _POSTGRES_FAMILIES.get(column.typcategory, "other")


def role_of(connection: Connection) -> str:
    """Who we are in this database; empty on SQLite."""
    if connection.dialect.name == "sqlite":
        return ""
    return str(connection.execute(text("SELECT quote_ident(current_user)")).scalar_one())


def _sqlite(connection: Connection, name: str) -> Shape | None:
    query = text("SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = :name")
    found = connection.execute(query, {"name": name}).one_or_none()
    if found is None:
        return None
    kind = OURS if name in metadata.tables or name == "sqlite_schema" else found.type
    rows = connection.execute(text('SELECT name, type, "notnull", pk FROM pragma_table_xinfo(:name)'), {"name": name}).all()
    columns = {row.name: Column(row.type or "ANY", _sqlite_family(row.type)) for row in rows}
    primary = [row for row in rows if row.pk]
    never_null = {row.name for row in rows if row.notnull or (row.pk and (found.wr or row.type.upper() == "INTEGER"))}
    unique = {primary[0].name} if len(primary) == 1 else set()
    return Shape(kind, columns, frozenset((unique | _sqlite_unique(connection, name)) & never_null))


def _sqlite_unique(connection: Connection, table: str) -> set[str]:
    """Columns with a unique index of their own."""
    query = text(
        "SELECT min(i.name) AS name FROM pragma_index_list(:table) AS l, pragma_index_info(l.name) AS i"
        ' WHERE l."unique" AND NOT l.partial GROUP BY l.name HAVING count(*) = 1'
    )
    return {name for name in connection.execute(query, {"table": table}).scalars() if name is not None}


def _sqlite_family(declared: str) -> Family:
    """What a column keeps that was declared so: its affinity (sqlite.org/datatype3.html §3.1), and what cells can't be."""
    words = declared.upper()
    if any(word in words for word in ("BOOL", "JSON", "BLOB")):
        return "other"
    if "DATE" in words or "TIME" in words:
        return "day"
    if "INT" in words:
        return "number"
    return "text" if not words or any(word in words for word in ("CHAR", "CLOB", "TEXT")) else "number"
