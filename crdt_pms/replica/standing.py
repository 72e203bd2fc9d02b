"""What a node remembers of itself between runs: its own last journal, and how far it knows the committed order."""

from __future__ import annotations

from typing import Final, NamedTuple, cast

import msgpack

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.positions import ORDER_START, Checkpoint, is_checkpoint
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.wire import pack
from crdt_pms.replica.port import Transaction
from crdt_pms.replica.verification import JournalGate

_OWN_JOURNAL: Final = "own_journal"
_STANDING: Final = "committed_standing"


class CommittedStanding(NamedTuple):
    """The id of the relay's database (None before the first contact), and the signed end up to which its order is known; None
    while nothing of it is."""

    generation: bytes | None
    end: SignedEnd | None

    @property
    def through(self) -> int:
        """The last position known."""
        return 0 if self.end is None else self.end.through

    @property
    def digest(self) -> bytes:
        """The digest of the order up to there."""
        return ORDER_START if self.end is None else self.end.digest


def load_own_head(transaction: Transaction, gate: JournalGate) -> Head | None:
    """The head of this device's previous journal, as the store holds it; None on the device's first run."""
    journal = transaction.get_state(_OWN_JOURNAL)
    return None if journal is None else gate.head(JournalId(journal))


def save_own_journal(transaction: Transaction, certificate: Certificate) -> None:
    """Remember that this run wrote: the next run names this journal as its previous one."""
    transaction.put_state(_OWN_JOURNAL, certificate.journal)


def load_standing(transaction: Transaction) -> CommittedStanding:
    """Read back `save_standing`. ValueError for what it never wrote."""
    stored = transaction.get_state(_STANDING)
    if stored is None:
        return CommittedStanding(None, None)
    generation, end = cast(tuple[bytes, object], msgpack.unpackb(stored))
    return CommittedStanding(generation, None if end is None else SignedEnd.from_wire(end))


def save_standing(transaction: Transaction, standing: CommittedStanding) -> None:
    """Remember how far the committed order is known, and the relay's word for it at a checkpoint for ever."""
    end = standing.end
    transaction.put_state(_STANDING, pack([standing.generation, None if end is None else end.to_wire()]))
    if end is not None and end.through and is_checkpoint(end.through):
        transaction.put_checkpoint(Checkpoint(end.through, end.digest, pack(end.to_wire())))


def load_checkpoint(transaction: Transaction, position: int) -> SignedEnd | None:
    """The signed end at a checkpoint of the known order. ValueError for what `save_standing` never wrote."""
    checkpoint = transaction.checkpoint_before(position)
    if checkpoint.position != position:
        return None
    return SignedEnd.from_wire(msgpack.unpackb(checkpoint.proof))
