"""A relay among terminals: it forwards before it commits, acknowledges after, and survives its database going back."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from clients.terminal.terminal import Addresses, Terminal
from crdt_pms.desk.actions.reservations import CreateStay
from crdt_pms.journal.positions import ORDER_START
from crdt_pms.ports.store import Transaction
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.session.pace import Pace
from crdt_pms.store.postgresql import open_reading
from crdt_pms.store.sqlite import open_sqlite
from relay_server import log as log_module
from relay_server.errors import DatabaseWentBack
from relay_server.limits import READERS
from relay_server.readers import Readers
from simulations.processes.ports import LOOPBACK, free_ports
from tests.crdt_pms.journal.journals import enrolled
from tests.crdt_pms.replica.orders import known
from tests.crdt_pms.replica.terminals import OPENING_DATE, PROPERTY_ID, START_MS
from tests.relay_server.histories import certificates_of, entries_of, open_desks, rows_in
from tests.relay_server.relays import (
    API,
    RunningRelay,
    back_up,
    bring_up,
    definition,
    outage,
    require_whole,
    restore,
    running_relay,
    state_of,
    stored,
    take_down,
    until,
)

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def running_terminals(folder: Path, *relay_ports: int) -> AsyncIterator[list[Terminal]]:
    """One terminal for each of those ports, linked to the relay there and to nobody else."""
    terminals: list[Terminal] = []
    async with AsyncExitStack() as stack:
        for number, port in enumerate(relay_ports, 1):
            store = open_sqlite(folder / f"terminal-{number}.sqlite", PROPERTY_ID)
            addresses = Addresses(LOOPBACK, free_ports(1)[0], f"ws://{LOOPBACK}:{port}", ())
            terminal = Terminal(
                definition(), enrolled(number), store, HandedClock(START_MS), addresses, Pace(0.02, 0.1)
            )
            stack.callback(terminal.close)
            terminals.append(terminal)
        tasks = await stack.enter_async_context(anyio.create_task_group())
        for terminal in terminals:
            await terminal.run(tasks)
        yield terminals
        tasks.cancel_scope.cancel()


def reserve(terminal: Terminal, stay: str) -> None:
    terminal.act(
        CreateStay(
            arrival=OPENING_DATE, nights=1, room_type="A", rate_minor=9_000, adults=1, source="direct", stay=stay,
            guest_name=f"guest {stay}",
        ),
        "suzuki",
    )  # fmt: skip


def sees(terminal: Terminal, stay: str) -> bool:
    return terminal.replica.view().stay(stay) is not None


def all_committed(terminals: list[Terminal]) -> bool:
    return all(terminal.replica.tentative_count() == 0 for terminal in terminals)


async def require_agreement(relay: RunningRelay, terminals: list[Terminal], entries: int) -> None:
    """Nothing is tentative, nothing lost, nothing doubled, and all show the same."""
    await until(lambda: all_committed(terminals), "nothing tentative")
    await until(lambda: all(len(one.replica.read(0, 1_000, 10**7)) == entries for one in terminals), "all entries")
    await until(lambda: all_committed(terminals), "nothing tentative")
    await relay.until_projected(entries)
    placed = stored(relay.database_url)
    require_whole(placed)
    assert len(placed) == entries
    generation = state_of(relay.database_url, "generation")
    told = (generation, entries)
    await until(lambda: all(known(one.replica) == told for one in terminals), "everybody knows the whole order")
    shown = {(await relay.client.get(f"{API}/status")).json()["content_hash"]}
    for terminal in terminals:
        runs = terminal.replica.committed_runs(0, 1_000)
        order = [(run.journal, run.first_seq + step) for run in runs for step in range(run.count)]
        assert order == [tuple(one.entry.dot) for one in placed]
        shown.add(terminal.replica.state.content_hash().hex())
    assert len(shown) == 1


async def test_forwarding_does_not_wait_for_the_commit_and_acknowledging_does(
    database_url: str, tmp_path: Path
) -> None:
    async with running_relay(database_url) as relay, running_terminals(tmp_path, *[relay.port] * 2) as terminals:
        one, other = terminals
        reserve(one, "before")
        await until(lambda: sees(other, "before") and all_committed(terminals), "seen and committed")
        with outage(database_url):
            reserve(one, "a")
            await until(lambda: sees(other, "a"), "seen while PostgreSQL is down", 5)
            reserve(other, "b")
            await until(lambda: sees(one, "b"), "seen while PostgreSQL is down", 5)
            await until(lambda: relay.relay.committer.failure, "the relay noticed")
            assert [terminal.replica.tentative_count() for terminal in terminals] == [2, 2]
            assert relay.relay.intake.order.through == 1
            assert relay.relay.intake.queued == 2
        await require_agreement(relay, terminals, 3)


async def test_a_terminal_that_comes_back_while_postgresql_is_down_gets_what_is_in_memory(
    database_url: str, tmp_path: Path
) -> None:
    async with running_relay(database_url) as relay, running_terminals(tmp_path, *[relay.port] * 2) as terminals:
        one, other = terminals
        reserve(one, "before")
        await until(lambda: sees(other, "before") and all_committed(terminals), "seen and committed")
        other.plugs["relay"].pull()
        with outage(database_url):
            reserve(one, "a")
            await until(lambda: relay.relay.intake.queued == 1, "queued")
            other.plugs["relay"].put_back()
            await until(lambda: sees(other, "a"), "seen while PostgreSQL is down", 5)
        await require_agreement(relay, terminals, 2)


async def test_a_relay_that_ends_before_it_could_commit_loses_nothing(database_url: str, tmp_path: Path) -> None:
    """What it had queued the terminals still have, and send again."""
    [port] = free_ports(1)
    async with running_terminals(tmp_path, port, port) as terminals:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("relay_server.relay.DRAIN_SECONDS_MAX", 0.1)
            async with running_relay(database_url, port=port) as relay:
                reserve(terminals[0], "a")
                await until(lambda: all_committed(terminals), "committed")
                take_down(database_url)
                reserve(terminals[0], "b")
                await until(lambda: sees(terminals[1], "b"), "seen")
                assert relay.relay.intake.queued == 1
        bring_up(database_url)
        assert len(stored(database_url)) == 1
        async with running_relay(database_url, port=port) as relay:
            await require_agreement(relay, terminals, 2)


async def test_somebody_far_behind_gets_everything_from_postgresql_and_then_from_memory(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "TAIL_ENTRIES_MAX", 3)
    async with (
        running_relay(database_url) as relay,
        running_terminals(tmp_path, *[relay.port] * 3) as terminals,
    ):
        one, _, late = terminals
        late.plugs["relay"].pull()
        for number in range(12):
            reserve(one, f"stay-{number}")
        await until(lambda: one.replica.tentative_count() == 0, "committed")
        assert relay.relay.intake.log.held <= 3, "the rest is in PostgreSQL only"
        reserve(late, "meanwhile")
        late.plugs["relay"].put_back()
        await require_agreement(relay, terminals, 13)


async def test_terminals_at_different_relays_of_one_database_see_the_same(database_url: str, tmp_path: Path) -> None:
    async with (
        running_relay(database_url) as first,
        running_relay(database_url) as second,
        running_terminals(tmp_path, first.port, second.port) as terminals,
    ):
        for number in range(5):
            reserve(terminals[number % 2], f"stay-{number}")
            await anyio.lowlevel.checkpoint()
        await until(lambda: all(sees(one, f"stay-{n}") for one in terminals for n in range(5)), "all seen")
        await require_agreement(first, terminals, 5)
        await second.until_projected(5)
        assert first.relay.intake.order.digest == second.relay.intake.order.digest
    assert len(rows_in(database_url)["reservation"]) == 5


# A database that came back from an older backup


async def test_an_older_backup_gets_a_new_generation_and_the_terminals_send_again_what_it_lacks(
    database_url: str, tmp_path: Path
) -> None:
    [port] = free_ports(1)
    async with running_terminals(tmp_path, port, port) as terminals:
        async with running_relay(database_url, port=port) as relay:
            for stay in ("a", "b"):
                reserve(terminals[0], stay)
            await require_agreement(relay, terminals, 2)
        backup = back_up(database_url)
        async with running_relay(database_url, port=port) as relay:
            reserve(terminals[0], "c")
            reserve(terminals[1], "d")
            await require_agreement(relay, terminals, 4)
        generation = state_of(database_url, "generation")
        restore(backup, database_url)
        assert len(stored(database_url)) == 2
        reserve(terminals[1], "e")
        async with running_relay(database_url, port=port) as relay:
            await until(lambda: relay.relay.intake.order.generation != generation, "a new generation")
            await require_agreement(relay, terminals, 5)
        rows = rows_in(database_url)["reservation"]
        assert [row["stay"] for row in rows] == ["a", "b", "c", "d", "e"]


async def test_an_older_backup_is_noticed_even_after_others_have_committed_past_what_a_desk_knew(
    database_url: str, tmp_path: Path
) -> None:
    [port] = free_ports(1)
    async with running_terminals(tmp_path, port, port) as (knowing, other):
        async with running_relay(database_url, port=port) as relay:
            reserve(knowing, "a")
            await require_agreement(relay, [knowing, other], 1)
        backup = back_up(database_url)
        other.plugs["relay"].pull()
        async with running_relay(database_url, port=port) as relay:
            reserve(knowing, "b")
            reserve(knowing, "c")
            await require_agreement(relay, [knowing], 3)
            generation = relay.relay.intake.order.generation
        restore(backup, database_url)
        knowing.plugs["relay"].pull()
        other.plugs["relay"].put_back()
        async with running_relay(database_url, port=port) as relay:
            for stay in ("x", "y", "z"):
                reserve(other, stay)
            await require_agreement(relay, [other], 4)
            knowing.plugs["relay"].put_back()
            await until(lambda: relay.relay.intake.order.generation != generation, "a new generation")
            await require_agreement(relay, [knowing, other], 6)
        stays = [row["stay"] for row in rows_in(database_url)["reservation"]]
        assert stays == ["a", "b", "c", "x", "y", "z"]


async def test_a_backup_that_is_restored_under_a_running_relay_ends_it_and_nothing_is_lost(
    database_url: str, tmp_path: Path
) -> None:
    [port] = free_ports(1)
    generation = b""
    async with running_terminals(tmp_path, port, port) as terminals:
        with pytest.RaisesGroup(DatabaseWentBack):
            async with running_relay(database_url, port=port) as relay:
                reserve(terminals[0], "a")
                await require_agreement(relay, terminals, 1)
                backup = back_up(database_url)
                reserve(terminals[0], "b")
                await require_agreement(relay, terminals, 2)
                generation = relay.relay.intake.order.generation
                restore(backup, database_url)
                reserve(terminals[1], "c")
                with anyio.fail_after(20):
                    await anyio.sleep_forever()
        assert state_of(database_url, "generation") != generation
        async with running_relay(database_url, port=port) as relay:
            await require_agreement(relay, terminals, 3)
        assert len(rows_in(database_url)["reservation"]) == 3


async def test_another_empty_database_is_filled_by_the_terminals(database_url: str, tmp_path: Path) -> None:
    backup = back_up(database_url)
    [port] = free_ports(1)
    async with running_terminals(tmp_path, port, port) as terminals:
        async with running_relay(database_url, port=port) as relay:
            for stay in ("a", "b", "c"):
                reserve(terminals[0], stay)
            await require_agreement(relay, terminals, 3)
        restore(backup, database_url)
        async with running_relay(database_url, port=port) as relay:
            await require_agreement(relay, terminals, 3)


async def test_opening_a_connection_for_reading_does_not_hold_up_the_relay(database_url: str) -> None:
    """While PostgreSQL does not answer, that takes seconds."""

    reading = open_reading(database_url, PROPERTY_ID, READERS)

    class Slow:
        @contextmanager
        def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:
            time.sleep(0.5)
            with reading.transaction(durable=durable) as transaction:
                yield transaction

        def close(self) -> None:
            reading.close()

    readers, ticks = Readers(Slow()), 0
    async with anyio.create_task_group() as tasks:

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await anyio.sleep(0.01)

        tasks.start_soon(tick)
        assert await readers.order_digest(0) == ORDER_START
        tasks.cancel_scope.cancel()
    readers.close()
    assert ticks > 10


async def test_whoever_reads_after_the_relay_has_ended_finds_rows_and_alerts_of_all_that_was_committed(
    database_url: str, tmp_path: Path
) -> None:
    with open_desks(tmp_path, 2) as (one, other):
        for desk, stay in ((one, "a"), (other, "b")):
            desk.reserve(stay, room="202")
        async with running_relay(database_url) as relay:
            for desk in (one, other):
                relay.relay.intake.receive_certificates(certificates_of(desk))
                relay.relay.intake.receive(entries_of(desk), {})
            await until(lambda: relay.relay.intake.queued == 0, "committed")
    assert len(rows_in(database_url)["reservation"]) == 2
    assert [row["matter"] for row in rows_in(database_url)["alert"]] == ["alert_room_double_booked"]
