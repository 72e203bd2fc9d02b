"""Links between real terminals on loopback: what one desk writes reaches all, and no peer harms more than its own link."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.ports.errors import StoreFull
from crdt_pms.runtime import conversation, links
from crdt_pms.runtime.errors import AddressInUse, OperatorError
from crdt_pms.runtime.link_status import LinkState
from crdt_pms.session import session
from crdt_pms.session.errors import PeerLeft, PropertyForeign
from crdt_pms.session.limits import FRAME_BYTES_MAX, FRAMES_IN_FLIGHT_MAX
from crdt_pms.session.messages import Certificates, Committed, Entries, Taken
from crdt_pms.session.pace import Pace
from crdt_pms.session.session import Session
from simulations.processes.link_proxy import LinkProxy
from simulations.processes.ports import LOOPBACK, free_ports
from tests.crdt_pms.journal.journals import enrolled, stranger
from tests.crdt_pms.replica.histories import FailingStore, Rogue, shown
from tests.crdt_pms.replica.orders import signed_end
from tests.crdt_pms.replica.terminals import PROPERTY_ID
from tests.crdt_pms.runtime.linked import Party, RawPeer, parties, raw_peer, until

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def linked(folder: Path, amount: int = 2) -> AsyncIterator[list[Party]]:
    """Parties of which each dials the one before, all links open."""
    async with parties(folder, amount) as made:
        for before, party in itertools.pairwise(made):
            party.dial(before.url)
        await until(lambda: sum(len(party.open_links) for party in made) == 2 * (amount - 1))
        yield made


def is_pausing(party: Party, url: str) -> bool:
    """Whether an attempt failed and the next one comes later."""
    status = party.dialed(url)
    return status.state is LinkState.WAITING and status.attempts > 0


async def test_what_either_desk_writes_reaches_the_other(tmp_path: Path) -> None:
    async with parties(tmp_path, 2) as (left, right):
        left.reserve("before")
        right.dial(left.url)
        await until(lambda: right.knows("before"))
        left.reserve("from-left")
        right.reserve("from-right")
        await until(lambda: right.knows("from-left") and left.knows("from-right"))
        assert shown(left.desk) == shown(right.desk)
        assert right.dialed(left.url).entries_received >= 2
        assert right.dialed(left.url).bytes_sent > 0


async def test_a_long_history_arrives_whole_and_once(tmp_path: Path) -> None:
    async with parties(tmp_path, 2) as (left, right):
        rogue = Rogue()
        for step in range(3_000):
            rogue.operation(b"%d" % step)
        rogue.give(left.desk)
        right.dial(left.url)
        await until(lambda: right.node.replica.vector == left.node.replica.vector)
        assert right.node.counters["entries_received"] == 3_000
        assert right.node.counters["entries_repeated"] == 0
        assert left.node.counters["entries_received"] == 0


async def test_a_terminal_in_the_middle_stores_and_forwards(tmp_path: Path) -> None:
    async with linked(tmp_path, 3) as (left, middle, right):
        left.reserve("from-left")
        right.reserve("from-right")
        await until(lambda: right.knows("from-left") and left.knows("from-right"))
        assert shown(left.desk) == shown(middle.desk) == shown(right.desk)
        assert len(left.open_links) == len(right.open_links) == 1


async def test_what_was_heard_is_passed_on_after_its_author_left(tmp_path: Path) -> None:
    async with linked(tmp_path, 3) as (left, middle, right):
        right.plug.pull()
        await until(lambda: len(middle.open_links) == 1)
        left.reserve("kept")
        await until(lambda: middle.knows("kept"))
        left.plug.pull()
        right.plug.put_back()
        await until(lambda: right.knows("kept"))


async def test_two_terminals_that_dial_each_other_keep_one_link(tmp_path: Path) -> None:
    async with parties(tmp_path, 2) as (left, right):
        left.dial(right.url)
        right.dial(left.url)
        lower, higher = sorted((left, right), key=lambda party: party.node.identity.device.device_id)

        def is_settled() -> bool:
            return (
                lower.dialed(higher.url).state is LinkState.OPEN
                and higher.dialed(lower.url).state is LinkState.LINKED_OTHERWISE
                and len(lower.open_links) == len(higher.open_links) == 1
            )

        await until(is_settled)
        attempts = higher.node.counters.copy()
        left.reserve("from-left")
        right.reserve("from-right")
        await until(lambda: right.knows("from-left") and left.knows("from-right"))
        assert is_settled()
        # Whoever waits does not dial again while the other link stands.
        assert higher.node.counters["links_ended_link_exists"] == attempts["links_ended_link_exists"]
        # The link that was kept ends and cannot come back; the one that gave way takes its place.
        higher.stop_listening()
        await until(lambda: higher.dialed(lower.url).state is LinkState.OPEN)


async def test_a_device_that_connects_again_replaces_its_dead_link(tmp_path: Path) -> None:
    async with parties(tmp_path, 1) as (party,), raw_peer(party) as first:
        await first.prove()
        await until(lambda: len(party.open_links) == 1)
        async with raw_peer(party) as second:
            await second.prove()
            await first.until_closed()
            await until(lambda: len(party.open_links) == 1)
            assert party.node.counters["links_ended_link_exists"] == 1


async def test_a_link_comes_back_when_the_listener_restarts(tmp_path: Path) -> None:
    async with linked(tmp_path) as (left, right):
        left.stop_listening()
        await until(lambda: not right.open_links)
        right.reserve("meanwhile")
        await until(lambda: right.dialed(left.url).reason == "unreachable")
        await left.listen()
        await until(lambda: left.knows("meanwhile"))


async def test_a_pulled_plug_ends_the_link_at_once_and_putting_it_back_restores_it(tmp_path: Path) -> None:
    async with linked(tmp_path) as (left, right):
        right.plug.pull()
        await until(lambda: right.dialed(left.url).state is LinkState.UNPLUGGED)
        await until(lambda: not left.open_links)
        left.reserve("while-out")
        right.reserve("alone")
        assert not right.knows("while-out")
        right.plug.put_back()
        await until(lambda: right.knows("while-out") and left.knows("alone"))


async def test_a_pulled_plug_refuses_whoever_connects(tmp_path: Path) -> None:
    async with linked(tmp_path) as (left, right):
        left.plug.pull()
        await until(lambda: right.dialed(left.url).state is not LinkState.OPEN)
        await until(lambda: right.dialed(left.url).attempts > 2)
        assert left.links.statuses == []
        left.plug.put_back()
        await until(lambda: len(left.open_links) == 1)


async def test_a_plug_pulled_in_a_pause_shows_at_once_and_ends_the_pause(tmp_path: Path) -> None:
    async with parties(tmp_path, 1, Pace(1_000, 1_000)) as (party,):
        (nobody,) = free_ports(1)
        url = f"ws://{LOOPBACK}:{nobody}"
        party.dial(url)
        await until(lambda: is_pausing(party, url))
        party.plug.pull()
        await until(lambda: party.dialed(url).state is LinkState.UNPLUGGED)
        party.plug.put_back()
        await until(lambda: is_pausing(party, url))
        assert party.dialed(url).attempts == 1


async def test_a_used_port_is_told(tmp_path: Path) -> None:
    async with parties(tmp_path, 2) as (left, right):
        with pytest.raises(AddressInUse, match=str(left.port)):
            await right.links.serve(LOOPBACK, left.port, right.plug)


@pytest.mark.parametrize(
    "url",
    [
        "relay", "http://127.0.0.1:1", "ws://", "ws://127.0.0.1:99999", "ws://127.0.0.1:x", "ws://127.0.0.1:1/sync/other",
        "ws://127.0.0.1:1?property=other", "ws://name:secret@127.0.0.1:1",
    ],
)  # fmt: skip
async def test_an_address_that_is_none_is_told_to_the_operator(tmp_path: Path, url: str) -> None:
    async with parties(tmp_path, 1) as (party,):
        with pytest.raises(OperatorError, match="ws://"):
            await party.links.keep_connected(url, "relay", party.plug)


# Addresses name the property


@pytest.mark.parametrize(
    "path", ["", "/", "/sync", "/sync/", "/sync/another", f"/sync/{PROPERTY_ID}/", f"/sync/{PROPERTY_ID}?x"]
)
async def test_another_path_than_the_propertys_is_refused_before_anything_is_said(tmp_path: Path, path: str) -> None:
    async with parties(tmp_path, 1) as (party,):
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{party.url}{path}", proxy=None)
        assert refused.value.response.status_code == 404
        assert b"/sync/<property>" in refused.value.response.body
        assert party.node.counters == {"links_refused_property_foreign": 1}


async def test_a_node_of_another_property_is_told_which_of_the_two_to_correct(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with parties(tmp_path, 2) as (left, right):
        right.node.identity = replace(right.node.identity, property_id="another")
        right.dial(left.url)
        await until(lambda: right.dialed(left.url).reason == PropertyForeign.reason)
        assert right.node.counters["links_ended_property_foreign"] >= 1
        assert left.node.counters["links_refused_property_foreign"] >= 1
    assert "no sessions of property another are found there" in caplog.text


async def test_a_pulled_plug_answers_no_path(tmp_path: Path) -> None:
    async with parties(tmp_path, 1) as (party,):
        party.plug.pull()
        async with connect(f"{party.url}/sync/another", proxy=None) as connection:
            with pytest.raises(ConnectionClosed):
                await connection.recv()


# Peers that misbehave


async def say_garbage(peer: RawPeer) -> None:
    await peer.connection.send(b"\0" * 200)


async def say_text(peer: RawPeer) -> None:
    await peer.connection.send("こんにちは")


async def say_too_much(peer: RawPeer) -> None:
    await peer.connection.send(b"\0" * (FRAME_BYTES_MAX + 1))


async def say_broken_text(peer: RawPeer) -> None:
    await peer.connection.send(b"\xff\xfe", text=True)


async def send_entries(peer: RawPeer, rogue: Rogue) -> None:
    for message in peer.session.entries(rogue.entries, lambda _journal: rogue.certificate):
        await peer.say(message)


async def forge(peer: RawPeer) -> None:
    rogue = Rogue()
    rogue.writer._key = Rogue(6).writer._key
    rogue.operation(b"forged")
    await send_entries(peer, rogue)


async def come_early(peer: RawPeer) -> None:
    rogue = Rogue()
    rogue.write(rogue.operation(b"one").kind, b"two", context={JournalId(b"u" * 16): 3})
    await send_entries(peer, rogue)


async def leave_a_gap(peer: RawPeer) -> None:
    rogue = Rogue()
    rogue.operation(b"one")
    rogue.operation(b"two")
    del rogue.entries[0]
    await peer.say(Certificates((rogue.certificate,)))
    await send_entries(peer, rogue)


async def hide_the_certificate(peer: RawPeer) -> None:
    rogue = Rogue()
    rogue.operation(b"one")
    await peer.say(Entries(tuple(rogue.entries)))


async def flood(peer: RawPeer) -> None:
    rogue = Rogue()
    rogue.operation(b"one")
    await send_entries(peer, rogue)
    peer.session._frames_sent = 0
    await peer.say(Taken(99))


async def say_hello_again(peer: RawPeer) -> None:
    await peer.say(peer.session.hello())


async def order_unknown_entries(peer: RawPeer) -> None:
    await peer.say(Committed(signed_end(b"one", 1, signer=enrolled(7)), (CommittedRun(1, JournalId(b"u" * 16), 1, 1),)))


@pytest.mark.parametrize(
    ("misbehave", "reason"),
    [
        (say_garbage, "frame_malformed"),
        (say_text, "frame_malformed"),
        (say_too_much, "frame_malformed"),
        (say_broken_text, "frame_malformed"),
        (forge, "signature_invalid"),
        (come_early, "context_missing"),
        (leave_a_gap, "chain_broken"),
        (hide_the_certificate, "journal_unknown"),
        (flood, "message_unexpected"),
        (say_hello_again, "message_unexpected"),
        (order_unknown_entries, "order_unproven"),
    ],
)
async def test_who_misbehaves_ends_only_its_own_session(
    tmp_path: Path, misbehave: Callable[[RawPeer], Awaitable[None]], reason: str
) -> None:
    async with linked(tmp_path) as (left, right), raw_peer(left) as peer:
        await peer.prove()
        await misbehave(peer)
        await peer.until_closed()
        await until(lambda: left.node.counters[f"links_ended_{reason}"] == 1, str(left.node.counters))
        assert [status.peer for status in left.open_links] == [right.node.identity.device.device_id]
        left.reserve("from-left")
        right.reserve("from-right")
        await until(lambda: right.knows("from-left") and left.knows("from-right"))
        assert len(left.links.statuses) == 1
        assert left.node.counters["links_opened"] == 2
        assert left.node.counters["replica_reopened"] == 0


@pytest.mark.parametrize("misbehave", [say_garbage, say_text, say_too_much])
async def test_who_misbehaves_before_it_is_known_is_dropped(
    tmp_path: Path, misbehave: Callable[[RawPeer], Awaitable[None]]
) -> None:
    async with parties(tmp_path, 1) as (party,), raw_peer(party) as peer:
        await misbehave(peer)
        await peer.until_closed()
        await until(lambda: party.node.counters["links_ended_frame_malformed"] == 1)
        assert party.node.counters["links_opened"] == 0


async def test_a_stranger_learns_nothing_and_is_dropped(tmp_path: Path) -> None:
    async with parties(tmp_path, 1) as (party,), raw_peer(party, number=9, owner=stranger(9)) as peer:
        with pytest.raises(PeerLeft, match="not enrolled"):
            await peer.prove()
        await peer.until_closed()
        await until(lambda: party.node.counters["links_ended_peer_untrusted"] == 1)


async def test_who_sends_more_than_may_be_in_flight_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with parties(tmp_path, 1) as (party,), raw_peer(party) as peer:
        # This node never says that it took anything.
        monkeypatch.setattr(Session, "taken", lambda _session: Taken(0))
        await peer.prove()
        rogue = Rogue()
        for step in range(FRAMES_IN_FLIGHT_MAX + 1):
            rogue.operation(b"%d" % step)
        for entry in rogue.entries:
            for message in peer.session.entries([entry], lambda _journal: rogue.certificate):
                await peer.say(message)
        await peer.until_closed()
        await until(lambda: party.node.counters["links_ended_window_exceeded"] == 1)


async def test_a_peer_that_never_proves_itself_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "PROVING_SECONDS_MAX", 0.2)
    async with linked(tmp_path) as (left, right), raw_peer(left) as peer:
        await peer.say(peer.session.hello())
        await peer.until_closed()
        await until(lambda: left.node.counters["links_ended_peer_silent"] == 1)
        assert len(left.open_links) == 1
        right.reserve("from-right")
        await until(lambda: left.knows("from-right"))


async def test_only_so_many_strangers_are_heard_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "STRANGERS_MAX", 1)
    async with parties(tmp_path, 1) as (party,), raw_peer(party):
        await until(lambda: party.links._strangers == 1)
        async with raw_peer(party) as excess:
            await excess.until_closed()
        assert party.links._strangers == 1


async def test_a_peer_that_falls_silent_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "PING_SECONDS", 0.05)
    async with parties(tmp_path, 2) as (left, right), LinkProxy(left.port) as line:
        right.dial(line.url)
        await until(lambda: len(left.open_links) == len(right.open_links) == 1)
        monkeypatch.setattr(conversation, "SILENCE_SECONDS_MAX", 0.3)
        line.choke()
        await until(lambda: not left.open_links and not right.open_links)
        assert left.node.counters["links_ended_peer_silent"] + right.node.counters["links_ended_peer_silent"] >= 1
        monkeypatch.setattr(conversation, "SILENCE_SECONDS_MAX", 10.0)
        right.reserve("meanwhile")
        line.heal()
        await until(lambda: left.knows("meanwhile"))


async def test_a_peer_that_takes_no_more_bytes_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a ping can be sent to it."""
    monkeypatch.setattr(conversation, "PING_SECONDS", 0.05)
    monkeypatch.setattr(conversation, "SILENCE_SECONDS_MAX", 0.5)
    monkeypatch.setattr(session, "FRAMES_IN_FLIGHT_MAX", 1_000)
    async with parties(tmp_path, 1) as (party,), raw_peer(party) as peer:
        rogue = Rogue()
        for step in range(60):
            rogue.operation(bytes([step]) * 250_000)
        rogue.give(party.desk)
        # It proves itself and then reads nothing of what is sent to it.
        await peer.prove()
        await until(lambda: party.node.counters["links_ended_peer_silent"] == 1)
        await until(lambda: party.links.statuses == [])


