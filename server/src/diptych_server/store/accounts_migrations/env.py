"""Alembic's environment: runs in the connection and the transaction that `Accounts.open` gives it."""

from alembic import context

from diptych_server.store.accounts_tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
