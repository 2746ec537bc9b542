"""The shared store in SQL: one set of tables on SQLite and PostgreSQL, written in sets, never row by row."""
