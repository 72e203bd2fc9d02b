"""Each journal says in columns which head it continues, so that opening a database decodes no certificate for that."""

from typing import Any

import msgpack
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns, and fill them from the certificates that are there."""
    op.add_column("journal", sa.Column("previous_journal", sa.LargeBinary(), nullable=True))
    op.add_column("journal", sa.Column("previous_seq", sa.BigInteger(), nullable=True))
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    # The structure of this version: the fourth of six fields is the previous head, or nil.

    journal = sa.table(
        "journal",
        *(sa.column(name) for name in ("property_id", "journal", "certificate", "previous_journal", "previous_seq")),
    )
    key = sa.select(journal.c.property_id, journal.c.journal, journal.c.certificate)
    for property_id, name, certificate in connection.execute(key).fetchall():
        fields: list[Any] = msgpack.unpackb(bytes(certificate))  # pyright: ignore[reportAssignmentType]
        previous = fields[3]
        if previous is not None:
            connection.execute(
                sa.update(journal)
                .where(journal.c.property_id == property_id, journal.c.journal == name)
                .values(previous_journal=previous[0], previous_seq=previous[1])
            )
