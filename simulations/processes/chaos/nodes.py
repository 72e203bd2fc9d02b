"""The processes of a hotel under chaos: who looks after each, and what somebody saw of it when it began again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import anyio
import psycopg
from anyio import to_thread

from simulations.checkers.contents import RELAY
from simulations.processes.chaos.disks import RelayDatabase, TerminalDisk
from simulations.processes.chaos.weaving import Vector
from simulations.processes.chaos.witness import Witness
from simulations.processes.cluster import TerminalProcess
from simulations.processes.managed_process import ManagedProcess

_WATCH_SECONDS: Final = 0.1
_START_AGAIN_SECONDS: Final = 0.3
_OPERATOR_ERROR: Final = 2
"""How a process ends that tells its operator what to do."""


@dataclass
class Node:
    """One process and its disk.

    Whoever asks the node something, or looks at what it holds, has its `attention`: what was answered is written down before
    anything else is seen of it. Whoever does something to its process is `handling` it.
    """

    name: str
    process: ManagedProcess
    attention: anyio.Lock = field(default_factory=anyio.Lock)
    handling: anyio.Lock = field(default_factory=anyio.Lock)

    @property
    def told_as(self) -> str:
        """What the history calls the holder of its disk."""
        return self.name

    def held(self) -> Vector:
        """What its disk holds. No process may write to it."""
        raise NotImplementedError

    async def start(self, witness: Witness) -> None:
        """Begin a run on what the disk holds."""
        async with self.attention:
            witness.opened(self.told_as, await to_thread.run_sync(self.held), rewound=False)
            self.process.start()


@dataclass
class DeskNode(Node):
    """A terminal."""

    terminal: TerminalProcess = field(kw_only=True)
    disk: TerminalDisk = field(kw_only=True)

    def held(self) -> Vector:
        """See `Node`."""
        return self.disk.vector()


@dataclass
class RelayNode(Node):
    """A relay process, whose disk is a database that outlives it, and that another one works on too: they share `attention`.

    `held` raises psycopg.Error while PostgreSQL is away.
    """

    database: RelayDatabase = field(kw_only=True)

    @property
    def told_as(self) -> str:
        """See `Node`. To the history all relay processes are one node: their database."""
        return RELAY

    def held(self) -> Vector:
        """See `Node`."""
        return self.database.vector()


async def look_after(node: Node, witness: Witness) -> None:
    """Start a process again whenever it ended by itself, as a service manager does, until cancelled.

    A relay may end itself so as not to contradict its database; everything else that does has a defect.
    """
    while True:
        await anyio.sleep(_WATCH_SECONDS)
        if node.process.is_running or node.handling.locked():
            continue
        async with node.handling:
            code = node.process.exit_code
            if code is None:
                continue
            witness.happened[f"{node.name} ended by itself with code {code}"] += 1
            if not isinstance(node, RelayNode) or code != _OPERATOR_ERROR:
                tail = node.process.log_tail(12)
                witness.odd.append(f"at {witness.now_ms} ms {node.name} ended by itself with code {code}:\n{tail}")
            await anyio.sleep(_START_AGAIN_SECONDS)
            await start_when_possible(node, witness)


async def start_when_possible(node: Node, witness: Witness) -> None:
    """Start a process as soon as its disk can be read."""
    while True:
        try:
            await node.start(witness)
        except psycopg.Error:
            await anyio.sleep(_START_AGAIN_SECONDS)
        else:
            return
