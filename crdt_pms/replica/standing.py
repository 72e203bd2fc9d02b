"""What a node remembers of itself between runs: its own last journal, and how far it knows the committed order."""

from __future__ import annotations

from typing import Final, NamedTuple, cast

import msgpack

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.positions import ORDER_START
from crdt_pms.journal.wire import pack
from crdt_pms.replica.port import Transaction
from crdt_pms.replica.verification import JournalGate

_OWN_JOURNAL: Final = "own_journal"
_STANDING: Final = "committed_standing"


class CommittedStanding(NamedTuple):
    """The id of the relay's database (None before the first contact), the last position known of its order, and the digest of
    the order up to there."""

    generation: bytes | None
    through: int
    digest: bytes = ORDER_START


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
        return CommittedStanding(None, 0)
    generation, through, digest = cast(tuple[bytes, int, bytes], msgpack.unpackb(stored))
    return CommittedStanding(generation, through, digest)


def save_standing(transaction: Transaction, standing: CommittedStanding) -> None:
    """Remember how far the committed order is known."""
    transaction.put_state(_STANDING, pack(list(standing)))
