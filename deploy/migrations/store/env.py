"""Alembic's entry for the store tables; the connection comes from deploy.migrate."""

from alembic import context

from schemas.tables.store import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
