"""Snapshots over real links: a relay on PostgreSQL hands them out, desks prune, and new desks begin with one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import anyio
import pytest

from clients.terminal.terminal import Addresses, Terminal
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.session import limits
from crdt_pms.session.pace import Pace
from crdt_pms.store.sqlite import open_sqlite
from relay_server.snapshots import Retention
from simulations.processes.ports import LOOPBACK, free_ports
from tests.crdt_pms.journal.journals import enrolled
from tests.crdt_pms.replica.terminals import PROPERTY_ID, START_MS
from tests.relay_server.relays import RunningRelay, definition, running_relay, until
from tests.relay_server.test_node import all_committed, reserve, running_terminals, sees

pytestmark = pytest.mark.asyncio

SOON = Retention(every_ms=1, oldest_backup_ms=1, entries_min=1, width=8)


@asynccontextmanager
async def joining(folder: Path, number: int, relay: str | None, *peers: str) -> AsyncIterator[Terminal]:
    """A new desk with an empty disk."""
    async with AsyncExitStack() as stack:
        store = open_sqlite(folder / f"joining-{number}.sqlite", PROPERTY_ID)
        addresses = Addresses(LOOPBACK, free_ports(1)[0], relay, peers)
        desk = Terminal(definition(), enrolled(number), store, HandedClock(START_MS), addresses, Pace(0.02, 0.1))
        stack.callback(desk.close)
        tasks = await stack.enter_async_context(anyio.create_task_group())
        await desk.run(tasks)
        yield desk
        tasks.cancel_scope.cancel()


async def live(relay: RunningRelay, terminal: Terminal, begin: int) -> None:
    """Ten reservations, at the end of which the relay hands out a snapshot that the desk keeps."""
    for step in range(begin, begin + 10):
        reserve(terminal, f"stay-{step}")
        relay.clock.hand(relay.clock.now_ms() + 10)
        await until(lambda: all_committed([terminal]), "committed")
        await relay.until_projected()
    kept = terminal.node.counters["snapshots_kept"]
    reserve(terminal, f"stay-{begin + 10}")
    relay.clock.hand(relay.clock.now_ms() + 10)
    await until(lambda: terminal.node.counters["snapshots_kept"] > kept, "a snapshot is kept")


async def test_a_desk_prunes_and_a_new_one_begins_with_a_snapshot_of_relay_or_neighbour(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SNAPSHOT_INSTEAD_POSITIONS", 5)
    async with (
        running_relay(database_url, retention=SOON) as relay,
        running_terminals(tmp_path, relay.port) as (terminal,),
    ):
        await live(relay, terminal, 0)
        await live(relay, terminal, 20)
        await until(lambda: terminal.node.counters["entries_pruned"] > 5, "pruned")
        address = f"ws://{LOOPBACK}:{terminal._addresses.sync_port}"
        async with joining(tmp_path, 5, f"ws://{LOOPBACK}:{relay.port}") as by_relay:
            await until(lambda: sees(by_relay, "stay-30") and all_committed([by_relay]), "by the relay")
            assert by_relay.node.counters["snapshots_installed"] == 1
        async with joining(tmp_path, 6, None, address) as by_neighbour:
            await until(lambda: sees(by_neighbour, "stay-30") and all_committed([by_neighbour]), "by a neighbour")
            assert by_neighbour.node.counters["snapshots_installed"] == 1
            assert by_neighbour.replica.state.content_hash() == terminal.replica.state.content_hash()
            reserve(by_neighbour, "of-the-new-desk")
            await until(lambda: sees(terminal, "of-the-new-desk"), "what the new desk writes is taken")


async def test_a_relay_that_is_started_again_hands_out_what_it_had_made(database_url: str, tmp_path: Path) -> None:
    async with running_relay(database_url, retention=SOON) as relay:
        async with running_terminals(tmp_path, relay.port) as (terminal,):
            await live(relay, terminal, 0)
        made = relay.relay.node.snapshot()
    async with running_relay(database_url, retention=SOON, now_ms=START_MS + 10**6) as again:
        await until(lambda: again.relay.node.snapshot() is not None, "handed out")
        found = again.relay.node.snapshot()
        assert made is not None
        assert found is not None
        assert found.through >= made.through
