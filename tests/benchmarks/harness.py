"""Nodes in one process for benchmarks: real replicas, real WebSockets on loopback, a real PostgreSQL behind the relay."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import anyio

from clients.terminal.node import TerminalNode
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.replica.replica import Replica
from crdt_pms.runtime.changes import ChangeSignal
from crdt_pms.runtime.clocks import system_clock
from crdt_pms.runtime.links import Links
from crdt_pms.runtime.plug import Plug
from crdt_pms.store.sqlite import open_sqlite
from relay_server.database import postgresql_database
from relay_server.relay import Relay
from simulations.processes.ports import LOOPBACK, free_ports
from tests.crdt_pms.journal.journals import enrolled
from tests.crdt_pms.replica.terminals import Desk
from tests.crdt_pms.session.paces import at_any_pace

RELAY_DEVICE = 8


def written(desk: Desk, amount: int) -> list[Entry]:
    """That many entries of one desk: rooms and reservations in turn, as a desk writes them."""
    rooms = [room.number for room in desk.property_.rooms]
    for step in range(amount):
        if step % 4:
            desk.do(
                SetRoomCondition(rooms[step % len(rooms)], "hk_condition", ("clean", "dirty")[step // len(rooms) % 2])
            )
        else:
            desk.reserve(f"stay-{step}", arrival="2026-07-05")
    return [placed.entry for placed in desk.replica.read(0, amount, 2**40)]


@dataclass(frozen=True)
class BenchedTerminal:
    """A terminal without its HTTP API."""

    node: TerminalNode
    changes: ChangeSignal


def terminal_node(definition: PropertyDefinition, number: int, path: Path) -> BenchedTerminal:
    """A terminal's node over its file."""
    store = open_sqlite(path, definition.property_id)
    clock = system_clock()

    def open_replica() -> Replica:
        return Replica.open(store, definition, enrolled(number), JournalId(secrets.token_bytes(16)), clock.now_ms())

    changes = ChangeSignal()
    return BenchedTerminal(
        TerminalNode(definition, enrolled(number), clock, open_replica, changes.notify, at_any_pace()), changes
    )


def links_of(terminal: BenchedTerminal) -> Links:
    """The links of a terminal."""
    return Links(terminal.node, terminal.changes, Random(1), lambda: secrets.token_bytes(32))


@asynccontextmanager
async def linked(listener: BenchedTerminal, dialer: BenchedTerminal) -> AsyncIterator[None]:
    """Two nodes with a link between them."""
    (port,) = free_ports(1)
    async with anyio.create_task_group() as tasks:
        await tasks.start(links_of(listener).serve, LOOPBACK, port, Plug("lan"))
        tasks.start_soon(links_of(dialer).keep_connected, f"ws://{LOOPBACK}:{port}", "peer", Plug("lan"))
        yield
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def relayed(definition: PropertyDefinition, url: str, dialer: BenchedTerminal) -> AsyncIterator[Relay]:
    """A node linked to a relay that commits to PostgreSQL."""
    (port,) = free_ports(1)
    relay = Relay(
        definition,
        enrolled(RELAY_DEVICE, DeviceClass.RELAY),
        system_clock(),
        postgresql_database(url, definition.property_id),
    )
    try:
        async with anyio.create_task_group() as tasks:
            await relay.run(tasks, LOOPBACK, port)
            tasks.start_soon(links_of(dialer).keep_connected, f"ws://{LOOPBACK}:{port}", "relay", Plug("relay"))
            yield relay
            tasks.cancel_scope.cancel()
    finally:
        await relay.close()


async def until(condition: Callable[[], bool], changed: Callable[[], Awaitable[None]]) -> None:
    """Return when the condition holds, looking after each change."""
    while not condition():
        await changed()
