"""The tables of both sides, as SQLAlchemy Core metadata; alembic creates them, adapters use them."""
