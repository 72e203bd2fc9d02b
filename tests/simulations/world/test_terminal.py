"""A simulated desk is the product's own terminal node, and what it answers and takes is written down."""

from __future__ import annotations

from crdt_pms.desk.actions.reservations import CancelStay
from crdt_pms.desk.view import DeskView
from crdt_pms.journal.identifiers import Dot
from simulations.checkers.history import Acted, Applied, Committed, Opened
from simulations.scenarios.props import booked
from simulations.world.disk_faults import Fault
from simulations.world.machine import RESTART_MS
from simulations.world.terminal import Terminal, told
from tests.simulations.faults.small_world import CLERK, SmallWorld, small_plan, small_world


def events(small: SmallWorld, kind: type, name: str) -> list:
    return [event for event in small.world.history if isinstance(event, kind) and event.node == name]


def nothing_to_do(view: DeskView, now_ms: int, terminal: Terminal) -> None:
    pass


def test_an_accepted_action_is_written_down_with_its_entries_and_counted() -> None:
    with small_world() as small:
        small.book(1)
        (acted,) = events(small, Acted, "desk-1")
        assert (acted.action, acted.staff) == ("create_stay", CLERK)
        replica = small.desk(1).node.replica
        held = {Dot(dot.journal, dot.seq) for dot in acted.dots}
        assert held <= {placed.entry.dot for placed in replica.read(0, 100, 2**20)}
        assert len(held) == len(acted.dots) > 0
        assert (small.world.counts["actions"], small.world.counts["action_create_stay"]) == (1, 1)


def test_a_refused_action_writes_nothing_and_is_counted() -> None:
    with small_world() as small:
        small.do(1, CancelStay("nobody", "no show", "revision"))
        assert events(small, Acted, "desk-1") == []
        assert (small.world.counts["refused"], small.world.counts["actions"]) == (1, 0)


def test_somebody_with_nothing_to_do_is_counted_as_idle() -> None:
    with small_world() as small:
        small.desk(1).act(nothing_to_do, CLERK)
        assert small.world.counts["idle"] == 1


def test_what_a_desk_could_not_save_is_not_answered_as_done_and_the_desk_reads_itself_back() -> None:
    with small_world() as small:
        small.desk(1).disk.faults.fail_next(Fault.FAILING)
        small.book(1)
        assert events(small, Acted, "desk-1") == []
        assert small.world.counts["not_saved"] == 1
        assert small.stays(1) == set()
        assert small.desk(1).is_up
        stays = small.book(1)
        small.pass_ms()
        assert small.world.counts["replica_reopened"] == 1
        assert small.stays(2) == set(stays)


def test_entries_of_others_are_written_down_once_however_often_they_come() -> None:
    with small_world(small_plan(3)) as small:
        small.book(1, 3)
        small.pass_ms()
        written = [dot for event in events(small, Acted, "desk-1") for dot in event.dots]
        for name in ("desk-2", "desk-3", "relay"):
            taken = [dot for event in events(small, Applied, name) for dot in event.dots]
            assert sorted(taken) == sorted(written)


def test_the_committed_order_is_written_down_as_each_desk_hears_it() -> None:
    with small_world() as small:
        small.book(1, 2)
        small.pass_ms()
        announced = [placed for event in events(small, Committed, "relay") for placed in event.order]
        for name in ("desk-1", "desk-2"):
            assert [placed for event in events(small, Committed, name) for placed in event.order] == announced
        assert small.desk(1).node.replica.tentative_count() == 0


def test_each_start_is_written_down_with_what_the_disk_held() -> None:
    with small_world() as small:
        small.book(1)
        small.desk(1).kill()
        small.pass_ms(RESTART_MS)
        first, second = events(small, Opened, "desk-1")
        assert dict(first.vector) == {}
        assert sum(second.vector.values()) == sum(len(event.dots) for event in events(small, Acted, "desk-1"))


def test_a_twin_has_the_disk_and_the_key_of_its_original_and_they_do_not_talk() -> None:
    with small_world(small_plan(3)) as small:
        stays = small.book(1)
        small.pass_ms()
        small.desk(2).become_clone_of(small.desk(1))
        small.pass_ms()
        assert small.desk(2).device is small.desk(1).device
        assert (1, 2) not in small.desk(1).endpoints
        assert not any(name.startswith("link_ended_") for name in small.world.counts)
        stays += small.book(1) + small.book(2)
        small.pass_ms()
        assert [small.stays(number) for number in small.everybody] == [set(stays)] * 4
        assert small.agree()


def test_ids_are_drawn_from_the_machines_own_randomness() -> None:
    with small_world() as one, small_world() as other:
        assert one.desk(1).new_id() == other.desk(1).new_id()
        assert one.desk(1).new_id() != one.desk(2).new_id()


def test_an_action_is_told_with_what_it_names_and_without_what_it_leaves_open() -> None:
    words = told(booked("mori", "Haruka Mori", room="203"))
    assert words.startswith("create_stay(arrival='2026-07-01', nights=1")
    assert "room='203'" in words
    assert "revision" not in words
    assert "None" not in words
