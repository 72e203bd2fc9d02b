"""How each fault of a schedule happens to real processes, disks and links."""

from __future__ import annotations

import itertools
import resource
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Final

import anyio
import httpx
import psycopg
from anyio import to_thread

from simulations.processes.chaos.answers import NotDone
from simulations.processes.chaos.nodes import DeskNode, Node, RelayNode, start_when_possible
from simulations.processes.chaos.schedule import ChaosFault, FaultKind
from simulations.processes.chaos.staff import Staff
from simulations.processes.chaos.waking import kill_before_waking
from simulations.processes.chaos.witness import Witness
from simulations.processes.frame_proxy import FrameFault, FrameProxy
from simulations.processes.link_proxy import Direction
from simulations.processes.managed_process import ProcessFailed
from simulations.processes.postgres import EmbeddedPostgres

_WAKING_ATTEMPTS: Final = 5
"""A process may be starting, or have told already when it is killed; then it is tried again."""
_FOUND_SECONDS_MAX: Final = 10.0
"""An idle relay process looks at its database every second."""
_LOOK_SECONDS: Final = 0.1
_BOOKINGS_FROM: Final = -1_000
"""Below it no other task has its number."""
_FRAME_FAULTS: Final = {
    FaultKind.LOSE_FRAMES: FrameFault.LOSE,
    FaultKind.DELAY_FRAMES: FrameFault.DELAY,
    FaultKind.DUPLICATE_FRAMES: FrameFault.DUPLICATE,
    FaultKind.REORDER_FRAMES: FrameFault.REORDER,
    FaultKind.CORRUPT_FRAMES: FrameFault.CORRUPT,
}


