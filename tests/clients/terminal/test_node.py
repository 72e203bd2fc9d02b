"""A terminal as its links see it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from clients.terminal.node import SLICE_ENTRIES_MAX, TerminalNode
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import device_id_of
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.replica.replica import Received, Replica
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.session.messages import OrderKnown
from crdt_pms.session.session import Peer
from tests.crdt_pms.journal.journals import device, enrolled
from tests.crdt_pms.replica.orders import acknowledge, end_of, known, signed_end
from tests.crdt_pms.replica.terminals import START_MS, Desk, copy_disk, desks
from tests.crdt_pms.session.paces import at_any_pace


def peer(number: int, device_class: DeviceClass) -> Peer:
    key = device(number).public_bytes
    return Peer(device_id_of(key), key, device_class, f"device-{number}")


def node_of(desk: Desk) -> TerminalNode:
    return TerminalNode(
        desk.property_, enrolled(desk.number), HandedClock(START_MS), lambda: desk.replica, lambda: None, at_any_pace()
    )


def acknowledged(desk: Desk) -> bytes:
    """Have everything that the desk wrote acknowledged by a relay's database, and give that one's generation."""
    (journal, seq), *_ = desk.replica.vector.items()
    acknowledge(desk.replica, b"one", [CommittedRun(1, journal, 1, seq)])
    assert desk.replica.tentative_count() == 0
    return b"one"


@pytest.mark.asyncio
async def test_a_relay_with_another_database_makes_everything_tentative_before_it_says_more(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        desk.reserve("s1")
        acknowledged(desk)
        await node_of(desk).receive_order_known(OrderKnown(signed_end(b"two", 0)), peer(2, DeviceClass.RELAY))
        assert known(desk.replica) == (b"two", 0)
        assert desk.replica.tentative_count() == 1


@pytest.mark.asyncio
async def test_the_same_database_changes_nothing_and_a_neighbour_has_no_say_in_it(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        desk.reserve("s1")
        generation = acknowledged(desk)
        await node_of(desk).receive_order_known(OrderKnown(signed_end(generation, 9)), peer(2, DeviceClass.RELAY))
        await node_of(desk).receive_order_known(OrderKnown(signed_end(b"two", 9)), peer(3, DeviceClass.TERMINAL))
        assert known(desk.replica) == (generation, 1)
        assert desk.replica.tentative_count() == 0


def test_a_desk_whose_clock_proves_to_be_a_day_ahead_begins_a_journal_with_the_right_time(tmp_path: Path) -> None:
    """Within a journal stamps never fall: without a new one its writes would win until a day has passed."""
    with desks(tmp_path, 1) as (desk,):
        desk.now_ms += 24 * 3_600_000
        desk.restart()
        desk.reserve("s1")
        ahead = desk.replica

        runs = 0

        def open_replica() -> Replica:
            nonlocal runs
            runs += 1
            if runs > 1:
                desk.now_ms = START_MS
                desk.restart()
            return desk.replica

        node = TerminalNode(
            desk.property_, enrolled(1), HandedClock(START_MS), open_replica, lambda: None, at_any_pace()
        )
        assert node.replica is ahead
        acted = node.act(SetRoomCondition("201", HK_CONDITION, "dirty"), "suzuki", START_MS, iter(()).__next__)
        assert node.replica is not ahead
        (entry,) = acted.entries
        assert abs(entry.stamp.milliseconds - START_MS) < 60_000
        assert node.counters["journals_begun_for_a_wrong_clock"] == 1


@pytest.mark.asyncio
async def test_a_desk_says_whether_it_knows_another_order_of_the_same_database(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        for stay in ("s1", "s2", "s3"):
            desk.reserve(stay)
        (journal, _seq), *_ = desk.replica.vector.items()
        ends = [end_of(desk.replica, b"one", [CommittedRun(1, journal, 1, count)]) for count in (1, 2, 3)]
        acknowledge(desk.replica, b"one", [CommittedRun(1, journal, 1, 2)])
        node, neighbour = node_of(desk), peer(3, DeviceClass.TERMINAL)
        assert [await node.receive_order_known(OrderKnown(end), neighbour) for end in ends] == [True] * 3
        others = [signed_end(b"one", through, b"o" * 32) for through in (1, 2, 3)]
        assert [await node.receive_order_known(OrderKnown(end), neighbour) for end in others] == [False, False, True]


@pytest.mark.asyncio
async def test_a_desk_whose_whole_disk_went_back_hears_of_it_with_its_first_entry_that_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A backup of database and witness says nothing of what came after it; neighbours do, before this desk writes again."""
    with desks(tmp_path, 2) as (desk, other):
        desk.reserve("s1")
        desk.store.close()
        backup = copy_disk(desk.path, tmp_path / "backup.sqlite")
        desk.open()
        desk.reserve("s2")
        other.reserve("s3")
        other.pull(desk)
        desk.store.close()
        copy_disk(backup, desk.path)
        desk.open()
        node = node_of(desk)
        held = [placed.entry for placed in other.replica.read(0, 100, 2**40)]
        certificates = [other.replica.certificate(journal) for journal in other.replica.vector]
        await node.receive_certificates([one for one in certificates if one is not None])
        assert node.counters["own_entries_returned"] == 0
        await node.receive_entries(held, peer(2, DeviceClass.TERMINAL))
        assert node.counters["own_entries_returned"] == 1
        assert "1 entries that this device wrote came back" in caplog.text
        assert "この端末が書いた記録 1 件" in caplog.text


@pytest.mark.asyncio
async def test_what_one_frame_brings_is_applied_in_slices_between_which_a_person_may_act(tmp_path: Path) -> None:
    with desks(tmp_path, 2) as (author, desk):
        for number in range(25):
            author.reserve(f"stay-{number}")
        taken: list[int] = []
        durable: list[bool] = []

        async def act() -> None:
            taken.append(desk.replica.last_position)
            desk.reserve(f"between-{len(taken)}")

        node = TerminalNode(
            desk.property_,
            enrolled(desk.number),
            HandedClock(START_MS),
            lambda: desk.replica,
            lambda: None,
            at_any_pace(),
            act,
        )
        receive = desk.replica.receive

        def watched(
            entries: Sequence[Entry], now_ms: int, *, durable: bool = True, seen: list[bool] = durable
        ) -> Received:
            seen.append(durable)
            return receive(entries, now_ms, durable=durable)

        desk.replica.receive = watched  # type: ignore[method-assign]
        certificates = [author.replica.certificate(journal) for journal in author.replica.vector]
        await node.receive_certificates([one for one in certificates if one is not None])
        entries = [placed.entry for placed in author.replica.read(0, 100, 2**30)]
        await node.receive_entries(entries, peer(author.number, DeviceClass.TERMINAL))
        assert taken == [SLICE_ENTRIES_MAX, 2 * SLICE_ENTRIES_MAX + 1]
        assert durable == [False, False, True], "one sync makes all of it durable"
        author.pull(desk)
        assert author.replica.state.content_hash() == desk.replica.state.content_hash()
