"""What a peer says of the committed order moves nobody: only an end that a relay signed is evidence, and it costs little."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from pathlib import Path

import anyio
import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from clients.terminal.node import TerminalNode
from crdt_pms.hotel.property_file import render_property
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import device_id_of
from crdt_pms.journal.limits import SEQ_MAX
from crdt_pms.journal.positions import CHECKPOINT_POSITIONS, ORDER_START, CommittedRun, OrderMark
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.ports.errors import StoreCorrupt
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.runtime.device_files import chain_file_of, save_chain
from crdt_pms.runtime.device_key_file import load_device_key
from crdt_pms.session.errors import OrderUnproven, PeerLeft
from crdt_pms.session.exchange import Exchange
from crdt_pms.session.messages import Committed, Message, OrderKnown, State
from crdt_pms.session.session import Peer, Session
from crdt_pms.store.postgresql import open_postgresql
from relay_server.commit import load_order
from relay_server.node import RelayNode
from simulations.processes.managed_process import ManagedProcess
from simulations.processes.ports import LOOPBACK, free_ports
from tests.crdt_pms.journal.journals import administrator, device, enrolled
from tests.crdt_pms.replica.orders import acknowledge, end_of, known, signed_end
from tests.crdt_pms.replica.terminals import START_MS, desks
from tests.crdt_pms.runtime.linked import raw_peer_at
from tests.crdt_pms.session.paces import at_any_pace
from tests.relay_server.histories import certificates_of, entries_of, open_desks
from tests.relay_server.relays import (
    API,
    RELAY_DEVICE,
    RunningRelay,
    committing,
    definition,
    running_relay,
    state_of,
    until,
)

pytestmark = pytest.mark.asyncio

HOSTILE = 7
RANDOM_GENERATIONS = 41


def peer(number: int = 1, device_class: DeviceClass = DeviceClass.TERMINAL) -> Peer:
    key = device(number).public_bytes
    return Peer(device_id_of(key), key, device_class, f"device-{number}")


def claims(generation: bytes) -> list[SignedEnd]:
    """What an enrolled device can make up about the order of that generation."""
    hostile = enrolled(HOSTILE)
    genuine = signed_end(generation, 0)
    return [
        signed_end(generation, SEQ_MAX, signer=hostile),
        replace(genuine, through=SEQ_MAX),
        replace(genuine, through=1),
        replace(genuine, digest=b"w" * 32),
        signed_end(generation, 0, b"w" * 32, signer=hostile),
        signed_end(generation, 5, signer=enrolled(RELAY_DEVICE, DeviceClass.RELAY, "lakeside")),
        *(signed_end(bytes([number]) * 16, number, signer=hostile) for number in range(1, RANDOM_GENERATIONS)),
    ]


async def talk(node: RelayNode | TerminalNode, said: Sequence[Message], number: int = HOSTILE) -> None:
    """An enrolled device opens a session with the node, and says that once it has proven who it is."""
    exchange = Exchange(node, Session(node.identity, b"n" * 32))
    other = Session(replace(node.identity, device=enrolled(number)), b"o" * 32)
    other.receive(exchange.session.seal(exchange.begin()))
    for opening in (other.hello(), other.proof()):
        await exchange.take(other.seal(opening))
    for message in said:
        await exchange.take(other.seal(message))


@asynccontextmanager
async def relay_with(url: str, folder: Path, stays: int) -> AsyncIterator[RunningRelay]:
    """A relay that has committed so many reservations."""
    with open_desks(folder, 1) as (desk,):
        for number in range(stays):
            desk.reserve(f"s{number}")
        async with running_relay(url) as relay:
            relay.relay.intake.receive_certificates(certificates_of(desk))
            relay.relay.intake.receive(entries_of(desk), {})
            await until(lambda: relay.relay.intake.order.through >= stays, "committed")
            yield relay


# At a relay


async def test_no_claim_gives_the_database_of_a_relay_another_generation(database_url: str) -> None:
    with committing(database_url) as relay:
        generation = relay.intake.order.generation
        for claim in claims(generation):
            with pytest.raises(OrderUnproven):
                await talk(relay.node, [OrderKnown(claim)])
            assert relay.intake.order.generation == generation
        assert state_of(database_url, "generation") == generation
        assert relay.intake.order.past == frozenset()


@pytest.mark.process
async def test_neither_does_it_at_a_relay_that_is_a_process_of_its_own(tmp_path: Path, database_url: str) -> None:
    key_file = tmp_path / "relay.device-key"
    chain = administrator().enrol(load_device_key(key_file).public_bytes, DeviceClass.RELAY, "relay", Stamp(1, 0))
    save_chain(chain_file_of(key_file), chain)
    (tmp_path / "property.json").write_text(render_property(definition()), encoding="utf-8")
    http_port, sync_port = free_ports(2)
    arguments = [
        "relay", "--property", str(tmp_path / "property.json"), "--device-key-file", str(tmp_path / "relay.device-key"),
        "--http-port", str(http_port), "--sync-port", str(sync_port),
    ]  # fmt: skip
    base = f"http://{LOOPBACK}:{http_port}"
    process = ManagedProcess("relay", arguments, tmp_path / "log", f"{base}/ready", {"DATABASE_URL": database_url})
    process.start()
    try:
        async with httpx.AsyncClient(trust_env=False, base_url=base) as client:
            await process.until_ready(client)
            before = (await client.get(f"{API}/status")).json()["generation"]
            for claim in claims(bytes.fromhex(before)):
                async with raw_peer_at(f"ws://{LOOPBACK}:{sync_port}", HOSTILE) as hostile:
                    with suppress(ConnectionClosed, PeerLeft):
                        await hostile.prove(claim)
                    await hostile.until_closed()
            after = (await client.get(f"{API}/status")).json()
            assert after["generation"] == before
            assert state_of(database_url, "generation") == bytes.fromhex(before)
    finally:
        process.stop()
    assert "order_unproven" in (tmp_path / "log").read_text(encoding="utf-8")


async def test_a_signed_end_that_the_database_lacks_or_contradicts_gives_it_a_new_generation_once(
    database_url: str, tmp_path: Path
) -> None:
    async with relay_with(database_url, tmp_path, 3) as relay:
        node, order = relay.relay.node, relay.relay.intake.order
        for evidence in (
            lambda: signed_end(order.generation, 9, b"d" * 32),
            lambda: signed_end(order.generation, order.through, b"d" * 32),
            lambda: signed_end(order.generation, 1, b"d" * 32),
            lambda: signed_end(b"of a newer state", 2, b"d" * 32),
        ):
            shown, before = evidence(), order.generation
            async with anyio.create_task_group() as tasks:
                for number in range(1, 6):
                    tasks.start_soon(node.receive_order_known, OrderKnown(shown), peer(number))
            assert order.generation == state_of(database_url, "generation") != before
            assert {before, shown.generation} <= order.past
            renewed = order.generation
            await node.receive_order_known(OrderKnown(shown), peer())
            assert order.generation == renewed


async def test_an_end_that_the_database_holds_changes_nothing_whatever_its_generation(
    database_url: str, tmp_path: Path
) -> None:
    async with relay_with(database_url, tmp_path, 3) as relay:
        node, order = relay.relay.node, relay.relay.intake.order
        before = order.generation
        for generation, through in itertools.product((before, b"another"), range(4)):
            digest = await relay.relay.readers.order_digest(through)
            assert digest is not None
            assert await node.receive_order_known(OrderKnown(signed_end(generation, through, digest)), peer())
        assert order.generation == before


async def test_an_end_that_another_relay_process_committed_is_found_in_the_database(
    database_url: str, tmp_path: Path
) -> None:
    with committing(database_url) as behind:
        async with relay_with(database_url, tmp_path, 3) as ahead:
            end = ahead.relay.node.order_end()
            assert (behind.intake.order.through, end.through) == (0, 3)
            before = behind.intake.order.generation
            assert await behind.node.receive_order_known(OrderKnown(end), peer())
            assert behind.intake.order.generation == before


@pytest.mark.parametrize("through", [1, CHECKPOINT_POSITIONS - 1, CHECKPOINT_POSITIONS, 5_000, SEQ_MAX])
async def test_even_a_signed_end_costs_a_relay_one_look_at_most(
    database_url: str, through: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And that look reads no more than what stands after a checkpoint (`test_known_order`)."""
    with committing(database_url) as relay:
        looks: list[int] = []

        async def counted(position: int) -> bytes:
            looks.append(position)
            return b"d" * 32

        monkeypatch.setattr(relay.node._readers, "order_digest", counted)
        await relay.node.receive_order_known(OrderKnown(signed_end(b"any", through, b"d" * 32)), peer())
        await relay.node.receive_order_known(OrderKnown(signed_end(b"any", 0)), peer())
        assert looks == [through]


