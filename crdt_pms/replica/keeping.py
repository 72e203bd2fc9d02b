"""What a terminal does with a snapshot: fetch it chunk by chunk, keep it, stand on it, and put away what it stands for.

Rules, each with an ablation or with tests (`tests/relay_server/test_snapshots.py`):

1. A snapshot is taken whole or not at all.
2. One of another order than the known one is refused.
3. Entries that are not committed are never put away, nor what a snapshot does not cover.
4. The log is pruned up to the older one of two kept snapshots, so that a newer one that does not read costs nothing.
5. Entries that are not applied here stay, whole.

How old a snapshot must be, so that no backup of the relay is older, the relay says: it hands out no other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from crdt_pms.journal.forks import KnownForks
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.positions import Checkpoint, CommittedRun
from crdt_pms.journal.wire import pack
from crdt_pms.log.errors import SnapshotForeign
from crdt_pms.log.kept import drop_snapshots, keep_snapshot, kept_snapshots, note_pruned, pruned_through
from crdt_pms.log.known_order import digest_at
from crdt_pms.log.records import read_checkpoint, read_entry, read_fork
from crdt_pms.log.snapshot import Index, Kind, SnapshotHead
from crdt_pms.log.standing import CommittedStanding, save_standing, standing_at
from crdt_pms.ports.records import CoveredEntry, Placed
from crdt_pms.ports.store import Transaction
from crdt_pms.state.property_state import PropertyState
from crdt_pms.state.snapshot_loading import Chunks

SNAPSHOTS_KEPT: Final = 2


def missing_chunks(transaction: Transaction, head: SnapshotHead, names_max: int) -> list[bytes]:
    """The names of chunks of a snapshot that are not stored; none when all are. Raises SnapshotNewer or SnapshotMalformed."""
    head.require_readable()
    encoded = transaction.snapshot_chunk(head.index)
    if encoded is None:
        return [head.index]
    index = Index.decode(encoded)
    index.require_readable()
    held = transaction.snapshot_chunk_names()
    return [name for name in index.chunks if name not in held][:names_max]


def adopt(transaction: Transaction, head: SnapshotHead, known: CommittedStanding) -> None:
    """Keep a snapshot that holds nothing that is not known here, for pruning and for others.

    The caller makes sure that no chunk is missing and the order is known up to it. Raises SnapshotForeign when it is of another
    order.
    """
    _require_same_order(transaction, head, known)
    transaction.put_losing_values(Chunks(transaction, head).losing_values())
    _keep(transaction, head)


def install(transaction: Transaction, head: SnapshotHead, known: CommittedStanding) -> None:
    """Stand on a snapshot that goes beyond what is known here: from now on it stands for all that it covers.

    Entries that it does not cover stay in the log. What follows from both the caller computes anew, in the same transaction
    (`rebuilding`). The caller makes sure that no chunk is missing. Raises SnapshotError; then the transaction must be given up.
    """
    chunks = Chunks(transaction, head)
    _require_order_goes_on(transaction, chunks, head, known)
    for checkpoint in map(read_checkpoint, chunks.of_kind(Kind.CHECKPOINTS)):
        if transaction.checkpoint_before(checkpoint.position).position != checkpoint.position:
            transaction.put_checkpoint(checkpoint)
    covered = list(chunks.journals())
    for journal in covered:
        _require_same_branch(transaction, Dot(journal.head.journal, journal.head.seq), journal.head.hash)
    transaction.cover_journals(covered)
    for proof in map(read_fork, chunks.of_kind(Kind.FORKS)):
        transaction.put_fork_proof(proof)
    transaction.put_branch_entries([read_entry(one).entry for one in chunks.of_kind(Kind.BRANCHES)])
    for names in chunks.names():
        transaction.put_entry_names(names)
    transaction.put_losing_values(chunks.losing_values())
    kept = _keep_whole(transaction, chunks)
    last = transaction.last_position()
    for journal in covered:
        leaving = transaction.entries_up_to(journal.head.journal, journal.head.seq)
        transaction.remove_entries([one.position for one in leaving if one.dot not in kept and one.position != last])
    save_standing(transaction, standing_at(head.end))
    _keep(transaction, head)
    note_pruned(transaction, head.through)


class Pruned(NamedTuple):
    """How far pruning has come, how many entries went, and whether there is more to do."""

    through: int
    removed: int
    is_done: bool


def prune(
    transaction: Transaction, state: PropertyState, forks: KnownForks, kept: Collection[Dot], entries_max: int
) -> Pruned:
    """Put the next entries away that the older one of two snapshots stands for.

    `kept` are the entries that this snapshot holds whole. The newest entry of the log always stays: by it the witness knows the
    database.
    """
    after, last = pruned_through(transaction), prunable_through(transaction)
    page = transaction.prunable(after, last, entries_max) if last > after else []
    newest = transaction.last_position()
    insecure = set(_insecure(transaction, state, page))
    leaving = [
        one
        for one in page
        if one.position != newest
        and one.dot not in kept
        and one.document not in insecure
        and not state.withholds(one.dot)
        and not forks.is_uncertain(one.dot)
    ]
    transaction.remove_entries([one.position for one in leaving])
    numbers: dict[JournalId, int] = {}
    for one in page:
        numbers[one.dot.journal] = max(one.dot.seq, numbers.get(one.dot.journal, 0))
    transaction.note_covered(numbers)
    is_done = len(page) < entries_max
    through = max(after, last if is_done else page[-1].committed or after)
    note_pruned(transaction, through)
    return Pruned(through, len(leaving), is_done)


def _insecure(transaction: Transaction, state: PropertyState, page: Sequence[CoveredEntry]) -> Iterator[str]:
    """The documents whose updates must stay: their stored state lacks some that wait. The others' states are stored, if the
    stored ones do not reach so far."""
    last: dict[str, int] = {}
    for one in page:
        if one.document:
            last[one.document] = max(one.position, last.get(one.document, 0))
    for document, position in sorted(last.items()):
        if transaction.document_snapshot_position(document) < position and not state.documents.secure(
            document, transaction, state.position
        ):
            yield document


def prunable_through(transaction: Transaction) -> int:
    """Up to which position the log may be pruned; 0 when it may not."""
    heads = kept_snapshots(transaction)
    return heads[0].through if len(heads) >= SNAPSHOTS_KEPT else 0


def kept_whole(transaction: Transaction, through: int) -> frozenset[Dot]:
    """The entries that the snapshot at that position holds whole. Raises SnapshotError."""
    head = next((one for one in kept_snapshots(transaction) if one.through == through), None)
    return frozenset() if head is None else frozenset(one.entry.dot for one in Chunks(transaction, head).kept_entries())


def forget_beyond(transaction: Transaction, position: int) -> None:
    """The known order was cut back to a position: snapshots beyond it are of another order.

    Those that stand for what was pruned stay: nothing else holds it.
    """
    if pruned_through(transaction) <= position:
        drop_snapshots(transaction, [head for head in kept_snapshots(transaction) if head.through > position])


def _keep(transaction: Transaction, head: SnapshotHead) -> None:
    transaction.put_checkpoint(Checkpoint(head.through, head.end.digest, pack(head.end.to_wire())))
    keep_snapshot(transaction, head)
    drop_snapshots(transaction, kept_snapshots(transaction)[:-SNAPSHOTS_KEPT])


def _keep_whole(transaction: Transaction, chunks: Chunks) -> set[Dot]:
    """Have the entries in the log that a snapshot holds whole."""
    kept: set[Dot] = set()
    for entry, committed in chunks.kept_entries():
        kept.add(entry.dot)
        if transaction.entry_hash(entry.dot) is None:
            transaction.put_entries([Placed(transaction.last_position() + 1, entry, committed)])
        else:
            transaction.mark_committed(CommittedRun(committed, *entry.dot, 1))
    return kept


def _require_same_order(transaction: Transaction, head: SnapshotHead, known: CommittedStanding) -> None:
    digest = known.digest if head.through == known.through else digest_at(transaction, head.through)
    if digest != head.end.digest:
        raise SnapshotForeign(f"the order up to position {head.through} is another one here than in the snapshot")


def _require_order_goes_on(
    transaction: Transaction, chunks: Chunks, head: SnapshotHead, known: CommittedStanding
) -> None:
    """SnapshotForeign when what is known of the order is not the beginning of the snapshot's, as far as checkpoints tell."""
    if head.through <= known.through:
        _require_same_order(transaction, head, known)
    for checkpoint in map(read_checkpoint, chunks.of_kind(Kind.CHECKPOINTS)):
        if checkpoint.position <= known.through and digest_at(transaction, checkpoint.position) != checkpoint.digest:
            raise SnapshotForeign(f"the order up to position {checkpoint.position} is another one than in the snapshot")


def _require_same_branch(transaction: Transaction, dot: Dot, digest: bytes) -> None:
    head = transaction.head(dot.journal)
    if head is None or head.seq < dot.seq:
        return
    held = head.hash if head.seq == dot.seq else transaction.entry_hash(dot)
    if held not in (None, digest):
        raise SnapshotForeign(
            f"journal {dot.journal.hex()[:8]} was written twice, and the snapshot holds another branch"
        )
