"""What a node remembers of itself between runs: its own last journal, and how far it knows the committed order."""

from __future__ import annotations

from typing import Final, NamedTuple, cast

import msgpack

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.positions import ORDER_START, Checkpoint, is_checkpoint
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.wire import pack
from crdt_pms.log.verification import JournalGate
from crdt_pms.ports.log import Log
from crdt_pms.ports.store import Transaction
from crdt_pms.ports.values import Values

_OWN_JOURNAL: Final = "own_journal"
_STANDING: Final = "committed_standing"


class CommittedStanding(NamedTuple):
    """How far the relay's committed order is known.

    `generation` is the id of the relay's database, None before the first contact. `end` is the relay's word for `through` and
    `digest`; None while it has said nothing of the order of that generation. What was known of a former generation's order, and
    stands in this one's too, stays known.
    """

    generation: bytes | None
    end: SignedEnd | None
    through: int
    digest: bytes


NOTHING_KNOWN: Final = CommittedStanding(None, None, 0, ORDER_START)


def standing_at(end: SignedEnd) -> CommittedStanding:
    """The order is known up to that end."""
    return CommittedStanding(end.generation, end, end.through, end.digest)


def load_own_head(transaction: Values, gate: JournalGate) -> Head | None:
    """The head of this device's previous journal, as the store holds it; None on the device's first run."""
    journal = transaction.get_state(_OWN_JOURNAL)
    return None if journal is None else gate.head(JournalId(journal))


def save_own_journal(transaction: Values, certificate: Certificate) -> None:
    """Remember that this run wrote: the next run names this journal as its previous one."""
    transaction.put_state(_OWN_JOURNAL, certificate.journal)


def load_standing(transaction: Values) -> CommittedStanding:
    """Read back `save_standing`. ValueError for what it never wrote."""
    stored = transaction.get_state(_STANDING)
    if stored is None:
        return NOTHING_KNOWN
    generation, told, *known = cast(list[object], msgpack.unpackb(stored))
    end = None if told is None else SignedEnd.from_wire(told)
    if not known:
        # A program that spoke protocol version 1 knew no more than an end.
        known = [end.through, end.digest] if end is not None else [0, ORDER_START]
    through, digest = known
    return CommittedStanding(cast(bytes, generation), end, cast(int, through), cast(bytes, digest))


def save_standing(transaction: Transaction, standing: CommittedStanding) -> None:
    """Remember how far the committed order is known, and the relay's word for it at a checkpoint for ever."""
    end = standing.end
    told = None if end is None else end.to_wire()
    transaction.put_state(_STANDING, pack([standing.generation, told, standing.through, standing.digest]))
    if end is not None and end.through and is_checkpoint(end.through):
        transaction.put_checkpoint(Checkpoint(end.through, end.digest, pack(end.to_wire())))


def load_checkpoint(transaction: Log, position: int) -> SignedEnd | None:
    """The signed end at a checkpoint of the known order. ValueError for what `save_standing` never wrote."""
    checkpoint = transaction.checkpoint_before(position)
    if checkpoint.position != position:
        return None
    return SignedEnd.from_wire(msgpack.unpackb(checkpoint.proof))
