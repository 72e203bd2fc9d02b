"""What two nodes say to each other, and when: answers to what comes, and what the peer lacks. No I/O of its own.

Whoever runs an exchange (sockets in `crdt_pms.runtime.conversation`, virtual time in `simulations.world`) seals each returned
message with `session.seal` and sends the frames in that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crdt_pms.journal.identifiers import VersionVector
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.session.limits import (
    COMMITTED_POSITIONS_PER_FRAME_MAX,
    ENTRIES_BYTES_MAX,
    ENTRIES_PER_FRAME_MAX,
    RUNS_PER_FRAME_MAX,
)
from crdt_pms.session.messages import (
    Certificates,
    Committed,
    Entries,
    Hello,
    Message,
    Ping,
    Pong,
    Proof,
    State,
)
from crdt_pms.session.node import Node
from crdt_pms.session.session import Peer, Session, Stage

NOTHING: Final[Sequence[Message]] = ()


class Exchange:
    """One session of one node. What ends it is raised: SessionError, JournalError, StoreError or ReplicaError."""

    def __init__(self, node: Node, session: Session) -> None:
        self.session = session
        self.rtt_ms: int | None = None
        self._node = node
        self._cursor: int | None = None
        self._has_other_order = False

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
        if self._cursor is None:
            self._cursor = await self._node.cursor_for(self.session.peer_vector)
        messages: list[Message] = []
        while not messages and self.session.can_send_entries():
            entries, self._cursor = await self._node.read(self._cursor, ENTRIES_PER_FRAME_MAX, ENTRIES_BYTES_MAX)
            if not entries:
                break
            lacking = self.session.lacking(entries)
            if lacking:
                messages.extend(self.session.entries(lacking, self._node.certificate))
        order = await self._order()
        return messages if order is None else [*messages, order]

    async def _answers(self, message: Message) -> Sequence[Message]:
        match message:
            case Hello():
                return [self.session.proof()]
            case Proof():
                # Only a proven peer of the property learns what is held here.
                return [await self._state()]
            case State(_vector, generation, through, digest):
                await self._node.receive_standing(generation, through, digest, self.peer)
                self._has_other_order = await self._contradicts(generation, through, digest)
            case Certificates(certificates):
                await self._node.receive_certificates(certificates)
            case Entries(entries):
                await self._node.receive_entries(entries, self.peer)
                taken = self.session.taken()
                return NOTHING if taken is None else [taken]
            case Committed(generation, runs):
                await self._node.receive_committed(generation, runs, self.peer)
            case Ping(sent_ms):
                return [Pong(sent_ms, self._node.machine_ms())]
            case Pong():
                self._note_pong(message)
            case _:
                pass
        return NOTHING

    async def _state(self) -> State:
        generation, through = self._node.committed()
        digest = await self._node.order_digest(through)
        assert digest is not None, "a node knows its own order"
        return State(dict(self._node.vector()), generation, through, digest)

    async def _contradicts(self, generation: bytes | None, through: int, digest: bytes) -> bool:
        """Whether the peer knows another order of the same generation: one of the two was told of before a backup came back."""
        if generation is None or generation != self._node.committed()[0]:
            return False
        return await self._node.order_digest(through) not in (None, digest)

    def _note_pong(self, pong: Pong) -> None:
        now_ms = self._node.machine_ms()
        self.rtt_ms = max(now_ms - pong.sent_ms, 0)
        self._node.note_offset(self.peer, pong.now_ms - (now_ms + pong.sent_ms) // 2)

    async def _order(self) -> Message | None:
        """The next piece of the committed order, if the peer may need it and holds what it names."""
        session = self.session
        generation, through = self._node.committed()
        known = session.peer_through if session.peer_generation == generation else 0
        if generation is None or through <= known or self.peer.is_relay:
            return None
        if not self._node.is_relay and (self._has_other_order or session.peer_generation not in (None, generation)):
            # Which of two generations or orders is the newer one only the relay can say.
            return None
        runs = _held_by(session.peer_vector, await self._node.committed_runs(known, COMMITTED_POSITIONS_PER_FRAME_MAX))
        return session.committed(generation, runs) if runs else None


def _held_by(vector: VersionVector, runs: Sequence[CommittedRun]) -> list[CommittedRun]:
    """The first runs, as many as fit a frame, whose entries a holder of `vector` has."""
    held: list[CommittedRun] = []
    for run in runs[:RUNS_PER_FRAME_MAX]:
        count = min(run.count, vector.get(run.journal, 0) - run.first_seq + 1)
        if count > 0:
            held.append(run._replace(count=count))
        if count < run.count:
            break
    return held
