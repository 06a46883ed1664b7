"""Where Alembic finds the connection and the tables; called by `models.migrations.migrate`."""

from __future__ import annotations

from alembic import context

from models import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.METADATA,
    include_name=lambda name, kind, _: kind != "table" or name in tables.METADATA.tables,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
