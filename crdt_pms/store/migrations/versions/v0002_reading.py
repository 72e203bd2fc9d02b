"""What questions about stays, guests and folios are answered from: further columns and indexes of the readable tables.

The columns stay empty until the program that opens the database writes the readable rows anew, as it does at once.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

_GUEST_KEYS = (
    "name_key", "given_name_key", "kana_key", "given_kana_key", "romaji_key", "given_romaji_key", "phone_key", "phone_end_key",
)  # fmt: skip
_KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add columns and indexes."""
    op.add_column("reservation", sa.Column("departure", sa.Text(), nullable=True))
    for key in _GUEST_KEYS:
        op.add_column("guest", sa.Column(key, _KEY, nullable=True))
    op.drop_index("reservation_by_arrival", "reservation")
    op.create_index("reservation_by_arrival", "reservation", ["property_id", "arrival", "stay"])
    op.create_index("reservation_by_status", "reservation", ["property_id", "status", "arrival", "stay"])
    op.create_index("reservation_by_departure", "reservation", ["property_id", "departure", "stay"])
    op.create_index("reservation_by_room", "reservation", ["property_id", "room", "arrival", "stay"])
    op.create_index("reservation_by_guest", "reservation", ["property_id", "guest", "arrival", "stay"])
    op.create_index(
        "reservation_long",
        "reservation",
        ["property_id", "departure", "stay"],
        sqlite_where=sa.text("nights > 31"),
        postgresql_where=sa.text("nights > 31"),
    )
    op.create_index(
        "folio_not_settled",
        "folio",
        ["property_id", "stay"],
        sqlite_where=sa.text("balance_minor != 0"),
        postgresql_where=sa.text("balance_minor != 0"),
    )
    for key in _GUEST_KEYS:
        op.create_index(
            f"guest_by_{key}",
            "guest",
            ["property_id", key],
            sqlite_where=sa.text(f"{key} IS NOT NULL"),
            postgresql_where=sa.text(f"{key} IS NOT NULL"),
        )
