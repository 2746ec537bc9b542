"""Capture on PostgreSQL: one function of ours, two triggers on the city's table.

The function runs with our rights and a fixed search path (SECURITY DEFINER): the city's program needs no right on our tables,
and nobody can put a table of theirs in the place of one. Nobody else may call it, so nobody else can make it a trigger.
It takes whole rows and picks from them what it finds: a column that was renamed must not stop the city's program.

A table that is emptied (TRUNCATE) is captured, not refused: programs that reload a table at night do it so, and what comes
back in the same transaction never was away. What does not come back is many withdrawals at once, which wait for a person.
"""

from sqlalchemy import Connection, text

from producers.capture.names import quoted, quoted_table
from producers.city_file import CaptureMapping

FUNCTION = "czt_capture"
ROWS, EMPTIED = "czt_capture_rows", "czt_capture_emptied"
_NOW = "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


def create(connection: Connection, mapping: CaptureMapping) -> None:
    """Make function and triggers, and take the rows that are there.

    Making a trigger locks out writers until the transaction ends: the rows are those that no trigger saw.
    """
    schema = connection.execute(text("SELECT current_schema()")).scalar_one()
    function, target = f"{quoted(schema)}.{FUNCTION}", f"{quoted(schema)}.captured"
    table = quoted_table(mapping.table)
    rows, emptied = (f"CREATE TRIGGER {name} AFTER" for name in (ROWS, EMPTIED))
    snapshot = (
        f"INSERT INTO {target} (transaction_id, captured_at, operation, key_after, row_after) "  # noqa: S608  names are quoted
        f"SELECT pg_current_xact_id()::text, {_NOW}, 'snapshot', whole ->> '{mapping.key}', {_picked(mapping, 'whole')}::text "
        f"FROM ONLY {table} AS here, LATERAL (SELECT to_jsonb(here)) AS one(whole)"
    )
    for statement in (
        _function(mapping, function, target),
        f"REVOKE ALL ON FUNCTION {function}() FROM PUBLIC",
        f"{rows} INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()",
        f"{emptied} TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
        snapshot,
    ):
        connection.exec_driver_sql(statement)


def _picked(mapping: CaptureMapping, row: str) -> str:
    """The mapped columns of a row (jsonb); null where the row is null or lacks them."""
    names = ", ".join(f"'{column}'" for column in dict.fromkeys(mapping.columns.values()))
    return f"(SELECT jsonb_object_agg(name, {row} -> name) FROM unnest(ARRAY[{names}]) AS name)"  # noqa: S608  names are quoted


def _function(mapping: CaptureMapping, function: str, target: str) -> str:
    return f"""
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $czt$
DECLARE
  whole_before jsonb; whole_after jsonb; row_before jsonb; row_after jsonb; key_before text; key_after text;
BEGIN
  IF TG_OP IN ('UPDATE', 'DELETE') THEN
    whole_before := to_jsonb(OLD);
    key_before := whole_before ->> '{mapping.key}';
    row_before := {_picked(mapping, "whole_before")};
  END IF;
  IF TG_OP IN ('INSERT', 'UPDATE') THEN
    whole_after := to_jsonb(NEW);
    key_after := whole_after ->> '{mapping.key}';
    row_after := {_picked(mapping, "whole_after")};
  END IF;
  IF TG_OP <> 'UPDATE' OR key_before IS DISTINCT FROM key_after OR row_before IS DISTINCT FROM row_after THEN
    INSERT INTO {target} (transaction_id, captured_at, operation, key_before, key_after, row_before, row_after)
    VALUES (pg_current_xact_id()::text, {_NOW}, lower(TG_OP), key_before, key_after, row_before::text, row_after::text);
  END IF;
  RETURN NULL;
END $czt$"""  # noqa: S608  names are quoted


def drop(connection: Connection) -> None:
    """Remove the function and, with it, the triggers, on whatever table they are: that needs no right on the table."""
    schema = connection.execute(text("SELECT current_schema()")).scalar_one()
    connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {quoted(schema)}.{FUNCTION}() CASCADE")


def keys_there(connection: Connection, mapping: CaptureMapping) -> set[str] | None:
    """The keys of the table's rows, as the triggers write them. None when there is no such table any more."""
    table = quoted_table(mapping.table)
    if connection.execute(text("SELECT to_regclass(:name)"), {"name": table}).scalar_one() is None:
        return None
    query = f"SELECT to_jsonb(here) ->> '{mapping.key}' FROM ONLY {table} AS here"  # noqa: S608  names are quoted
    return set(connection.exec_driver_sql(query).scalars())


def is_whole(connection: Connection, mapping: CaptureMapping) -> bool:
    """Whether both triggers are there, switched on, on this table."""
    query = text(
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(:table) AND tgname = ANY(:names) AND tgenabled IN ('O', 'A')"
    )
    names = [ROWS, EMPTIED]
    return bool(connection.execute(query, {"table": quoted_table(mapping.table), "names": names}).scalar_one() == 2)
