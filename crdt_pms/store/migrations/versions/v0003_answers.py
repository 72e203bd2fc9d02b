"""Answers under idempotency keys get a table of their own, from which they expire; those that were given move there."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_PREFIX = "idempotency/"


def upgrade() -> None:
    """Make the table, and take the answers over as given now: when they were given was not kept."""
    op.create_table(
        "request_answer",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("property_id", "name"),
        sqlite_with_rowid=False,
    )
    op.create_index("request_answer_by_time", "request_answer", ["property_id", "at_ms"])
    moved = sa.text(
        "INSERT INTO request_answer (property_id, name, answer, at_ms) "
        "SELECT property_id, substr(key, :length), value, :now FROM node_state WHERE substr(key, 1, :length - 1) = :prefix"
    ).bindparams(
        sa.bindparam("length", len(_PREFIX) + 1, sa.Integer()),
        sa.bindparam("now", time.time_ns() // 1_000_000, sa.BigInteger()),
        sa.bindparam("prefix", _PREFIX, sa.Text()),
    )
    op.get_bind().execute(moved)
    op.execute(f"DELETE FROM node_state WHERE substr(key, 1, {len(_PREFIX)}) = '{_PREFIX}'")  # noqa: S608 - a constant
