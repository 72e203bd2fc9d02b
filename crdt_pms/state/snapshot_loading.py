"""Standing on a snapshot: the state at its position, put in the store from its chunks.

What was there before must have been emptied. Nothing here decides whether a snapshot may be taken; `keeping` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ledger.errors import RegisterCorrupt
from crdt_pms.ledger.register import RegisterState
from crdt_pms.log.errors import SnapshotMalformed
from crdt_pms.log.records import (
    KeptEntry,
    joined_pieces,
    read_entry,
    read_journal,
    read_name,
    read_register,
    read_withheld,
)
from crdt_pms.log.snapshot import Index, Kind, SnapshotHead, records_in, require_chunk
from crdt_pms.ports.records import (
    CoveredJournal,
    DocumentSnapshot,
    EntryName,
    HeldRecord,
    QuarantineRecord,
    WriteRecord,
)
from crdt_pms.ports.snapshots import Snapshots
from crdt_pms.ports.store import Transaction
from crdt_pms.state.content_digest import ContentDigest, RowName
from crdt_pms.state.projection import linking_changes
from crdt_pms.state.snapshot_base import NODE_VALUES, Base
from crdt_pms.state.stored_rows import written

_WRITES_AT_ONCE: Final = 2_000


class Chunks:
    """Reads the records of one snapshot, chunk by chunk. Everything raises SnapshotMalformed."""

    def __init__(self, transaction: Snapshots, head: SnapshotHead) -> None:
        """Raises SnapshotNewer too."""
        self._transaction = transaction
        head.require_readable()
        self.index = Index.decode(self._chunk(head.index))
        self.index.require_readable()

    def of_kind(self, kind: Kind) -> Iterator[list[object]]:
        """The records of a kind."""
        for name in self.index.of_kind(kind):
            yield from records_in(self._chunk(name))

    def journals(self) -> Iterator[CoveredJournal]:
        """Every journal that the snapshot covers."""
        return map(read_journal, self.of_kind(Kind.JOURNALS))

    def kept_entries(self) -> Iterator[KeptEntry]:
        """The entries that stay in the log."""
        return map(read_entry, self.of_kind(Kind.ENTRIES))

    def losing_values(self) -> Iterator[Entry]:
        """The entries with values that can be read back nowhere else."""
        return (read_entry(record).entry for record in self.of_kind(Kind.LOSING))

    def names(self) -> Iterator[dict[Dot, EntryName]]:
        """What later entries may need of the standing writes, chunk by chunk."""
        for name in self.index.of_kind(Kind.NAMES):
            yield dict(map(read_name, records_in(self._chunk(name))))

    def _chunk(self, name: bytes) -> bytes:
        chunk = self._transaction.snapshot_chunk(name)
        if chunk is None:
            raise SnapshotMalformed("a chunk of the snapshot is missing")
        require_chunk(name, chunk)
        return chunk


def load_base(transaction: Transaction, head: SnapshotHead) -> Base:
    """Fill the empty tables of what follows from the log with what a snapshot holds. Of the readable rows it writes those by
    which components find their parts; to write them whole is another step.

    Raises SnapshotError, and then the tables must be emptied again.
    """
    chunks = Chunks(transaction, head)
    vector: dict[JournalId, int] = {}
    stamps: dict[JournalId, Stamp] = {}
    for journal in chunks.journals():
        vector[journal.head.journal], stamps[journal.head.journal] = journal.head.seq, journal.stamp
    registers = ContentDigest()
    try:
        for state in _put_registers(transaction, chunks):
            registers.add(RowName(state.register.group, state.register.row), state.content_sum)
            transaction.project(linking_changes(state))
    except RegisterCorrupt as error:
        raise SnapshotMalformed(str(error)) from error
    documents: list[str] = []
    for document, content in joined_pieces(chunks.of_kind(Kind.DOCUMENTS)):
        documents.append(document)
        transaction.put_document_snapshot(DocumentSnapshot(document, 0, content))
    for record in map(read_withheld, chunks.of_kind(Kind.WITHHELD)):
        _put_withheld(transaction, record)
    for name, value in joined_pieces(chunks.of_kind(Kind.VALUES)):
        if name in NODE_VALUES:
            transaction.put_state(name, value)
    return Base(vector, stamps, tuple(documents), registers)


def _put_registers(transaction: Transaction, chunks: Chunks) -> Iterator[RegisterState]:
    """Store every register, and give each."""
    waiting: list[WriteRecord] = []
    records = (one for record in chunks.of_kind(Kind.REGISTERS) for one in read_register(record))
    for _register, some in groupby(records, key=lambda one: one[:3]):
        writes = list(some)
        stored = [written(one) for one in writes]
        yield RegisterState.load(stored[0].register, stored)
        waiting += writes
        if len(waiting) > _WRITES_AT_ONCE:
            transaction.put_writes(waiting)
            waiting = []
    transaction.put_writes(waiting)


def _put_withheld(transaction: Transaction, record: QuarantineRecord | HeldRecord | Dot) -> None:
    match record:
        case QuarantineRecord():
            transaction.add_quarantine(record)
        case HeldRecord():
            transaction.put_held(record)
        case dot:
            transaction.put_of_newer_group(dot)
