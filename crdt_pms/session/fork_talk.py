"""What two nodes say about journals that were written twice. It ends no session.

The one that notices asks for hash prefixes until it knows the first slot that differs, and shows its branch from there. The
other makes the proof and says it. Until then the noticing side keeps what came from the peer unread: with the proof known, it
knows what to take of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from crdt_pms.journal.errors import JournalForked
from crdt_pms.journal.forks import ForkProof
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.limits import PREFIX_BYTES
from crdt_pms.session.errors import MessageUnexpected
from crdt_pms.session.fork_search import ForkSearch
from crdt_pms.session.limits import (
    ENTRIES_BYTES_MAX,
    FORK_SEARCHES_MAX,
    FORKS_PER_FRAME_MAX,
    UNREAD_MESSAGES_MAX,
)
from crdt_pms.session.messages import (
    BranchCompared,
    BranchShown,
    Certificates,
    Committed,
    Entries,
    Forks,
    Message,
    Slots,
    SlotsAsked,
    State,
)
from crdt_pms.session.node import Node
from crdt_pms.session.session import Session


class ForkTalk:
    """The part of one exchange that is about forks."""

    def __init__(self, node: Node, session: Session) -> None:
        self._node = node
        self._session = session
        self._searches: dict[JournalId, ForkSearch] = {}
        self._given_up: set[JournalId] = set()
        self._told: int | None = None
        self.unread: deque[Entries | Committed] = deque()
        """What came while a search with the peer is under way."""
        self.must_read_anew = False
        """Whether less is known to be held by the peer than when the log was read."""

    @property
    def is_searching(self) -> bool:
        """Whether what comes is to wait in `unread`."""
        return bool(self._searches)

    def put_off(self, message: Entries | Committed) -> None:
        """Keep a message until the searches are over. Raises MessageUnexpected when there are too many."""
        if len(self.unread) >= UNREAD_MESSAGES_MAX:
            raise MessageUnexpected("the peer does not answer what it was asked about a forked journal, and goes on")
        self.unread.append(message)

    async def compare(self, state: State) -> list[Message]:
        """Look whether the peer holds the same as this node, as far as both go."""
        heads = {journal: head for journal in state.vector if (head := self._node.head(journal)) is not None}
        common = [
            Dot(journal, seq) for journal, seq in state.vector.items() if journal in heads and heads[journal].seq >= seq
        ]
        behind = [dot for dot in common if heads[dot.journal].seq > dot.seq]
        own = {dot: heads[dot.journal].hash[:PREFIX_BYTES] for dot in common if heads[dot.journal].seq == dot.seq}
        own |= await self._node.prefixes_of(behind) if behind else {}
        differing = [dot for dot, prefix in own.items() if prefix != state.prefixes.get(dot.journal)]
        questions: list[Message] = []
        for dot in differing[:FORK_SEARCHES_MAX]:
            questions += await self._search(*dot)
        return questions

    async def notice(self, forked: JournalForked) -> list[Message]:
        """Begin a search for what was found out. Raises the error when a search for it came to nothing before."""
        if forked.journal in self._given_up:
            raise forked
        return await self._search(forked.journal, forked.seq)

    async def answer(self, message: SlotsAsked | Slots | BranchShown | BranchCompared | Forks) -> list[Message]:
        """What is to be said to a message about forks. Raises JournalError for what is no proof."""
        match message:
            case SlotsAsked(journal, seqs):
                return [Slots(journal, await self._slots(journal, seqs))]
            case Slots(journal, prefixes):
                search = self._searches.get(journal)
                if search is None:
                    return []
                search.take(prefixes, await self._slots(journal, search.question()))
                return await self._go_on(search)
            case BranchShown(branch):
                proof = await self._node.receive_branch(branch)
                self._forget_held([] if proof is None else [proof])
                return [BranchCompared(branch.point.journal, proof)]
            case BranchCompared(journal, proof):
                if proof is None:
                    self._given_up.add(journal)
                await self._take_proofs([] if proof is None else [proof])
                self._searches.pop(journal, None)
                return []
            case Forks(proofs):
                await self._take_proofs(proofs)
                return []

    def news(self) -> list[Message]:
        """What is to be told of forks: at first all that is known, then what is learned."""
        proofs, self._told = self._node.fork_news(self._told)
        # Of journals that lie before the common point the peer has said nothing; a certificate that it knows does no harm.
        journals = {proof.point.journal for proof in proofs} - self._session.peer_vector.keys()
        certificates = tuple(
            found for journal in sorted(journals) if (found := self._node.certificate(journal)) is not None
        )
        messages: list[Message] = [Certificates(certificates)] if certificates else []
        messages += [Forks(some) for some in _in_frames(proofs)]
        self._forget_held(proofs)
        return messages

    async def _take_proofs(self, proofs: Sequence[ForkProof]) -> None:
        await self._node.receive_forks(proofs)
        self._forget_held(proofs)

    async def _slots(self, journal: JournalId, seqs: Sequence[int]) -> dict[int, bytes]:
        found = await self._node.prefixes_of([Dot(journal, seq) for seq in seqs])
        return {dot.seq: prefix for dot, prefix in found.items()}

    async def _search(self, journal: JournalId, seq: int) -> list[Message]:
        if journal in self._searches:
            return []
        search = self._searches[journal] = ForkSearch(journal, seq)
        return await self._go_on(search)

    async def _go_on(self, search: ForkSearch) -> list[Message]:
        if search.found is None:
            return [SlotsAsked(search.journal, search.question())]
        branch = await self._node.branch(search.journal, search.found)
        if branch is not None:
            return [BranchShown(branch)]
        # It changed here meanwhile.
        del self._searches[search.journal]
        return []

    def _forget_held(self, proofs: Iterable[ForkProof]) -> None:
        """What the peer holds of a forked journal may be another branch, or gone; pieces of the order may name either.

        Both sides of a session come here with a proof, so what is put away here is said again.
        """
        for proof in proofs:
            self._session.forget_held(proof.point.journal, proof.point.seq)
            self._session.forget_order()
            self.unread = deque(message for message in self.unread if isinstance(message, Entries))
            self.must_read_anew = True


def _in_frames(proofs: Sequence[ForkProof]) -> list[tuple[ForkProof, ...]]:
    frames: list[list[ForkProof]] = []
    size = 0
    for proof in proofs:
        if not frames or size + proof.size > ENTRIES_BYTES_MAX or len(frames[-1]) == FORKS_PER_FRAME_MAX:
            frames.append([])
            size = 0
        frames[-1].append(proof)
        size += proof.size
    return [tuple(frame) for frame in frames]
