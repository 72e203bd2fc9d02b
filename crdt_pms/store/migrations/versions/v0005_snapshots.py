"""Snapshots of the property in chunks; journals say when their last entry was written, and up to where a snapshot holds it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_STAMPS = {"head_stamp_ms": "stamp_ms", "head_stamp_counter": "stamp_counter"}


def upgrade() -> None:
    """Add the tables and columns, and fill the columns from what is there."""
    for name in ("head_stamp_ms", "head_stamp_counter", "covered_seq"):
        op.add_column("journal", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("register_write", sa.Column("position", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index(
        "register_write_begun",
        "register_write",
        ["property_id", "position"],
        sqlite_where=sa.text("position > 0"),
        postgresql_where=sa.text("position > 0"),
    )
    op.create_table(
        "snapshot",
        sa.Column("property_id", sa.Text(), primary_key=True),
        sa.Column("through", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshot_chunk",
        sa.Column("property_id", sa.Text(), primary_key=True),
        sa.Column("name", sa.LargeBinary(), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "covered_entry",
        sa.Column("property_id", sa.Text(), primary_key=True),
        sa.Column("journal", sa.LargeBinary(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("prefix", sa.LargeBinary(), nullable=False),
        sa.Column("stamp_ms", sa.BigInteger(), nullable=False),
        sa.Column("stamp_counter", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.LargeBinary(), nullable=True),
        sqlite_with_rowid=False,
    )
    _fill()


def _fill() -> None:
    journal = sa.table("journal", *map(sa.column, ("property_id", "journal", "head_seq", *_STAMPS)))
    entry = sa.table("entry", *map(sa.column, ("property_id", "journal", "seq", *_STAMPS.values())))
    for column, source in _STAMPS.items():
        at_head = sa.select(entry.c[source]).where(
            entry.c.property_id == journal.c.property_id,
            entry.c.journal == journal.c.journal,
            entry.c.seq == journal.c.head_seq,
        )
        op.execute(sa.update(journal).values({column: sa.func.coalesce(at_head.scalar_subquery(), 0)}))
    if op.get_bind().dialect.name == "postgresql":
        # Only a relay makes snapshots. When older writes came is not known any more: all count as having come first.
        op.execute("UPDATE register_write SET position = 1")
    else:
        # The statistics are fixed (see the migration before): without a line here the planner guesses.
        statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
        op.bulk_insert(statistics, [{"tbl": "register_write", "idx": "register_write_begun", "stat": "1000 1000 2"}])
        op.execute("ANALYZE sqlite_schema")
