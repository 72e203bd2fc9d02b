"""An enrolled device that lies about the committed order: it listens at the relay, and tells another node what suits it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from random import Random
from typing import Final

from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.limits import HASH_BYTES, SEQ_MAX
from crdt_pms.journal.positions import ORDER_START, CommittedRun, checkpoint_after, digest_after, runs_of
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.session.messages import Committed, Message
from relay_server.generation import GENERATION_BYTES
from simulations.world.intruder import INTRUDER, Intruder
from simulations.world.machine import Machine

_NUMBERS: Final = 2**32


@dataclass
class Liar:
    """One device at two nodes. What it knows of the order is genuine; what it says is what its lie makes of that."""

    device: EnrolledDevice
    random: Random
    lie: Lie
    heard: list[Committed] = field(default_factory=list[Committed])
    """Pieces of the order, as a relay signed them."""
    ends: list[SignedEnd] = field(default_factory=list[SignedEnd])
    """Every genuine end that it was shown, oldest first."""
    visit: Intruder | None = None
    """Its session with the node that it lies to."""

    def listen(self, machine: Machine) -> None:
        """Be a newcomer at a node, and hear what stands in the order."""
        self._at(machine, lambda _intruder: ()).visit()

    def strike(self, machine: Machine) -> None:
        """Tell a node the lie, at once and whenever the order goes on."""
        self.visit = self._at(machine, self._told)
        self.visit.claim = self.lie.claim(self)
        self.visit.visit()

    @property
    def generation(self) -> bytes:
        """The newest generation that it heard of, or any."""
        return self.ends[-1].generation if self.ends else self.random.randbytes(GENERATION_BYTES)

    def own_word(self, generation: bytes, through: int, digest: bytes) -> SignedEnd:
        """An end that it signs itself, as if it were a relay."""
        return SignedEnd.sign(self.device, generation, through, digest)

    def _at(self, machine: Machine, attack: Callable[[Intruder], Sequence[Message]]) -> Intruder:
        # At one node several may lie and listen at a time.
        number = INTRUDER - 1 - self.random.randrange(_NUMBERS)
        intruder = Intruder(machine, self.device, attack, self.random, number=number)
        intruder.on_order = self._hear
        return intruder

    def _hear(self, end: SignedEnd, piece: Committed | None) -> None:
        self.ends.append(end)
        if piece is not None:
            self.heard.append(piece)
            if self.visit is not None and self.visit.was_heard:
                self.visit.say(self._told(self.visit))

    def _told(self, intruder: Intruder) -> Sequence[Message]:
        told = self.lie.piece(self, intruder.stolen)
        return () if told is None else (told,)


def _nothing(_liar: Liar, _stolen: Sequence[Entry]) -> Committed | None:
    return None


def _no_claim(_liar: Liar) -> SignedEnd | None:
    return None


@dataclass(frozen=True, slots=True)
class Lie:
    """What it says in its state of how far it knows the order, and which piece of the order it tells."""

    name: str
    claim: Callable[[Liar], SignedEnd | None] = _no_claim
    piece: Callable[[Liar, Sequence[Entry]], Committed | None] = _nothing


def _huge(liar: Liar) -> SignedEnd:
    return liar.own_word(liar.generation, SEQ_MAX, liar.random.randbytes(HASH_BYTES))


def _random_generation(liar: Liar) -> SignedEnd:
    return liar.own_word(liar.random.randbytes(GENERATION_BYTES), 9, liar.random.randbytes(HASH_BYTES))


def _wrong_digest(liar: Liar) -> SignedEnd:
    if not liar.ends:
        return _huge(liar)
    return replace(liar.ends[-1], digest=liar.random.randbytes(HASH_BYTES))


def _oldest(liar: Liar) -> SignedEnd | None:
    return liar.ends[0] if liar.ends else None


def _contradicting(liar: Liar, _stolen: Sequence[Entry]) -> Committed | None:
    """The newest piece, its entries in another order, with the relay's signature over the right one."""
    if not liar.heard:
        return None
    piece = liar.heard[-1]
    ones = [run._replace(first_seq=run.first_seq + step, count=1) for run in piece.runs for step in range(run.count)]
    at, *_others = (run.position for run in ones)
    runs = [run._replace(position=position) for position, run in enumerate(reversed(ones), at)]
    return Committed(piece.end, tuple(runs))


def _own_order(liar: Liar, stolen: Sequence[Entry]) -> Committed | None:
    """An order of its own over what the node has sent it, journal by journal, signed by itself."""
    by_journal = [list(group) for _journal, group in groupby(sorted(stolen, key=_dot_of), key=_journal_of)]
    order = [entry for group in reversed(by_journal) for entry in group][: checkpoint_after(0)]
    if not order:
        return None
    runs: Sequence[CommittedRun] = list(runs_of(enumerate((entry.dot for entry in order), 1)))
    digest = digest_after(ORDER_START, (entry.hash for entry in order))
    return Committed(liar.own_word(liar.generation, len(order), digest), tuple(runs))


def _dot_of(entry: Entry) -> Dot:
    return entry.dot


def _journal_of(entry: Entry) -> bytes:
    return entry.dot.journal


LIES: Final = (
    Lie("a position that nothing reaches", claim=_huge),
    Lie("a generation of its own", claim=_random_generation),
    Lie("another digest under the relay's signature", claim=_wrong_digest),
    Lie("other runs than the relay signed", piece=_contradicting),
    Lie("an order of its own", piece=_own_order),
    Lie("an old end once more", claim=_oldest),
)
