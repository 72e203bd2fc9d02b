"""What a replica asks of a database.

One `Store` belongs to one property on one node. Every call of a replica runs inside one `transaction()`; nothing that it
returned may leave the process before that transaction committed. Both implementations (SQLite, PostgreSQL) pass one
contract suite.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.forks import ForkProof
from crdt_pms.journal.identifiers import DeviceId, Dot, JournalId
from crdt_pms.journal.positions import Checkpoint, CommittedRun

Scalar = str | int | bool | bytes | None


class StoreError(Exception):
    """Base of what a store reports. After one inside a transaction, nothing of it happened.

    `reason` is a stable code for counters and logs.
    """

    reason = "store_error"


class StoreUnavailable(StoreError):
    """The database cannot be reached or does not answer: try again later; nothing is lost."""

    reason = "store_unavailable"


class StoreCorrupt(StoreError):
    """The database file is damaged or not one of ours: stop, keep the file, start the repair."""

    reason = "store_corrupt"


class StoreKeyUnusable(StoreError):
    """The key of an encrypted database is missing or no key: put it back; nothing was touched."""

    reason = "store_key_unusable"


class StoreNewer(StoreError):
    """A newer version of the program wrote this database: start that version; nothing was touched."""

    reason = "store_newer"


class StoreDoubtful(StoreError):
    """The database may lack what its node has told others: stop, nothing was changed; an operator looks and decides."""

    reason = "store_doubtful"


class StoreWentBack(StoreDoubtful):
    """The disk's fault, or that of a restored copy: the database holds less than it once held.

    `own` counts the lost entries that this device wrote, `others` those of other devices; None where that cannot be told.
    """

    reason = "store_went_back"

    def __init__(self, words: str, own: int | None, others: int | None) -> None:
        super().__init__(words)
        self.own = own
        self.others = others


class WitnessUnusable(StoreDoubtful):
    """The witness of the database is missing, damaged or another database's, so nothing says whether the database is whole."""

    reason = "witness_unusable"


class StoreFull(StoreError):
    """The disk is full or not writable: nothing was saved; make room and repeat the action."""

    reason = "store_full"


class StoreFailing(StoreError):
    """The disk reports an error: nothing was saved; check the disk, restart, replace it when it happens again.

    After an error of the last sync only the next start shows whether what was being saved is there all the same.
    """

    reason = "store_failing"


class CommitOutcomeUnknown(StoreError):
    """The connection broke while committing: read back before deciding whether it happened."""

    reason = "commit_outcome_unknown"


class Placed(NamedTuple):
    """An entry in a node's own log. `position` counts from one, in the order in which the node took entries; positions of
    entries that were withdrawn with a branch stay empty.

    `committed` is its place in the relay's committed order, None while tentative. On the relay both are equal.
    """

    position: int
    entry: Entry
    committed: int | None


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """A known journal and how far it is held."""

    certificate: Certificate
    head: Head


class HeldJournal(NamedTuple):
    """A known journal without its certificate: its device, the head that it continues, and how far it is held."""

    device_id: DeviceId
    previous: tuple[JournalId, int] | None
    head: Head


class QuarantineRecord(NamedTuple):
    """An entry that is held and forwarded but never applied, and why. `reason` is a stable code."""

    dot: Dot
    reason: str
    detail: str


class HeldRecord(NamedTuple):
    """An entry that is stored and forwarded, and applied when the program is updated: this version cannot read it.

    `reason` is a stable code.
    """

    dot: Dot
    reason: str
    detail: str


class WriteRecord(NamedTuple):
    """One write of a register as it is held, as `Ledger.stored` gave it."""

    group: str
    row: str
    flags: int
    dot: Dot
    standing: int
    state: bytes


class RowChange(NamedTuple):
    """A readable row to write (`values` with every column of the table but its key) or, with None, to delete."""

    table: str
    key: Mapping[str, Scalar]
    values: Mapping[str, Scalar] | None


class DocumentSnapshot(NamedTuple):
    """The merged state of a document as of a position of the node's own log."""

    subject: str
    position: int
    state: bytes


class CoveredJournal(NamedTuple):
    """A journal as a snapshot knows it: its certificate, its last entry there and the stamp of that."""

    certificate: Certificate
    head: Head
    stamp: Stamp


class EntryName(NamedTuple):
    """What later entries may need of an entry: the first bytes of its hash, by which it is named, and its stamp."""

    prefix: bytes
    stamp: Stamp


class CoveredEntry(NamedTuple):
    """Where an entry stands that a snapshot may stand for. `committed` is None while it is tentative."""

    position: int
    committed: int | None
    dot: Dot
    document: str


