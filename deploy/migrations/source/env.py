"""Alembic's entry for the source tables; the connection comes from deploy.migrate."""

from alembic import context

from schemas.tables.source import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