async def test_a_link_survives_a_long_look_at_what_was_received(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a batch is being saved nothing is read: that is not the peer's silence."""
    monkeypatch.setattr(conversation, "PING_SECONDS", 0.05)
    async with linked(tmp_path) as (left, right):
        monkeypatch.setattr(conversation, "SILENCE_SECONDS_MAX", 0.4)
        receive, is_held = left.node.receive_entries, anyio.Event()

        async def slowly(*arguments: object) -> None:
            with anyio.move_on_after(1.0):
                await is_held.wait()
            await receive(*arguments)

        monkeypatch.setattr(left.node, "receive_entries", slowly)
        right.reserve("slow")
        await until(lambda: left.knows("slow"))
        assert left.node.counters["links_ended_peer_silent"] == 0
        assert right.node.counters["links_ended_peer_silent"] == 0


async def test_a_terminal_that_cannot_save_ends_the_link_and_takes_it_all_later(tmp_path: Path) -> None:
    async with linked(tmp_path) as (left, right):
        left.node.replica._store = FailingStore(left.desk.store, StoreFull("the disk is full"))
        right.reserve("unsaved")
        await until(lambda: left.knows("unsaved"))
        assert left.node.counters["replica_reopened"] == 1
        assert shown(left.desk) == shown(right.desk)


# The pace


async def test_hurry_ends_a_pause(tmp_path: Path) -> None:
    async with parties(tmp_path, 2, Pace(1_000, 1_000)) as (left, right):
        left.stop_listening()
        right.dial(left.url)
        await until(lambda: is_pausing(right, left.url))
        await left.listen()
        assert not right.open_links
        right.links.hurry()
        await until(lambda: len(right.open_links) == 1)


async def test_counters_tell_how_links_ended(tmp_path: Path) -> None:
    async with linked(tmp_path) as (left, right):
        left.stop_listening()
        await until(lambda: right.node.counters["links_closed"] >= 1)
        assert Counter(right.node.counters)["links_opened"] == 1
