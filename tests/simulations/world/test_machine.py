"""Simulated machines die, freeze and come back as real ones do, and the product's promises hold over it."""

from __future__ import annotations

from random import Random

import pytest

from simulations.checkers.history import Acted, Opened
from simulations.world.disk_faults import Fault
from simulations.world.endpoint import PING_MS, SILENCE_MS
from simulations.world.machine import RESTART_MS
from simulations.world.plan import MINUTE_MS, SECOND_MS
from tests.simulations.faults.small_world import SmallWorld, small_world

STEP_MS = 100


def answered(small: SmallWorld, name: str) -> set[tuple[bytes, int]]:
    """What somebody at that desk was told to be done, as entries."""
    acted = (event for event in small.world.history if isinstance(event, Acted) and event.node == name)
    return {(dot.journal, dot.seq) for event in acted for dot in event.dots}


def last_opened(small: SmallWorld, name: str) -> Opened:
    return [event for event in small.world.history if isinstance(event, Opened) and event.node == name][-1]


def test_what_is_done_at_one_desk_is_soon_seen_everywhere() -> None:
    with small_world() as small:
        stays = small.book(1, 2) + small.book(2)
        small.pass_ms()
        assert [small.stays(number) for number in small.everybody] == [set(stays)] * 3
        assert small.agree()


@pytest.mark.parametrize("end", ["kill", "power"])
def test_a_desk_that_ends_without_a_farewell_comes_back_with_everything_it_had_answered_as_done(end: str) -> None:
    with small_world() as small:
        desk = small.desk(1)
        stays = small.book(1, 3)
        if end == "kill":
            desk.kill()
        else:
            assert desk.lose_power(Random(1)) == 0
        assert not desk.is_up
        small.pass_ms(RESTART_MS)
        assert desk.is_up
        opened = last_opened(small, desk.name)
        assert not opened.rewound
        promised = answered(small, desk.name)
        assert len(promised) >= len(stays)
        assert all(opened.vector[journal] >= seq for journal, seq in promised)
        assert small.stays(1) == set(stays)


def test_a_disk_that_lies_about_its_syncs_may_lose_what_was_answered_as_done() -> None:
    lost: list[int] = []
    for seed in range(6):
        with small_world() as small:
            desk = small.desk(1)
            desk.disk.faults.durability_lies = True
            small.book(1, 10)
            lost.append(desk.lose_power(Random(seed)))
            small.pass_ms(RESTART_MS)
            opened = last_opened(small, desk.name)
            broken = any(opened.vector.get(journal, 0) < seq for journal, seq in answered(small, desk.name))
            assert broken is (lost[-1] > 0)
    assert any(lost)


def test_every_process_run_writes_a_journal_of_its_own() -> None:
    with small_world() as small:
        small.book(1)
        first = {journal for journal, _seq in answered(small, "desk-1")}
        small.desk(1).kill()
        small.pass_ms(RESTART_MS)
        small.book(1)
        assert len({journal for journal, _seq in answered(small, "desk-1")} - first) == 1


def test_a_machine_that_is_down_does_nothing_and_one_that_stays_down_is_not_started() -> None:
    with small_world() as small:
        desk = small.desk(1)
        desk.stays_down = True
        desk.kill()
        before = len(small.world.history)
        small.book(1)
        small.pass_ms(MINUTE_MS)
        desk.start()
        assert not desk.is_up
        assert desk.endpoints == {}
        assert not any(event.node == desk.name for event in small.world.history[before:])
        desk.stays_down = False
        desk.start()
        assert desk.is_up


def test_a_killed_process_closes_its_connections_and_links_are_made_anew() -> None:
    with small_world() as small:
        before = dict(small.desk(2).endpoints)
        small.desk(1).kill()
        small.pass_ms(RESTART_MS // 2)
        assert (1, 2) not in small.desk(2).endpoints
        small.pass_ms()
        after = small.desk(2).endpoints
        assert after.keys() == before.keys()
        assert after[1, 2] is not before[1, 2]
        assert after[2, 0] is before[2, 0]


def test_a_machine_without_power_leaves_its_peers_in_the_belief_that_it_is_there() -> None:
    with small_world() as small:
        small.desk(1).stays_down = True
        small.desk(1).lose_power(Random(1))
        small.pass_ms(SILENCE_MS - STEP_MS)
        assert (1, 2) in small.desk(2).endpoints
        small.pass_ms(PING_MS + STEP_MS)
        assert (1, 2) not in small.desk(2).endpoints
        assert small.world.counts["link_ended_peer_silent"] == 2


def test_a_paused_machine_does_nothing_and_then_catches_up() -> None:
    with small_world() as small:
        desk = small.desk(1)
        desk.pause()
        assert desk.is_paused
        elsewhere = small.book(2, 2)
        here = small.book(1)
        before = len(small.world.history)
        small.pass_ms()
        assert desk.is_up
        assert not any(event.node == desk.name for event in small.world.history[before:])
        assert small.stays(1) == set()
        assert small.stays(2) == set(elsewhere)
        desk.resume()
        assert here[0] in small.stays(1)
        small.pass_ms()
        assert [small.stays(number) for number in small.everybody] == [{*elsewhere, *here}] * 3


def test_a_paused_machine_that_is_killed_forgets_what_waited_for_it() -> None:
    with small_world() as small:
        desk = small.desk(1)
        desk.pause()
        small.book(1)
        desk.kill()
        small.pass_ms()
        assert not desk.is_paused
        desk.pause()
        desk.resume()
        assert small.stays(1) == set()


def test_a_machine_whose_disk_is_replaced_begins_empty_and_gets_everything_back() -> None:
    with small_world() as small:
        stays = small.book(1, 3)
        small.pass_ms()
        desk = small.desk(1)
        desk.kill()
        desk.replace_disk()
        small.pass_ms(RESTART_MS)
        opened = last_opened(small, desk.name)
        assert (opened.rewound, dict(opened.vector)) == (True, {})
        small.pass_ms()
        assert small.stays(1) == set(stays)


def test_a_crash_while_something_is_done_leaves_it_done_or_undone_and_nothing_half() -> None:
    for effect in range(1, 5):
        with small_world() as small:
            desk = small.desk(1)
            before = small.book(1)
            small.pass_ms()
            desk.disk.faults.crash_at_effect(effect)
            small.book(1)
            small.pass_ms()
            assert desk.disk.faults.fired[Fault.CRASH] == 1
            assert set(before) <= small.stays(1)
            assert small.agree()
            assert small.stays(1) == small.stays(2)


def test_a_machines_clock_is_its_own() -> None:
    with small_world() as small:
        small.desk(1).clock.skew_ms = -5 * SECOND_MS
        now_ms = small.world.time.now_ms
        assert (small.desk(1).machine_ms(), small.desk(2).machine_ms()) == (now_ms - 5 * SECOND_MS, now_ms)
