"""One session on one open connection: proves both sides, then sends what the peer lacks while taking what it sends."""

from __future__ import annotations

from typing import Final, Protocol

import anyio

from crdt_pms.journal.identifiers import Dot, VersionVector
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.runtime.changes import ChangeSignal
from crdt_pms.runtime.link_status import LinkStatus
from crdt_pms.runtime.node import Node
from crdt_pms.session.errors import PeerSilent, SessionError
from crdt_pms.session.limits import (
    COMMITTED_POSITIONS_PER_FRAME_MAX,
    ENTRIES_BYTES_MAX,
    ENTRIES_PER_FRAME_MAX,
    RUNS_PER_FRAME_MAX,
)
from crdt_pms.session.messages import Certificates, Committed, Entries, Message, Ping, Pong, Taken
from crdt_pms.session.session import Session, Stage, bye

PING_SECONDS: Final = 2.0
SILENCE_SECONDS_MAX: Final = 10.0
"""A peer that said nothing for so long is gone, even if the connection does not know it."""


class LinkExists(SessionError):
    """The two devices are linked by another connection, which stays."""

    reason = "link_exists"


class Wire(Protocol):
    """What of a WebSocket connection is used."""

    async def send(self, message: bytes) -> None:
        """Send one binary frame."""
        ...

    async def recv(self) -> str | bytes:
        """The next frame."""
        ...


class Conversation:
    """See the module. What ends it is raised: SessionError, JournalError, StoreError, ReplicaError or ConnectionClosed."""

    def __init__(self, node: Node, session: Session, wire: Wire, status: LinkStatus) -> None:
        self._node = node
        self._session = session
        self._wire = wire
        self._status = status
        self._is_listening = False
        self._quiet_turns = 0
        self._more_to_send = ChangeSignal()

    async def prove(self) -> None:
        """Exchange hellos, proofs and states."""
        session = self._session
        await self._say(session.hello())
        await self._hear(Stage.AWAITING_HELLO)
        await self._say(session.proof())
        await self._hear(Stage.AWAITING_PROOF)
        # Only a proven peer of the property learns what is held here.
        generation, through = self._node.committed()
        last = await self._entry_at(through)
        await self._say(session.state(self._node.vector(), generation, through, last))
        await self._hear(Stage.AWAITING_STATE)
        peer = session.peer
        assert peer is not None, "proven"
        await self._node.receive_standing(session.peer_generation, session.peer_through, session.peer_last, peer)

    async def _entry_at(self, position: int) -> Dot | None:
        runs = await self._node.committed_runs(position - 1, 1) if position else []
        return Dot(runs[0].journal, runs[0].first_seq) if runs else None

    async def run(self) -> None:
        """Send and take until something ends it."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch_changes)
            tasks.start_soon(self._send)
            tasks.start_soon(self._ping)
            tasks.start_soon(self._watch_silence)
            await self._receive()

    async def say_bye(self, reason: str, words: str) -> None:
        """Tell the peer why this ends, if it still listens."""
        with anyio.CancelScope(shield=True), anyio.move_on_after(1):
            try:
                await self._wire.send(bye(reason, words))
            except Exception:  # noqa: BLE001 - whatever the connection says now, it is over
                return

    async def _say(self, frame: bytes) -> None:
        await self._wire.send(frame)
        self._status.bytes_sent += len(frame)

    async def _hear(self, stage: Stage | None = None) -> Message:
        assert stage is None or self._session.stage is stage
        self._is_listening = True
        frame = await self._wire.recv()
        self._is_listening, self._quiet_turns = False, 0
        self._status.bytes_received += len(frame)
        return self._session.receive(frame)

    async def _receive(self) -> None:
        peer = self._session.peer
        assert peer is not None, "proven"
        while True:
            match await self._hear():
                case Certificates(certificates):
                    await self._node.receive_certificates(certificates)
                case Entries(entries):
                    await self._node.receive_entries(entries, peer)
                    self._status.entries_received += len(entries)
                    await self._say(self._session.taken())
                case Committed(generation, runs):
                    await self._node.receive_committed(generation, runs, peer)
                case Ping() as ping:
                    await self._say(self._session.pong(ping, self._node.machine_ms()))
                case Pong() as pong:
                    self._note_pong(pong)
                case Taken():
                    self._more_to_send.notify()
                case _:
                    pass

    def _note_pong(self, pong: Pong) -> None:
        peer = self._session.peer
        assert peer is not None, "proven"
        now_ms = self._node.machine_ms()
        self._status.rtt_ms = max(now_ms - pong.sent_ms, 0)
        self._node.note_offset(peer, pong.now_ms - (now_ms + pong.sent_ms) // 2)

    async def _ping(self) -> None:
        while True:
            await self._say(self._session.ping(self._node.machine_ms()))
            await anyio.sleep(PING_SECONDS)

    async def _watch_silence(self) -> None:
        """Apart from `_ping`, since on a line that takes no more bytes nothing can be said.

        Counts its own turns instead of reading a clock: while this process stood still, or saved what came, it did not listen.
        """
        while self._quiet_turns * PING_SECONDS < SILENCE_SECONDS_MAX:
            await anyio.sleep(PING_SECONDS)
            self._quiet_turns += self._is_listening
        raise PeerSilent(f"nothing was heard for {SILENCE_SECONDS_MAX:.0f} seconds")

    async def _watch_changes(self) -> None:
        waiter = self._node.changes.waiter()
        while True:
            await waiter.wait()
            self._more_to_send.notify()

    async def _send(self) -> None:
        waiter = self._more_to_send.waiter()
        cursor = await self._node.cursor_for(self._session.peer_vector)
        while True:
            sent_entries = False
            if self._session.can_send_entries():
                entries, cursor = await self._node.read(cursor, ENTRIES_PER_FRAME_MAX, ENTRIES_BYTES_MAX)
                sent_entries = bool(entries)
                lacking = self._session.lacking(entries)
                if lacking:
                    for frame in self._session.entries(lacking, self._node.certificate):
                        await self._say(frame)
                    self._status.entries_sent += len(lacking)
            sent_order = await self._send_order()
            if not (sent_entries or sent_order):
                await waiter.wait()

    async def _send_order(self) -> bool:
        """Send the next piece of the committed order, if the peer may need it and holds what it names."""
        session = self._session
        generation, through = self._node.committed()
        known = session.peer_through if session.peer_generation == generation else 0
        if generation is None or through <= known or (session.peer is not None and session.peer.is_relay):
            return False
        if not self._node.is_relay and session.peer_generation not in (None, generation):
            # Which of two generations is the newer one only the relay can say.
            return False
        runs = _held_by(session.peer_vector, await self._node.committed_runs(known, COMMITTED_POSITIONS_PER_FRAME_MAX))
        if not runs:
            return False
        await self._say(session.committed(generation, runs))
        return True


def _held_by(vector: VersionVector, runs: list[CommittedRun]) -> list[CommittedRun]:
    """The first runs, as many as fit a frame, whose entries a holder of `vector` has."""
    held: list[CommittedRun] = []
    for run in runs[:RUNS_PER_FRAME_MAX]:
        count = min(run.count, vector.get(run.journal, 0) - run.first_seq + 1)
        if count > 0:
            held.append(run._replace(count=count))
        if count < run.count:
            break
    return held