async def test_all_marks_of_a_peer_cost_a_relay_one_look_at_most(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with relay_with(database_url, tmp_path, 3) as relay:
        node, order = relay.relay.node, relay.relay.intake.order
        digest = order.digest_at(2)
        assert digest is not None
        looks: list[Sequence[OrderMark]] = []

        async def counted(marks: Sequence[OrderMark], _through: int) -> int:
            looks.append(marks)
            return 0

        monkeypatch.setattr(node._readers, "common_position", counted)
        beyond = [OrderMark(position, b"d" * 32) for position in range(90, 3, -1)]
        assert await node.common_point([*beyond, OrderMark(3, b"d" * 32), OrderMark(2, digest)]) == 2
        assert await node.common_point(beyond) == 0
        assert not looks, "what is in memory is compared there"
        # As after a start: the first positions are in PostgreSQL only.
        del order._recent[:2], order._digests[:2]
        assert await node.common_point([*beyond, OrderMark(1, b"d" * 32)]) == 0
        assert looks == [[OrderMark(1, b"d" * 32)]]


async def test_a_relay_begins_with_the_end_of_the_order_in_memory_and_with_no_order_that_contradicts_its_entries(
    database_url: str, tmp_path: Path
) -> None:
    async with relay_with(database_url, tmp_path, 3) as relay:
        before = [relay.relay.intake.order.digest_at(position) for position in range(4)]
    with closing(open_postgresql(database_url, definition().property_id)) as store:
        order = load_order(store, b"g" * 16).order
        assert [order.digest_at(position) for position in range(4)] == before
        assert len(order.journals_beyond(0) or ()) == 1
        with store.transaction() as transaction:
            transaction.put_state("order_digest", b"o" * 32)
        with pytest.raises(StoreCorrupt, match="position 3"):
            load_order(store, b"g" * 16)


async def test_what_a_relay_signs_is_the_order_that_its_database_holds(database_url: str, tmp_path: Path) -> None:
    async with relay_with(database_url, tmp_path, 3) as relay:
        node, order = relay.relay.node, relay.relay.intake.order
        end = node.order_end()
        assert end.is_proven(definition().property_id, definition().root_key)
        assert end.device_key == device(RELAY_DEVICE).public_bytes
        assert (end.generation, end.through) == (order.generation, 3)
        assert end.digest == await relay.relay.readers.order_digest(3)
        assert node.order_end() is end, "signed once"
        await node.receive_order_known(OrderKnown(signed_end(order.generation, 9)), peer())
        assert node.order_end().generation == order.generation != end.generation


# At a terminal


async def test_no_claim_makes_a_terminal_forget_or_believe_anything(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        desk.property_ = definition()
        desk.restart()
        for stay in ("s1", "s2"):
            desk.reserve(stay)
        (journal, _seq), *_ = desk.replica.vector.items()
        acknowledge(desk.replica, b"one", [CommittedRun(1, journal, 1, 1)])
        node = TerminalNode(
            desk.property_, enrolled(1), HandedClock(START_MS), lambda: desk.replica, lambda: None, at_any_pace()
        )
        run = CommittedRun(2, journal, 2, 1)
        honest = end_of(desk.replica, b"one", [run])
        forged = [
            *claims(b"one"), *claims(b"two"),
            end_of(desk.replica, b"one", [run], enrolled(HOSTILE)), replace(honest, generation=b"two"),
        ]  # fmt: skip
        for claim in forged:
            with pytest.raises(OrderUnproven):
                await talk(node, [OrderKnown(claim)])
            if 0 < claim.through < 3:
                with pytest.raises(OrderUnproven):
                    await talk(
                        node, [OrderKnown(None), State({}), Committed(claim, (run._replace(position=claim.through),))]
                    )
        assert known(desk.replica) == (b"one", 1)
        assert desk.replica.tentative_count() == 1
        await talk(node, [OrderKnown(None), State({}), Committed(honest, (run,))])
        assert known(desk.replica) == (b"one", 2)


async def test_a_neighbour_that_shows_a_genuine_end_of_another_generation_makes_nobody_forget(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        desk.reserve("s1")
        (journal, _seq), *_ = desk.replica.vector.items()
        run = CommittedRun(1, journal, 1, 1)
        acknowledge(desk.replica, b"one", [run])
        other = end_of(desk.replica, b"two", [run])
        node = TerminalNode(
            desk.property_, enrolled(1), HandedClock(START_MS), lambda: desk.replica, lambda: None, at_any_pace()
        )
        await node.receive_order_known(OrderKnown(other), peer(HOSTILE))
        await node.receive_committed(other, [run], peer(HOSTILE))
        assert known(desk.replica) == (b"one", 1)
        await node.receive_order_known(
            OrderKnown(signed_end(b"two", 0, ORDER_START)), peer(RELAY_DEVICE, DeviceClass.RELAY)
        )
        assert known(desk.replica) == (b"two", 0)
