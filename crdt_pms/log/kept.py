"""Which snapshots a node keeps, and how far its log was pruned because of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgpack

from crdt_pms.journal.errors import CertificateRefused
from crdt_pms.journal.positions import is_checkpoint
from crdt_pms.journal.wire import pack
from crdt_pms.log.errors import SnapshotError
from crdt_pms.log.snapshot import Index, SnapshotHead
from crdt_pms.ports.errors import StoreCorrupt
from crdt_pms.ports.snapshots import Snapshots
from crdt_pms.ports.store import Transaction
from crdt_pms.ports.values import Values

_PRUNED: Final = "pruned_through"


def kept_snapshots(transaction: Snapshots) -> list[SnapshotHead]:
    """The heads of the snapshots that are kept, the oldest first. StoreCorrupt for one that does not read."""
    try:
        return [SnapshotHead.from_wire(msgpack.unpackb(encoded)) for encoded in transaction.snapshot_heads()]
    except (ValueError, CertificateRefused) as error:
        raise StoreCorrupt(f"the head of a stored snapshot does not read: {error}") from error


def keep_snapshot(transaction: Snapshots, head: SnapshotHead) -> None:
    """Keep the head of a snapshot whose chunks are stored."""
    transaction.put_snapshot_head(head.through, pack(head.to_wire()))


def drop_snapshots(transaction: Transaction, dropped: Collection[SnapshotHead]) -> None:
    """Keep these snapshots no longer, nor chunks that no other one names. One that is still coming asks for its own again."""
    for head in dropped:
        transaction.remove_snapshot_head(head.through)
        if not is_checkpoint(head.through):
            transaction.remove_checkpoint(head.through)
    named: set[bytes] = set()
    for head in kept_snapshots(transaction):
        named.add(head.index)
        if (index := stored_index(transaction, head)) is not None:
            named.update(index.chunks)
    transaction.remove_snapshot_chunks(transaction.snapshot_chunk_names() - named)


def stored_index(transaction: Snapshots, head: SnapshotHead) -> Index | None:
    """The index of a snapshot; None when it is not stored or does not read."""
    encoded = transaction.snapshot_chunk(head.index)
    try:
        return None if encoded is None else Index.decode(encoded)
    except SnapshotError:
        return None


def pruned_through(transaction: Values) -> int:
    """Up to which position of the committed order entries may be absent from the log; 0 when none is."""
    return int.from_bytes(transaction.get_state(_PRUNED) or b"", "big")


def note_pruned(transaction: Values, position: int) -> None:
    """Note that entries up to a position may be absent from now on."""
    transaction.put_state(_PRUNED, position.to_bytes(8, "big"))