_NOWHERE: Final[Mapping[Dot, int]] = MappingProxyType({})


class Transaction(Protocol):
    """Everything a replica reads and writes, atomically."""

    def journals(self) -> list[JournalRecord]:
        """All known journals with their heads."""
        ...

    def held_journals(self) -> list[HeldJournal]:
        """All known journals. No certificate is decoded for that."""
        ...

    def device_names(self) -> Mapping[str, str]:
        """What administrators called the devices of the known journals, by device id; of one certificate of each device."""
        ...

    def newest_stamps(self) -> Mapping[JournalId, tuple[int, Stamp]]:
        """Number and stamp of the last entry of each journal of which one is held. No entry is decoded for that."""
        ...

    def certificate(self, journal: JournalId) -> Certificate | None:
        """The certificate of a journal; None for one that is not known."""
        ...

    def head(self, journal: JournalId) -> Head | None:
        """How far a journal is held; None for one that is not known."""
        ...

    def add_journal(self, certificate: Certificate) -> None:
        """Remember a verified certificate; a repeat is a no-op."""
        ...

    def append_entries(self, placed: Sequence[Placed]) -> None:
        """Add verified entries at the end of the log and advance the heads of their journals.

        The caller must give positions that continue `last_position` and entries that continue their journals.
        """
        ...

    def last_position(self) -> int:
        """The position of the newest entry of the log; 0 when empty. On PostgreSQL this locks the property's commit counter
        until the transaction ends, so that positions are given out in commit order."""
        ...

    def entries_after(self, position: int, entries_max: int, bytes_max: int) -> list[Placed]:
        """The next entries of the log; at least one if there is any, else within both limits."""
        ...

    def entries_beyond(self, committed: int, position: int, entries_max: int, bytes_max: int) -> list[Placed]:
        """Those of `entries_after` that stand beyond a committed position, or are tentative."""
        ...

    def first_beyond(self, committed: int) -> int | None:
        """The position of the first entry of the log that stands beyond a committed position, or is tentative."""
        ...

    def journals_beyond(self, committed: int) -> list[JournalId]:
        """The journals that have entries beyond a committed position, or tentative ones, in order."""
        ...

    def entry(self, dot: Dot) -> Placed | None:
        """One entry by its identity."""
        ...

    def entry_hash(self, dot: Dot) -> bytes | None:
        """The hash of an entry by its identity."""
        ...

    def entries_of_document(self, subject: str, after_position: int) -> list[Placed]:
        """All entries that name a document in their header, after a position, in log order."""
        ...

    def documents(self) -> list[str]:
        """The ids of all documents that have any update."""
        ...

    def mark_committed(self, run: CommittedRun) -> int:
        """Note the committed positions of a run. Returns how many of its entries were held and tentative, and so are marked."""
        ...

    def forget_committed(self, after: int) -> None:
        """Make the entries beyond a committed position tentative again, and forget the checkpoints there: the relay's database
        has another order."""
        ...

    def committed_hashes(self, after: int, entries_max: int) -> list[bytes]:
        """The hashes of the entries at the committed positions after `after`, ascending, up to `after + entries_max`."""
        ...

    def put_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep the digest of the committed order at a position; a repeat replaces it."""
        ...

    def remove_checkpoint(self, position: int) -> None:
        """Keep the digest at a position no longer."""
        ...

    def checkpoint_before(self, position: int) -> Checkpoint:
        """The last one that is kept at or before a position; the start of the order, at 0, if there is none."""
        ...

    def committed_runs(self, after: int, entries_max: int) -> list[CommittedRun]:
        """The known committed order after position `after`, without a gap at its start, ascending."""
        ...

    def tentative_count(self) -> int:
        """How many entries of the log have no committed position: the outbox of a terminal."""
        ...

    def is_committed(self, dot: Dot) -> bool:
        """Whether an entry is held and has a committed position."""
        ...

    def put_held(self, record: HeldRecord) -> None:
        """Remember why an entry waits; a repeat replaces the reason."""
        ...

    def remove_held(self, dot: Dot) -> None:
        """Forget that an entry waited: it was applied or quarantined."""
        ...

    def held(self) -> list[HeldRecord]:
        """All entries that wait, in the order of the log."""
        ...

    def put_of_newer_group(self, dot: Dot) -> None:
        """Remember an applied entry that writes a group which this program does not know; a repeat is a no-op."""
        ...

    def remove_of_newer_group(self, dot: Dot) -> None:
        """Forget it: this program knows its groups."""
        ...

    def of_newer_groups(self) -> list[Dot]:
        """All applied entries that write groups which the program that applied them did not know."""
        ...

    def add_quarantine(self, record: QuarantineRecord) -> None:
        """Remember why an entry is not applied; a repeat is a no-op."""
        ...

    def quarantine(self) -> list[QuarantineRecord]:
        """All quarantined entries, in dot order."""
        ...

    def fork_proofs(self) -> list[ForkProof]:
        """Every fork that is known, in the order of journals and slots."""
        ...

    def put_fork_proof(self, proof: ForkProof) -> None:
        """Keep what is known of a point, replacing what was known before."""
        ...

    def journal_entries(self, journal: JournalId, first_seq: int, entries_max: int) -> list[Placed]:
        """The entries of one journal in the log from a number on."""
        ...

    def branch_entries(self, journal: JournalId) -> list[Entry]:
        """The entries of a journal that are kept beside the log, ascending by number."""
        ...

    def put_branch_entries(self, entries: Sequence[Entry]) -> None:
        """Keep entries of branches that do not count; a repeat is a no-op."""
        ...

    def withdraw_entries(self, head: Head) -> None:
        """Take the entries after `head` of its journal out of the log, and keep them beside it. Their positions stay empty."""
        ...

    def forget_derived(self) -> None:
        """Empty every table of what follows from the log."""
        ...

    def writes(self) -> Iterator[WriteRecord]:
        """Every write of every register, those of one register together, for loading a ledger."""
        ...

    def writes_of_row(self, groups: Sequence[str], row: str) -> list[WriteRecord]:
        """Every write of the registers of these groups of one row, those of one register together."""
        ...

    def writes_of_group(self, group: str) -> Iterator[WriteRecord]:
        """Every write of the registers of one group, those of one register together."""
        ...

    def live_writes(self, kind: str, groups: Sequence[str]) -> Iterator[WriteRecord]:
        """Every write of the registers of these groups of the live rows of a kind, those of one register together."""
        ...

    def put_live(self, kind: str, row: str) -> None:
        """Mark a row as live; a repeat is a no-op."""
        ...

    def remove_live(self, kind: str, row: str) -> None:
        """Take the mark away; a repeat is a no-op."""
        ...

    def live_rows(self) -> list[tuple[str, str]]:
        """Kind and id of every live row, in order."""
        ...

    def folios_naming(self, stay: str) -> list[str]:
        """The folios of which the readable window, or a readable posting, names the stay."""
        ...

    def postings_in(self, folio: str) -> list[str]:
        """The readable postings of a folio."""
        ...

    def postings_reversing(self, posting: str) -> list[str]:
        """The readable postings that reverse one."""
        ...

    def newest_closed(self, conflicts_max: int) -> list[tuple[str, str]]:
        """Field group and row of the conflicts that were closed last, the newest first."""
        ...

    def put_writes(self, records: Iterable[WriteRecord], positions: Mapping[Dot, int] = _NOWHERE) -> None:
        """Write how writes are held, replacing how each was held before.

        `positions` are the places of their entries in the committed order, on a node that makes snapshots. The first one of a
        write stays.
        """
        ...

    def content_sums(self) -> dict[int, bytes]:
        """The sums of the content digest by bucket; those that were never put are absent."""
        ...

    def put_content_sums(self, sums: Mapping[int, bytes]) -> None:
        """Replace the sums of these buckets."""
        ...

    def document_snapshot(self, subject: str) -> DocumentSnapshot | None:
        """The newest stored snapshot of a document."""
        ...

    def document_snapshot_position(self, subject: str) -> int:
        """The position of the newest stored snapshot of a document, without its state; 0 when there is none."""
        ...

    def put_document_snapshot(self, snapshot: DocumentSnapshot) -> None:
        """Replace the stored snapshot of a document."""
        ...

    def snapshot_heads(self) -> list[bytes]:
        """The heads of all snapshots that are kept, encoded, the oldest first."""
        ...

    def put_snapshot_head(self, through: int, head: bytes) -> None:
        """Keep the head of a snapshot that stands at that position of the committed order."""
        ...

    def remove_snapshot_head(self, through: int) -> None:
        """Keep it no longer."""
        ...

    def snapshot_chunk(self, name: bytes) -> bytes | None:
        """A chunk, or an index, by its name; None when it is not kept."""
        ...

    def snapshot_chunk_names(self) -> set[bytes]:
        """The names of everything of which `snapshot_chunk` gives the bytes."""
        ...

    def put_snapshot_chunk(self, name: bytes, body: bytes) -> None:
        """Keep a chunk; a repeat is a no-op."""
        ...

    def remove_snapshot_chunks(self, names: Collection[bytes]) -> None:
        """Keep these no longer."""
        ...

    def register_segments(self, after: int, width: int) -> set[int]:
        """The segments of that width in which those registers began that were written after a position of the order."""
        ...

    def registers_begun(self, after: int, last: int) -> Iterator[WriteRecord]:
        """Every write of the registers that began in a range of the order, those of one register together."""
        ...

    def journal_segments(self, after: int, last: int, width: int) -> set[int]:
        """The segments in which those journals began that have entries in a range of the order."""
        ...

    def journals_begun(self, after: int, last: int, through: int) -> list[CoveredJournal]:
        """The journals that began in a range of the order, as they stood where the order ended at `through`."""
        ...

    def document_segments(self, after: int, last: int, width: int) -> set[int]:
        """The segments in which those documents began that have updates in a range of the order."""
        ...

    def documents_begun(self, after: int, last: int) -> list[str]:
        """The documents of which the first update stands in a range of the order."""
        ...

    def registers_after(self, register: tuple[str, str, int] | None, registers_max: int) -> list[tuple[str, str, int]]:
        """The next registers, by group, row and flags; None: from the first one on."""
        ...

    def checkpoints_within(self, after: int, last: int) -> list[Checkpoint]:
        """The digests that are kept of the order in a range, without proofs."""
        ...

    def all_branch_entries(self) -> list[Entry]:
        """Every entry that is kept beside the log."""
        ...

    def cover_journals(self, journals: Iterable[CoveredJournal]) -> None:
        """Learn journals from a snapshot: what it holds of them counts as held and committed."""
        ...

    def note_covered(self, numbers: Mapping[JournalId, int]) -> None:
        """Note up to which number the entries of journals may be absent from the log: they are committed, and a snapshot holds
        what follows from them. It never falls."""
        ...

    def covered(self, journal: JournalId) -> int:
        """Up to which number that is noted of a journal; 0 for none."""
        ...

    def prunable(self, after: int, last: int, entries_max: int) -> list[CoveredEntry]:
        """Where the next entries stand that are in the log and in a range of the committed order, in that order."""
        ...

    def entries_up_to(self, journal: JournalId, seq: int) -> list[CoveredEntry]:
        """Where the entries of a journal stand up to a number, as far as they are in the log."""
        ...

    def entry_name(self, dot: Dot) -> EntryName | None:
        """What later entries may need of an entry, also of one that is absent because a snapshot stands for it."""
        ...

    def put_entry_names(self, names: Mapping[Dot, EntryName]) -> None:
        """Remember that of entries that are absent from the log."""
        ...

    def put_losing_values(self, entries: Iterable[Entry]) -> None:
        """Keep entries whole, beside the log, with whose values conflicts were about."""
        ...

    def losing_value(self, dot: Dot) -> Entry | None:
        """One of these; None for any other entry."""
        ...

    def remove_entries(self, positions: Sequence[int]) -> None:
        """Take entries out of the log; the heads of their journals stay, and `entry_name` goes on to give theirs."""
        ...

    def put_entries(self, placed: Sequence[Placed]) -> None:
        """Put entries in the log whose journals are held further already."""
        ...

    def get_state(self, key: str) -> bytes | None:
        """A small named value of the node (generation, clock, watermark)."""
        ...

    def put_state(self, key: str, value: bytes) -> None:
        """Write a small named value."""
        ...

    def answer(self, name: str) -> bytes | None:
        """What another system was answered under that name; None when it was not, or it expired."""
        ...

    def put_answer(self, name: str, answer: bytes, at_ms: int) -> None:
        """Keep what it is answered, at that time (UTC milliseconds)."""
        ...

    def forget_answers(self, before_ms: int, answers_max: int) -> None:
        """Forget answers that were given before a time, the oldest first, so many at most."""
        ...

    def project(self, changes: Iterable[RowChange]) -> None:
        """Write readable rows, in order; see `crdt_pms.store.readable` for the tables."""
        ...

    def clear_projected(self, table: str) -> None:
        """Delete all readable rows of this property in one table."""
        ...

    def projected_row(self, table: str, key: Mapping[str, Scalar]) -> dict[str, Scalar] | None:
        """One readable row by its whole key; None when there is none."""
        ...

    def projected(self, table: str) -> list[dict[str, Scalar]]:
        """All readable rows of this property in one table, in key order; for rebuild checks and comparison."""
        ...


class Store(Protocol):
    """A database that holds one property's journals and what follows from them."""

    def transaction(self, *, durable: bool = True) -> AbstractContextManager[Transaction]:
        """Begin; commit when the block ends, roll back when it raises. Never nested.

        Without `durable` a power loss may undo it, until the next durable one: for what can be had again from others. A killed
        process undoes nothing.
        """
        ...

    def close(self) -> None:
        """Close all connections; the store must not be used afterwards."""
        ...
