"""The first schema: journals, entries, what follows from them, and the readable tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "alert",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("proposal", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("property_id", "identity"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "branch_entry",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("parts", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("property_id", "journal", "seq", "hash"),
    )
    op.create_index("branch_entry_position", "branch_entry", ["property_id", "position"])
    op.create_table(
        "business_day",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("property_id", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "content_sum",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sum", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("property_id", "bucket"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "conflict",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("field_group", sa.Text(), nullable=True),
        sa.Column("row_id", sa.Text(), nullable=True),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("property_id", "identity"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "conflict_value",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("property_id", "identity", "entry"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "document_snapshot",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("property_id", "subject"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "folio",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("stay", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("balance_minor", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("property_id", "folio"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fork_proof",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("property_id", "journal", "seq", "previous_hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "guest",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("guest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kana", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("nationality", sa.Text(), nullable=True),
        sa.Column("passport", sa.Text(), nullable=True),
        sa.Column("member", sa.Text(), nullable=True),
        sa.Column("revision", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("property_id", "guest"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "of_newer_group",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("property_id", "journal", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "held",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("property_id", "journal", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "journal",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("certificate_signature", sa.LargeBinary(), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("property_id", "journal"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "node_state",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("property_id", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "live_row",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("property_id", "kind", "row_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "note",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("property_id", "document"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "order_checkpoint",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("property_id", "position"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "position_counter",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("property_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "posting",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("posting", sa.Text(), nullable=False),
        sa.Column("stay", sa.Text(), nullable=True),
        sa.Column("folio", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("business_date", sa.Text(), nullable=True),
        sa.Column("revenue_date", sa.Text(), nullable=True),
        sa.Column("reverses", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("property_id", "posting"),
        sqlite_with_rowid=False,
    )
    op.create_index("posting_by_folio", "posting", ["property_id", "folio"], unique=False)
    op.create_index(
        "posting_by_original",
        "posting",
        ["property_id", "reverses"],
        unique=False,
        sqlite_where=sa.text("reverses IS NOT NULL"),
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )
    op.create_index("posting_by_stay", "posting", ["property_id", "stay", "folio"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("property_id", "journal", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "register_write",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("field_group", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("flags", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("standing", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("property_id", "field_group", "row_id", "flags", "journal", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reservation",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("stay", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("room", sa.Text(), nullable=True),
        sa.Column("arrived_at", sa.BigInteger(), nullable=True),
        sa.Column("departed_at", sa.BigInteger(), nullable=True),
        sa.Column("status_note", sa.Text(), nullable=True),
        sa.Column("arrival", sa.Text(), nullable=True),
        sa.Column("nights", sa.Integer(), nullable=True),
        sa.Column("room_type", sa.Text(), nullable=True),
        sa.Column("rate_minor", sa.BigInteger(), nullable=True),
        sa.Column("adults", sa.Integer(), nullable=True),
        sa.Column("children", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("segment", sa.Text(), nullable=True),
        sa.Column("do_not_move", sa.Boolean(), nullable=True),
        sa.Column("guest", sa.Text(), nullable=True),
        sa.Column("revision", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("property_id", "stay"),
        sqlite_with_rowid=False,
    )
    op.create_index("reservation_by_arrival", "reservation", ["property_id", "arrival"], unique=False)
    op.create_table(
        "room_status",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("hk_condition", sa.Text(), nullable=True),
        sa.Column("hk_occupancy", sa.Text(), nullable=True),
        sa.Column("maintenance", sa.Text(), nullable=True),
        sa.Column("maintenance_reason", sa.Text(), nullable=True),
        sa.Column("guest_service", sa.Text(), nullable=True),
        sa.Column("updated_ms", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("property_id", "room"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry",
        sa.Column("property_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("stamp_ms", sa.BigInteger(), nullable=False),
        sa.Column("stamp_counter", sa.BigInteger(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("parts", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["property_id", "journal"],
            ["journal.property_id", "journal.journal"],
        ),
        sa.PrimaryKeyConstraint("property_id", "position"),
    )
    op.create_index(
        "entry_committed",
        "entry",
        ["property_id", "committed"],
        unique=True,
        sqlite_where=sa.text("committed IS NOT NULL"),
        postgresql_where=sa.text("committed IS NOT NULL"),
    )
    op.create_index(
        "entry_document",
        "entry",
        ["property_id", "document", "position"],
        unique=False,
        sqlite_where=sa.text("document != ''"),
        postgresql_where=sa.text("document != ''"),
    )
    op.create_index("entry_identity", "entry", ["property_id", "journal", "seq"], unique=True)
    op.create_index(
        "entry_tentative",
        "entry",
        ["property_id", "position"],
        unique=False,
        sqlite_where=sa.text("committed IS NULL"),
        postgresql_where=sa.text("committed IS NULL"),
    )
    op.create_index(
        "conflict_by_decision",
        "conflict",
        ["property_id", "decided_at_ms"],
        unique=False,
        sqlite_where=sa.text("decided_at_ms IS NOT NULL"),
        postgresql_where=sa.text("decided_at_ms IS NOT NULL"),
    )
    op.create_index("folio_by_stay", "folio", ["property_id", "stay"], unique=False)
