"""Triggers that refuse to change the audit tables: a guard against accidents; what they can't stop, the tree detects."""

AUDIT_TABLES = ("audit_entry", "audit_record")


def sqlite_triggers() -> list[str]:
    """DDL for SQLite. INSERT OR REPLACE passes UPDATE and DELETE triggers, so an existing index is refused before insert."""
    found = []
    for table in AUDIT_TABLES:
        for verb in ("UPDATE", "DELETE"):
            found.append(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        found.append(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608  our own two names
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE idx = NEW.idx) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    return found


def postgres_triggers() -> list[str]:
    """DDL for PostgreSQL."""
    found = [
        """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"""
    ]
    for table in AUDIT_TABLES:
        found.append(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        found.append(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    return found