class Mischief:
    """Everything that can be done to one running hotel."""

    def __init__(
        self,
        desks: Sequence[DeskNode],
        relays: Sequence[RelayNode],
        postgres: EmbeddedPostgres,
        staff: Staff,
        witness: Witness,
        client: httpx.AsyncClient,
    ) -> None:
        """`relays` are processes on one database, two at least; `client` asks processes whether they are ready."""
        self._client = client
        self._desks = desks
        self._relays = relays
        self._database = relays[0].database
        self._bookings = itertools.count()
        self._postgres = postgres
        self._server = anyio.Lock()
        self._staff = staff
        self._witness = witness

    async def do(self, fault: ChaosFault, wait_until: Callable[[int], Awaitable[None]]) -> None:
        """Let a fault happen at its time and return when it is over. `wait_until` takes milliseconds of the schedule."""
        if fault.kind is FaultKind.RESTORE_TERMINAL:
            await self._restore_terminal(fault, wait_until)
        elif fault.kind is FaultKind.RESTORE_POSTGRES:
            await self._restore_postgres(fault, wait_until)
        elif fault.kind is FaultKind.KILL_RELAY_BEFORE_WAKING:
            await wait_until(fault.at_ms)
            await self._kill_relay_before_waking(fault)
            return
        else:
            await wait_until(fault.at_ms)
            if fault.kind in _FRAME_FAULTS:
                self._strike(fault)
            else:
                await self._procedures[fault.kind](fault)
        self._witness.happened[fault.kind] += 1

    def end(self) -> None:
        """Make every link whole and every process go on."""
        for desk in self._desks:
            desk.process.resume()
            desk.terminal.heal()
        for relay in self._relays:
            relay.process.resume()

    @property
    def _procedures(self) -> Mapping[FaultKind, Callable[[ChaosFault], Awaitable[None]]]:
        return {
            FaultKind.KILL_TERMINAL: self._kill_terminal,
            FaultKind.KILL_RELAY: self._kill_relay,
            FaultKind.KILL_POSTGRES: self._kill_postgres,
            FaultKind.PAUSE_TERMINAL: self._pause_terminal,
            FaultKind.PAUSE_RELAY: self._pause_relay,
            FaultKind.RESTART_TERMINAL: self._restart_terminal,
            FaultKind.RESTART_POSTGRES: self._restart_postgres,
            FaultKind.BLACKHOLE: self._blackhole,
            FaultKind.HALF_OPEN: self._half_open,
            FaultKind.CUT: self._cut,
            FaultKind.DISK_FULL: self._disk_full,
        }

    # Processes

    async def _kill_terminal(self, fault: ChaosFault) -> None:
        await self._kill(self._desks[fault.terminal], fault)

    async def _kill_relay(self, fault: ChaosFault) -> None:
        await self._kill(self._relay_of(fault), fault)

    def _relay_of(self, fault: ChaosFault) -> RelayNode:
        return self._relays[fault.link % len(self._relays)]

    async def _kill_relay_before_waking(self, fault: ChaosFault) -> None:
        """The other process, which stands still meanwhile, must find by itself what the dead one committed."""
        relay = self._relay_of(fault)
        other = next(one for one in self._relays if one is not relay)
        for _attempt in range(_WAKING_ATTEMPTS):
            async with AsyncExitStack() as stack:
                for lock in (self._server, *(one.handling for one in self._relays)):
                    await stack.enter_async_context(lock)
                through = await self._die_untold(relay, other)
                if through is not None:
                    self._witness.happened[fault.kind] += 1
                    await self._require_found(other, through)
                    await anyio.sleep(fault.lasting_ms / 1000)
                if not relay.process.is_running:
                    await start_when_possible(relay, self._witness)
                if through is not None:
                    return

    async def _die_untold(self, relay: RelayNode, other: RelayNode) -> int | None:
        """Through which position the relay, now dead, had committed; None where it could not be killed at that moment."""
        await to_thread.run_sync(other.process.pause)
        through, is_over = None, False

        async def book() -> None:
            while relay.process.is_running and not is_over:
                async with relay.attention:
                    await self._staff.book_at(self._relays.index(relay), _BOOKINGS_FROM - next(self._bookings))
                await anyio.sleep(_LOOK_SECONDS)

        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(book)
                with suppress(psycopg.Error):
                    through = await to_thread.run_sync(
                        kill_before_waking, self._database.url, self._database.property_id, relay.process
                    )
                is_over = True
        finally:
            other.process.resume()
        return through

    async def _require_found(self, other: RelayNode, through: int) -> None:
        with anyio.move_on_after(_FOUND_SECONDS_MAX):
            while other.process.is_running:
                with suppress(NotDone):
                    if await self._staff.committed_through(other.name) >= through:
                        return
                await anyio.sleep(_LOOK_SECONDS)
        if other.process.is_running:
            self._witness.odd.append(f"{other.name} does not find position {through}, of which nobody told it")

    async def _kill(self, node: Node, fault: ChaosFault) -> None:
        async with node.handling:
            await to_thread.run_sync(node.process.kill)
            await anyio.sleep(fault.lasting_ms / 1000)
            await start_when_possible(node, self._witness)

    async def _restart_terminal(self, fault: ChaosFault) -> None:
        desk = self._desks[fault.terminal]
        async with desk.handling:
            code = await to_thread.run_sync(desk.process.stop)
            if code not in (0, -signal.SIGTERM):  # The signal itself ends a process that is only starting.
                self._witness.odd.append(f"{desk.name} was asked to end and did so with code {code}")
            await desk.start(self._witness)

    async def _pause_terminal(self, fault: ChaosFault) -> None:
        await self._pause(self._desks[fault.terminal], fault)

    async def _pause_relay(self, fault: ChaosFault) -> None:
        await self._pause(self._relay_of(fault), fault)

    async def _pause(self, node: Node, fault: ChaosFault) -> None:
        async with node.handling:
            await to_thread.run_sync(node.process.pause)
            try:
                await anyio.sleep(fault.lasting_ms / 1000)
            finally:
                node.process.resume()

    async def _kill_postgres(self, fault: ChaosFault) -> None:
        async with self._server:
            await to_thread.run_sync(self._postgres.kill)
            await anyio.sleep(fault.lasting_ms / 1000)
            await to_thread.run_sync(self._postgres.restart)

    async def _restart_postgres(self, _fault: ChaosFault) -> None:
        async with self._server:
            await to_thread.run_sync(self._postgres.restart)

    # Links

    def _link(self, fault: ChaosFault) -> FrameProxy:
        links = self._desks[fault.terminal].terminal.links
        link = links[fault.link % len(links)]
        assert isinstance(link, FrameProxy), "made by this run"
        return link

    def _strike(self, fault: ChaosFault) -> None:
        link = self._link(fault)
        for _ in range(fault.frames):
            link.strike(_FRAME_FAULTS[fault.kind], _direction(fault), fault.lasting_ms / 1000)

    async def _blackhole(self, fault: ChaosFault) -> None:
        link = self._link(fault)
        link.swallow(_direction(fault))
        await anyio.sleep(fault.lasting_ms / 1000)
        link.heal()

    async def _half_open(self, fault: ChaosFault) -> None:
        link = self._link(fault)
        link.choke()
        await anyio.sleep(fault.lasting_ms / 1000)
        link.heal()

    async def _cut(self, fault: ChaosFault) -> None:
        terminal = self._desks[fault.terminal].terminal
        terminal.isolate()
        await anyio.sleep(fault.lasting_ms / 1000)
        terminal.heal()

    # Disks

    async def _disk_full(self, fault: ChaosFault) -> None:
        """Refuse to let any file of the process grow beyond its write-ahead log of now (RLIMIT_FSIZE).

        That needs no privilege and no file system of its own. A write beyond it fails with EFBIG, which SQLite reports as an
        I/O error where a full disk gives SQLITE_FULL: to the product a failing disk (`StoreFailing`) and a full one differ in
        what a person is told.

        A process that is only starting is spared: on a full disk it says so and ends, which is no finding.
        """
        desk = self._desks[fault.terminal]
        async with desk.handling:
            with suppress(ProcessFailed):
                await desk.process.until_ready(self._client)
            pid = desk.process.pid
            with suppress(ProcessLookupError):
                _limit_files(pid, desk.disk.wal_bytes)
            await anyio.sleep(fault.lasting_ms / 1000)
            if desk.process.is_running and desk.process.pid == pid:
                _limit_files(pid, resource.RLIM_INFINITY)

    async def _restore_terminal(self, fault: ChaosFault, wait_until: Callable[[int], Awaitable[None]]) -> None:
        desk = self._desks[fault.terminal]
        await wait_until(fault.at_ms - fault.lasting_ms)
        async with desk.handling:
            backup = await to_thread.run_sync(_snapshot, desk, f"backup-{fault.at_ms}")
        await wait_until(fault.at_ms)
        async with desk.handling:
            await self._look_around(desk)
            await to_thread.run_sync(desk.process.kill)
            async with desk.attention:
                desk.disk.put_back(backup)
                self._witness.opened(desk.name, await to_thread.run_sync(desk.held), rewound=True)
                desk.process.start()

    async def _restore_postgres(self, fault: ChaosFault, wait_until: Callable[[int], Awaitable[None]]) -> None:
        database = self._database
        await wait_until(fault.at_ms - fault.lasting_ms)
        async with self._server:
            backup = await to_thread.run_sync(database.back_up)
        await wait_until(fault.at_ms)
        async with self._server:
            relay = self._relays[0]
            await self._look_around(relay)
            async with relay.attention:
                vector = await to_thread.run_sync(database.vector, backup)
                announced = await to_thread.run_sync(database.announced_through, self._witness.heard_through)
                await to_thread.run_sync(database.put_back, backup, announced)
                self._witness.opened(relay.told_as, vector, rewound=True)

    async def _look_around(self, restored: Node) -> None:
        """See what all others hold: an entry that one of them has must not be lost by what happens next."""
        for desk in self._desks:
            if desk is not restored:
                async with desk.attention:
                    with suppress(NotDone):
                        await self._staff.look(desk.terminal)
        relay = self._relays[0]
        if restored is not relay:
            async with relay.attention:
                with suppress(psycopg.Error):
                    self._witness.noticed(relay.told_as, await to_thread.run_sync(self._database.vector))


def _snapshot(desk: DeskNode, name: str) -> Path:
    """A copy of a terminal's disk at one moment, as a snapshot of its volume would be."""
    desk.process.pause()
    try:
        return desk.disk.back_up(name)
    finally:
        desk.process.resume()


def _limit_files(pid: int, size_max: int) -> None:
    _soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size_max, hard))


def _direction(fault: ChaosFault) -> Direction:
    return Direction.FORTH if fault.is_forth else Direction.BACK
