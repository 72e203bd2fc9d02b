"""Terminals in one process, linked by real WebSockets on loopback, and a peer that can be made to misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import anyio
from anyio.abc import TaskGroup
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from clients.terminal.node import TerminalNode
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.replica.replica import Replica
from crdt_pms.runtime.changes import ChangeSignal
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.runtime.link_status import LinkState, LinkStatus
from crdt_pms.runtime.links import Links
from crdt_pms.runtime.plug import Plug
from crdt_pms.session.address import session_address
from crdt_pms.session.messages import Message, State
from crdt_pms.session.pace import Pace
from crdt_pms.session.session import Identity, Session
from simulations.processes.ports import LOOPBACK, free_ports
from tests.crdt_pms.journal.journals import ROOT, enrolled
from tests.crdt_pms.replica.histories import hotel
from tests.crdt_pms.replica.terminals import PROPERTY_ID, START_MS, Desk
from tests.crdt_pms.session.paces import at_any_pace

WAIT_SECONDS_MAX = 20.0
BRISK = Pace(0.01, 0.05)


async def until(condition: Callable[[], object], what: str = "it did not happen") -> None:
    """Return when the condition holds."""
    with anyio.move_on_after(WAIT_SECONDS_MAX):
        while not condition():
            await anyio.sleep(0.005)
        return
    raise AssertionError(what)


@dataclass
class Party:
    """One terminal: its desk, its links, one plug for all of them, and where it listens."""

    desk: Desk
    listeners: TaskGroup
    dialers: TaskGroup
    port: int
    pace: Pace = BRISK
    plug: Plug = field(default_factory=lambda: Plug("lan"))
    _listening: anyio.CancelScope | None = None

    def __post_init__(self) -> None:
        self._opened = False
        self.changes = ChangeSignal()
        clock = HandedClock(START_MS)
        self.node = TerminalNode(
            self.desk.property_, enrolled(self.desk.number), clock, self._open, self.changes.notify, at_any_pace()
        )
        random = Random(self.desk.number)
        self.links = Links(self.node, self.changes, random, lambda: random.randbytes(32), self.pace)

    @property
    def url(self) -> str:
        return f"ws://{LOOPBACK}:{self.port}"

    @property
    def open_links(self) -> list[LinkStatus]:
        return [status for status in self.links.statuses if status.state is LinkState.OPEN]

    async def listen(self) -> None:
        """Be found by others, until `stop_listening`."""
        scope = anyio.CancelScope()

        async def serve(*, task_status: anyio.abc.TaskStatus[None]) -> None:
            with scope:
                await self.links.serve(LOOPBACK, self.port, self.plug, task_status=task_status)

        await self.listeners.start(serve)
        self._listening = scope

    def stop_listening(self) -> None:
        """As if the process of the listener had ended: its links end too."""
        assert self._listening is not None
        self._listening.cancel()

    def dial(self, url: str) -> None:
        """Keep up a link to that address."""
        self.dialers.start_soon(self.links.keep_connected, url, "peer", self.plug)

    def dialed(self, url: str) -> LinkStatus:
        """The status of the link that is dialed there."""
        found = (status for status in self.links.statuses if status.address == url)
        return next(found, LinkStatus(url, "peer", "not yet"))

    def reserve(self, stay: str) -> None:
        """Act at this desk."""
        self.desk.replica = self.node.replica
        self.desk.reserve(stay)
        self.changes.notify()

    def knows(self, *stays: str) -> bool:
        """Whether the reservations have arrived here."""
        return all(self.node.replica.view().stay(stay) is not None for stay in stays)

    def _open(self) -> Replica:
        if self._opened:
            self.desk.restart()
        self._opened = True
        return self.desk.replica


@asynccontextmanager
async def parties(folder: Path, amount: int, pace: Pace = BRISK) -> AsyncIterator[list[Party]]:
    """That many terminals, all listening, none dialing."""
    with hotel(folder, amount) as desks:
        async with anyio.create_task_group() as listeners:
            async with anyio.create_task_group() as dialers:
                ports = free_ports(amount)
                made = [Party(desk, listeners, dialers, port, pace) for desk, port in zip(desks, ports, strict=True)]
                for party in made:
                    await party.listen()
                yield made
                dialers.cancel_scope.cancel()
            for party in made:
                party.plug.pull()
            await until(lambda: not _is_accepting(), "connections that were begun did not end")
            listeners.cancel_scope.cancel()


def _is_accepting() -> bool:
    """Whether any accepted connection is not over, be it in its handshake."""
    running = {getattr(task.get_coro(), "__name__", "") for task in asyncio.all_tasks()}
    return bool(running & {"protocol_handler", "_accept_connection2"})


@dataclass
class RawPeer:
    """A peer of an enrolled device that says what the test wants it to say."""

    connection: ClientConnection
    session: Session

    async def prove(self, end: SignedEnd | None = None) -> None:
        """Say and hear everything up to an open session. `end` is what it says of the committed order."""
        await self.say(self.session.hello())
        await self._hear()
        await self.say(self.session.proof())
        await self._hear()
        await self.say(self.session.order_known(end, ()))
        await self._hear()
        await self.say(State({}))
        await self._hear()

    async def say(self, message: Message) -> None:
        """Send a message, whatever it is."""
        await self.connection.send(self.session.seal(message))

    async def until_closed(self) -> None:
        """Return when the other side has closed the connection, whatever it still says."""
        with anyio.fail_after(WAIT_SECONDS_MAX), suppress(ConnectionClosed):
            while True:
                await self.connection.recv()

    async def _hear(self) -> None:
        with anyio.fail_after(WAIT_SECONDS_MAX):
            self.session.receive(await self.connection.recv())


@asynccontextmanager
async def raw_peer(party: Party, number: int = 7, owner: EnrolledDevice | None = None) -> AsyncIterator[RawPeer]:
    """Connected to that party as the device of that number, or as `owner`, not yet proven."""
    async with raw_peer_at(party.url, number, owner) as peer:
        yield peer


@asynccontextmanager
async def raw_peer_at(url: str, number: int = 7, owner: EnrolledDevice | None = None) -> AsyncIterator[RawPeer]:
    """Connected to the node at that address as the device of that number, or as `owner`, not yet proven."""
    session = Session(Identity(PROPERTY_ID, ROOT.public_bytes, owner or enrolled(number)), bytes([number]) * 32)
    options = {"proxy": None, "max_size": None, "max_queue": 4, "ping_interval": None, "compression": None}
    async with connect(session_address(url, PROPERTY_ID), close_timeout=0.5, **options) as connection:
        yield RawPeer(connection, session)
