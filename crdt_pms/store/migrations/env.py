"""Alembic's environment: runs in the connection and the transaction that `crdt_pms.store.migrate` gives it."""

from alembic import context

from crdt_pms.store.migrate import VERSION_TABLE
from crdt_pms.store.readable import READABLE_TABLES
from crdt_pms.store.tables import METADATA

assert READABLE_TABLES, "imported so that the metadata is whole"

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=VERSION_TABLE
)
context.run_migrations()
