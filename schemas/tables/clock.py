"""The database's own clock in SQL: leases must not depend on the clocks of the hosts."""

from sqlalchemy import TextClause, text

_NOW_US = {
    # SQLite's clock gives milliseconds.
    "sqlite": text("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000"),
    # The time now, not the transaction's.
    "postgresql": text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"),
}


def now_us(dialect: str) -> TextClause:
    """A query for microseconds since 1970 UTC. Raises KeyError for a database we don't know."""
    return _NOW_US[dialect]
