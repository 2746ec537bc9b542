"""Alembic migrations: `store` for the shared store, `source` for a city's register and the joint office's outbox."""
