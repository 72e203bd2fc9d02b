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

_OF_A_HOUSE = (
    ("reservation", "reservation", "30000 30000 1"),
    ("reservation", "reservation_by_arrival", "30000 30000 30 1"),
    ("reservation", "reservation_by_departure", "30000 30000 30 1"),
    ("reservation", "reservation_by_status", "30000 30000 6000 10 1"),
    ("reservation", "reservation_by_room", "30000 30000 120 1 1"),
    ("reservation", "reservation_by_guest", "30000 30000 2 1 1"),
    ("reservation", "reservation_long", "300 300 1 1"),
    ("guest", "guest", "25000 25000 1"),
    *(("guest", f"guest_by_{key}", "25000 25000 3") for key in _GUEST_KEYS),
    ("folio", "folio", "33000 33000 1"),
    ("folio", "folio_by_stay", "33000 33000 2"),
    ("folio", "folio_not_settled", "300 300 1"),
    ("posting", "posting", "150000 150000 1"),
    ("posting", "posting_by_folio", "150000 150000 5"),
    ("posting", "posting_by_stay", "150000 150000 5 4"),
    ("posting", "posting_by_original", "1500 1500 1"),
    ("conflict", "conflict", "5000 5000 1"),
    ("conflict", "conflict_by_decision", "4000 4000 1"),
)
"""Rows of a house after a year, and for each column of an index how many rows share what stands up to it."""


def _tell_sqlite_what_a_house_is_like() -> None:
    """SQLite guesses that ten rows share any value, and takes an index of dates where one of folios is there.

    What ANALYZE finds changes from day to day, and plans with it; these numbers do not. PostgreSQL counts by itself.
    Source: https://www.sqlite.org/lang_analyze.html, section 3.
    """
    op.execute("DELETE FROM sqlite_stat1")
    statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    op.bulk_insert(statistics, [{"tbl": table, "idx": index, "stat": numbers} for table, index, numbers in _OF_A_HOUSE])
    op.execute("ANALYZE sqlite_schema")


def upgrade() -> None:
    """Add columns and indexes."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        # Makes the table of statistics. Made last it would stand at the file's end, where a torn file loses it first.
        op.execute("ANALYZE business_day")
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
    if is_sqlite:
        _tell_sqlite_what_a_house_is_like()
