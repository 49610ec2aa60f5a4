"""Runs the steps on the connection that `storage.schema` hands in, inside the transaction it began."""

from __future__ import annotations

from alembic import context

from storage.tables_chat import complete

context.configure(connection=context.config.attributes["connection"], target_metadata=complete, transactional_ddl=True)
context.run_migrations()
