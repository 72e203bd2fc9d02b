"""The tables of a node, keyed by `property_id` first so that they partition and distribute unchanged.

In SQLite the rows of small ones stand in the primary key itself (`WITHOUT ROWID`): one page to write instead of two.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Integer, LargeBinary, MetaData, Table, Text

METADATA: Final = MetaData()

_PROPERTY = "property_id"


def _property() -> Column[str]:
    return Column(_PROPERTY, Text, primary_key=True)


JOURNAL: Final = Table(
    "journal",
    METADATA,
    _property(),
    Column("journal", LargeBinary, primary_key=True),
    Column("device_id", Text, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("certificate_signature", LargeBinary, nullable=False),
    Column("head_seq", BigInteger, nullable=False),
    Column("head_hash", LargeBinary, nullable=False),
    Column("previous_journal", LargeBinary),
    Column("previous_seq", BigInteger),
    Column("head_stamp_ms", BigInteger, nullable=False, server_default="0"),
    Column("head_stamp_counter", BigInteger, nullable=False, server_default="0"),
    Column("covered_seq", BigInteger, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
"""Known journals, their certificates as signed, and how far each is held. `previous_…` is the head that the certificate says to
continue; NULL for a device's first journal. `head_stamp_…` is the stamp of the last entry. Entries up to `covered_seq` are
committed, and a snapshot that is kept holds what follows from them: they may be absent from the log."""

ENTRY: Final = Table(
    "entry",
    METADATA,
    _property(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("journal", LargeBinary, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("stamp_ms", BigInteger, nullable=False),
    Column("stamp_counter", BigInteger, nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("parts", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("committed", BigInteger),
    ForeignKeyConstraint([_PROPERTY, "journal"], ["journal.property_id", "journal.journal"]),
)
"""The node's log. `position` is its own order; `committed` the relay's, NULL while tentative. `parts` is a msgpack list of the
parts of the payload, nil for an erased one; `document` is empty for what is no update of one document."""

Index("entry_identity", ENTRY.c.property_id, ENTRY.c.journal, ENTRY.c.seq, unique=True)
Index(
    "entry_committed",
    ENTRY.c.property_id,
    ENTRY.c.committed,
    unique=True,
    sqlite_where=ENTRY.c.committed.is_not(None),
    postgresql_where=ENTRY.c.committed.is_not(None),
)
Index(
    "entry_tentative",
    ENTRY.c.property_id,
    ENTRY.c.position,
    sqlite_where=ENTRY.c.committed.is_(None),
    postgresql_where=ENTRY.c.committed.is_(None),
)
Index(
    "entry_document",
    ENTRY.c.property_id,
    ENTRY.c.document,
    ENTRY.c.position,
    sqlite_where=ENTRY.c.document != "",
    postgresql_where=ENTRY.c.document != "",
)

ORDER_CHECKPOINT: Final = Table(
    "order_checkpoint",
    METADATA,
    _property(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False),
    Column("proof", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""The digest of the committed order at each multiple of `CHECKPOINT_POSITIONS`; on a terminal with the relay's signature."""

POSITION_COUNTER: Final = Table(
    "position_counter",
    METADATA,
    _property(),
    Column("last_position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The last position given out. Its row lock is what orders the commits of several relay processes."""

QUARANTINE: Final = Table(
    "quarantine",
    METADATA,
    _property(),
    Column("journal", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Entries that are held and forwarded but never applied."""

HELD: Final = Table(
    "held",
    METADATA,
    _property(),
    Column("journal", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Entries that wait for a newer version of the program."""

OF_NEWER_GROUP: Final = Table(
    "of_newer_group",
    METADATA,
    _property(),
    Column("journal", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Applied entries that write field groups which this version does not know and so does not show."""

REGISTER_WRITE: Final = Table(
    "register_write",
    METADATA,
    _property(),
    Column("field_group", Text, primary_key=True),
    Column("row_id", Text, primary_key=True),
    Column("flags", Integer, primary_key=True, autoincrement=False),
    Column("journal", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("standing", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("position", BigInteger, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
"""The merged state of every register, a row for each write: 0 it stands, 1 superseded, 2 superseded long ago (a digest).
`position` is the place in the committed order at which a relay first wrote the row; 0 on terminals, which make no snapshots."""

Index(
    "register_write_begun",
    REGISTER_WRITE.c.property_id,
    REGISTER_WRITE.c.position,
    sqlite_where=REGISTER_WRITE.c.position > 0,
    postgresql_where=REGISTER_WRITE.c.position > 0,
)

LIVE_ROW: Final = Table(
    "live_row",
    METADATA,
    _property(),
    Column("kind", Text, primary_key=True),
    Column("row_id", Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""The rows that are not at rest: those that a node reads when it opens its database."""

CONTENT_SUM: Final = Table(
    "content_sum",
    METADATA,
    _property(),
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("sum", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""The content digest: the sum of each bucket of rows."""

DOCUMENT_SNAPSHOT: Final = Table(
    "document_snapshot",
    METADATA,
    _property(),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("state", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Merged documents, so that loading need not replay them from the beginning."""

NODE_STATE: Final = Table(
    "node_state",
    METADATA,
    _property(),
    Column("key", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Small named values of the node itself."""

REQUEST_ANSWER: Final = Table(
    "request_answer",
    METADATA,
    _property(),
    Column("name", Text, primary_key=True),
    Column("answer", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""What another system was answered under an idempotency key, and when (UTC milliseconds)."""

Index("request_answer_by_time", REQUEST_ANSWER.c.property_id, REQUEST_ANSWER.c.at_ms)

FORK_PROOF: Final = Table(
    "fork_proof",
    METADATA,
    _property(),
    Column("journal", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("previous_hash", LargeBinary, primary_key=True),
    Column("proof", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Where journals were written twice, each with two signed branches."""

BRANCH_ENTRY: Final = Table(
    "branch_entry",
    METADATA,
    _property(),
    Column("journal", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, primary_key=True),
    Column("header", LargeBinary, nullable=False),
    Column("parts", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("position", BigInteger),
)
"""Entries of forked journals whose branch does not count, or did not once: kept whole for ever. `position` is where an entry
stood in the log when it was taken out of it."""

Index("branch_entry_position", BRANCH_ENTRY.c.property_id, BRANCH_ENTRY.c.position)

SNAPSHOT: Final = Table(
    "snapshot",
    METADATA,
    _property(),
    Column("through", BigInteger, primary_key=True, autoincrement=False),
    Column("head", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""The signed heads of the snapshots that are kept, by the position of the committed order at which they stand."""

COVERED_ENTRY: Final = Table(
    "covered_entry",
    METADATA,
    _property(),
    Column("journal", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("prefix", LargeBinary, nullable=False),
    Column("stamp_ms", BigInteger, nullable=False),
    Column("stamp_counter", BigInteger, nullable=False),
    Column("whole", LargeBinary),
    sqlite_with_rowid=False,
)
"""What later entries may need of entries that are absent from the log because a snapshot stands for them: by which bytes they
are named, and when they were written. `whole` is the entry itself, where a conflict was about its value."""

SNAPSHOT_CHUNK: Final = Table(
    "snapshot_chunk",
    METADATA,
    _property(),
    Column("name", LargeBinary, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""Chunks and indexes of snapshots by their SHA-256. Snapshots share them."""

DERIVED_TABLES: Final = (QUARANTINE, HELD, REGISTER_WRITE, DOCUMENT_SNAPSHOT, LIVE_ROW, CONTENT_SUM)
"""What follows from the log, beside the readable tables."""
