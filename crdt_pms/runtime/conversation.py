"""One exchange on one open connection: sends what the peer lacks, takes what it sends, and notices when it falls silent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import anyio

from crdt_pms.runtime.changes import ChangeSignal
from crdt_pms.runtime.link_status import LinkStatus
from crdt_pms.session.errors import PeerSilent
from crdt_pms.session.exchange import Exchange
from crdt_pms.session.limits import PING_SECONDS, SILENCE_SECONDS_MAX
from crdt_pms.session.messages import Entries, Message
from crdt_pms.session.session import bye


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

    def __init__(self, exchange: Exchange, changes: ChangeSignal, wire: Wire, status: LinkStatus) -> None:
        """`changes` tells of what this node may have to send."""
        self._exchange = exchange
        self._changes = changes
        self._wire = wire
        self._status = status
        self._is_listening = False
        self._quiet_turns = 0
        self._more_to_send = ChangeSignal()

    async def prove(self) -> None:
        """Exchange hellos, proofs and states."""
        await self._say([self._exchange.begin()])
        while not self._exchange.is_open:
            await self._hear()

    async def run(self) -> None:
        """Send and take until something ends it."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch_changes)
            tasks.start_soon(self._send)
            tasks.start_soon(self._ping)
            tasks.start_soon(self._watch_silence)
            while True:
                await self._hear()
                self._more_to_send.notify()

    async def say_bye(self, reason: str, words: str) -> None:
        """Tell the peer why this ends, if it still listens."""
        with anyio.CancelScope(shield=True), anyio.move_on_after(1):
            try:
                await self._say([bye(reason, words)])
            except Exception:  # noqa: BLE001 - the connection is over, and what it says now does not matter
                return

    async def _say(self, messages: Sequence[Message]) -> None:
        for message in messages:
            # Sealed with no wait before the connection takes it, since frames are numbered.
            frame = self._exchange.session.seal(message)
            await self._wire.send(frame)
            self._status.bytes_sent += len(frame)
            if isinstance(message, Entries):
                self._status.entries_sent += len(message.entries)

    async def _hear(self) -> None:
        self._is_listening = True
        frame = await self._wire.recv()
        self._is_listening, self._quiet_turns = False, 0
        self._status.bytes_received += len(frame)
        message, answers = await self._exchange.take(frame)
        if isinstance(message, Entries):
            self._status.entries_received += len(message.entries)
        self._status.rtt_ms = self._exchange.rtt_ms
        await self._say(answers)

    async def _ping(self) -> None:
        while True:
            await self._say([self._exchange.ping()])
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
        waiter = self._changes.waiter()
        while True:
            await waiter.wait()
            self._more_to_send.notify()

    async def _send(self) -> None:
        waiter = self._more_to_send.waiter()
        while True:
            messages = await self._exchange.more()
            if messages:
                await self._say(messages)
            else:
                await waiter.wait()
