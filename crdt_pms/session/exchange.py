"""What two nodes say to each other, and when: answers to what comes, and what the peer lacks. No I/O of its own.

The caller that runs an exchange (sockets in `crdt_pms.runtime.conversation`, virtual time in `simulations.world`) seals each
returned message with `session.seal` and sends the frames in that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.errors import JournalForked
from crdt_pms.journal.positions import checkpoint_after
from crdt_pms.session.fork_talk import ForkTalk
from crdt_pms.session.limits import ENTRIES_BYTES_MAX, ENTRIES_PER_FRAME_MAX, SILENCE_SECONDS_MAX
from crdt_pms.session.messages import (
    BranchCompared,
    BranchShown,
    Certificates,
    Chunk,
    ChunksAsked,
    Committed,
    Entries,
    Forks,
    Hello,
    Message,
    OrderKnown,
    Ping,
    Pong,
    Proof,
    Slots,
    SlotsAsked,
    SnapshotHeld,
    SnapshotOffered,
    State,
    states_of,
)
from crdt_pms.session.node import Node
from crdt_pms.session.session import Peer, Session, Stage
from crdt_pms.session.snapshot_talk import SnapshotTalk

NOTHING: Final[Sequence[Message]] = ()


class Exchange:
    """One session of one node. What ends it is raised: SessionError, JournalError, StoreError or ReplicaError."""

    def __init__(self, node: Node, session: Session) -> None:
        self.session = session
        self.rtt_ms: int | None = None
        self._node = node
        self._cursor: int | None = None
        self._cuts_seen = 0
        self._has_other_order = False
        self._forks = ForkTalk(node, session)
        self._snapshots = SnapshotTalk(node, session)

    @property
    def peer(self) -> Peer:
        """Who is at the other end, once it has said it."""
        assert self.session.peer is not None, "a peer that has said hello"
        return self.session.peer

    @property
    def is_open(self) -> bool:
        """Whether both sides have proven who they are and know what the other holds."""
        return self.session.stage is Stage.OPEN

    def begin(self) -> Message:
        """What is said first."""
        return self.session.hello()

    def ping(self) -> Message:
        """Asks for a sign of life and the peer's clock."""
        return Ping(self._node.machine_ms())

    async def take(self, frame: object) -> tuple[Message, Sequence[Message]]:
        """Take one frame: what it said, and what is to be answered at once."""
        message = self.session.receive(frame)
        return message, await self._answers(message)

    async def more(self) -> Sequence[Message]:
        """The next of what the peer lacks, as far as it may be sent now.

        Nothing means: ask again when the node has changed or the peer said anything.
        """
        if not self.is_open:
            return NOTHING
        # A fork is told before what rests on a branch of it.
        told = self._forks.news()
        told = told or self._snapshots.news()
        if told or self._snapshots.is_needed:
            # Without the snapshot the peer could take none of what follows.
            return told
        is_less = self._follow_cuts()
        if self._cursor is None or self._forks.must_read_anew or is_less:
            self._forks.must_read_anew = False
            self._cursor = await self._node.cursor_for(self.session.peer_common)
        messages: list[Message] = []
        while not messages and self.session.can_send_entries():
            before = self._cursor
            entries, self._cursor = await self._node.read(
                before, self.session.peer_common, ENTRIES_PER_FRAME_MAX, ENTRIES_BYTES_MAX
            )
            if self._cursor == before:
                break
            lacking = self.session.lacking(entries)
            if lacking:
                messages.extend(self.session.entries(lacking, self._node.certificate))
        order = await self._order()
        return messages if order is None else [*messages, order]

    async def _answers(self, message: Message) -> Sequence[Message]:
        match message:
            case Hello() | Proof() | OrderKnown() | State():
                return await self._answers_to_opening(message)
            case Certificates(certificates):
                await self._learn(certificates)
            case Entries() | Committed():
                if self._forks.is_searching:
                    self._forks.put_off(message)
                    return NOTHING
                return await self._take(message)
            case SlotsAsked() | Slots() | BranchShown() | BranchCompared() | Forks():
                return [*await self._forks.answer(message), *await self._take_unread()]
            case SnapshotOffered() | SnapshotHeld() | ChunksAsked() | Chunk():
                return await self._snapshots.answer(message)
            case Ping(sent_ms):
                return [Pong(sent_ms, self._node.machine_ms())]
            case Pong():
                self._note_pong(message)
            case _:
                pass
        return NOTHING

    async def _answers_to_opening(self, message: Hello | Proof | OrderKnown | State) -> Sequence[Message]:
        match message:
            case Hello():
                return [self.session.proof()]
            case Proof():
                # Only a proven peer of the property learns what is held here.
                self._cuts_seen = len(self._node.order_cuts)
                return [self.session.order_known(self._node.order_end(), await self._node.order_marks())]
            case OrderKnown():
                return await self._find_common(message)
            case State():
                await self._snapshots.begin()
                return await self._forks.compare(message)

    async def _find_common(self, known: OrderKnown) -> Sequence[Message]:
        """Find up to where both know one order, and say what is held beyond that."""
        self._has_other_order = not await self._node.receive_order_known(known, self.peer)
        common = await self._node.common_point(known.marks)
        self.session.note_common(common)
        return states_of(await self._node.heads_beyond(common), common)

    def _follow_cuts(self) -> bool:
        """Hear of cuts of the order that is known here. Returns whether the peer is known to hold less than before."""
        cuts = self._node.order_cuts[self._cuts_seen :]
        self._cuts_seen += len(cuts)
        return bool(cuts) and self.session.note_cut(min(cuts))

    async def _learn(self, certificates: Sequence[Certificate]) -> None:
        """Learn journals: those that the peer opened itself as fast as it may open them, those of others at once.

        What may be learned now is learned before the rest is waited for: a link that ends in between loses only what waits.
        """
        openings, device = self._node.openings, self.peer.device_id
        while certificates:
            own = self._opened_by_peer(certificates)
            if own and (seconds := openings.wait_seconds(device)) > 0:
                self._node.counters["openings_put_off"] += 1
                await openings.pause(seconds)
                # Others may have brought meanwhile what waits here: that is not counted.
                continue
            admitted = openings.take(device, len(own)) if own else 0
            end = len(certificates) if admitted == len(own) else own[admitted]
            await self._receive_certificates(certificates[:end])
            certificates = certificates[end:]

    def _opened_by_peer(self, certificates: Sequence[Certificate]) -> Sequence[int]:
        """The places of those certificates that open a journal of the peer which is not known here."""
        return [
            place
            for place, one in enumerate(certificates)
            if one.device_id == self.peer.device_id and self._node.certificate(one.journal) is None
        ]

    async def _receive_certificates(self, certificates: Sequence[Certificate]) -> None:
        await self._node.receive_certificates(certificates)

    async def _take(self, message: Entries | Committed, *, is_late: bool = False) -> Sequence[Message]:
        if isinstance(message, Committed):
            await self._node.receive_committed(message.end, message.runs, self.peer)
            return NOTHING
        try:
            left_out = await self._node.receive_entries(message.entries, self.peer)
        except JournalForked as forked:
            questions = await self._forks.notice(forked)
            self._forks.unread.appendleft(message)
            return questions
        if not is_late:
            self.session.forget_last(left_out)
        taken = self.session.taken()
        return NOTHING if taken is None else [taken]

    async def _take_unread(self) -> Sequence[Message]:
        """Go on with what waited while a fork was looked into."""
        answers: list[Message] = []
        while self._forks.unread and not self._forks.is_searching:
            answers += await self._take(self._forks.unread.popleft(), is_late=True)
        return answers

    def _note_pong(self, pong: Pong) -> None:
        now_ms = self._node.machine_ms()
        rtt_ms = now_ms - pong.sent_ms
        if not 0 <= rtt_ms <= SILENCE_SECONDS_MAX * 1_000:
            # The clock was set meanwhile, or the process stood still: half of that is how wrong the measure may be.
            return
        self.rtt_ms = rtt_ms
        self._node.note_offset(self.peer, pong.now_ms - (now_ms + pong.sent_ms) // 2)

    async def _order(self) -> Message | None:
        """The next piece of the committed order, if the peer may need it and holds what it names."""
        session, end = self.session, self._node.order_end()
        if end is None or self.peer.is_relay or self._forks.is_searching:
            return None
        is_same = session.peer_generation == end.generation
        # A peer that knows the whole order hears its last position again if it does not know the generation.
        known = session.peer_through if is_same else min(session.peer_through, end.through - 1)
        if end.through <= max(known, 0):
            return None
        if not self._node.is_relay and (self._has_other_order or session.peer_generation not in (None, end.generation)):
            # Which of two generations or orders is the newer one only the relay can say.
            return None
        last = min(end.through, checkpoint_after(known))
        runs = await self._node.committed_runs(known, last - known)
        is_held = all(
            run.last_position <= session.peer_common
            or session.peer_vector.get(run.journal, 0) >= run.first_seq + run.count - 1
            for run in runs
        )
        if not is_held or not runs or runs[-1].last_position != last:
            return None
        proven = end if last == end.through else await self._node.checkpoint(last)
        return None if proven is None else session.committed(proven, runs)
