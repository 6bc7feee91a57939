"""Alembic's entry: runs the steps on the connection that `storage.migrate` hands over.

Not for: the alembic command line; addresses and locks are `storage.migrate`'s business.
"""

from alembic import context

from storage.schema_broadcasts import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    # SQLite takes tables into a transaction too, once the driver is told to begin one.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
