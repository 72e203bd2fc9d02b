"""A world lives by its plan, is healed in two steps, and says itself whether its nodes agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crdt_pms.session.errors import PeerSilent
from simulations.checkers.history import Agreed, Healed
from simulations.faults.knobs import apply
from simulations.world.endpoint import PING_MS, SILENCE_MS
from simulations.world.hotel import Hotel
from simulations.world.plan import MINUTE_MS, SECOND_MS, START_MS, Fault, Work, WorkKind, WorldPlan
from simulations.world.running import run_world
from simulations.world.trace import Trace
from simulations.world.world import AGREE_WITHIN_MS, Outcome, World
from tests.simulations.faults.small_world import LAN_MS, SmallWorld, small_plan, small_world

CHAIN = ((1, 2), (2, 3))


def run(plan: WorldPlan, folder: Path, *, trace: Trace | None = None) -> Outcome:
    return run_world(plan, Hotel(plan), folder / "world", trace or Trace(START_MS), apply)


def cut_off(small: SmallWorld, number: int) -> None:
    for line in small.world.network.of(number):
        for end in line.ends:
            small.world.network.cut(line, end)


def test_the_same_plan_is_the_same_world_to_the_last_bit(tmp_path: Path) -> None:
    plan = small_plan(work=8, faults=[Fault(MINUTE_MS, MINUTE_MS + 20 * SECOND_MS, "loss", (1,), 100)])
    one, other = run(plan, tmp_path / "one"), run(plan, tmp_path / "other")
    assert one == other
    assert one.counts["actions"] > 0
    assert run(replace(plan, seed=2), tmp_path / "third").hash != one.hash


def test_nothing_is_left_of_a_world_that_is_over(tmp_path: Path) -> None:
    run(small_plan(work=2), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_a_world_that_broke_either(tmp_path: Path) -> None:
    plan = small_plan(work=2, faults=[Fault(MINUTE_MS, MINUTE_MS, "no such fault", (1,))])
    with pytest.raises(KeyError, match="no such fault"):
        run(plan, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_piece_of_work_draws_the_same_whatever_else_is_left_out() -> None:
    with small_world(small_plan(work=4)) as whole, small_world(small_plan(work=1)) as part:
        assert whole.world.random("work", 0).random() == part.world.random("work", 0).random()
        assert whole.world.random("work", 0).random() != whole.world.random("work", 1).random()


def test_nobody_works_at_a_desk_that_is_down_or_was_never_there(tmp_path: Path) -> None:
    plan = small_plan(3, work=6)
    elsewhere = Work(MINUTE_MS, 9, WorkKind.STAFF, 99)
    absent = replace(plan.without_terminal(3), work=(*plan.work, elsewhere))
    assert run(absent, tmp_path).counts["nobody_could_work"] == 3


def test_nodes_agree_when_they_hold_the_same_entries_and_nothing_is_tentative() -> None:
    with small_world() as small:
        assert small.agree()
        small.book(1)
        assert not small.agree()
        small.pass_ms()
        assert small.agree()
        small.relay.disk.faults.set_unavailable(is_unavailable=True)
        small.book(1)
        small.pass_ms(SECOND_MS)
        assert small.desk(1).node.vector() == small.desk(2).node.vector() == small.relay.node.vector()
        assert not small.agree()


def test_nodes_do_not_agree_while_one_of_them_is_down() -> None:
    with small_world() as small:
        small.desk(1).kill()
        assert not small.agree()
        assert small.world.agree([0, 2])


def test_only_nodes_that_reach_each_other_have_to_agree() -> None:
    with small_world(small_plan(3, has_relay=False, mesh=((1, 2),))) as small:
        small.book(3)
        small.pass_ms()
        assert small.agree()
        assert small.stays(1) != small.stays(3)
        small.book(1)
        assert not small.agree()


def test_a_chain_passes_on_what_its_ends_do() -> None:
    with small_world(small_plan(3, has_relay=False, mesh=CHAIN)) as small:
        stays = small.book(1) + small.book(3)
        small.pass_ms()
        assert [small.stays(number) for number in small.everybody] == [set(stays)] * 3


def lower_first(small: SmallWorld) -> tuple[int, int]:
    """Both desks, the one whose link stays where each makes one before the other."""
    one, other = sorted((1, 2), key=lambda number: small.desk(number).device.device_id)
    return one, other


def lose_link(small: SmallWorld, number: int, maker: int) -> None:
    """A link that `maker` made is gone at that desk; the other one still believes in it."""
    line = small.line(1, 2)
    line.dialing[3 - maker].is_due = True
    small.desk(1).endpoints[line.ends].end(PeerSilent("nothing was heard"))
    small.world.time.run(small.world.time.now_ms + LAN_MS)
    line.dialing[3 - maker].is_due, line.dialing[maker].is_due = True, False
    small.pass_ms()
    assert line.connection is not None
    assert line.connection.dialer == maker
    line.dialing[3 - maker].is_due = False
    small.desk(number).endpoints[line.ends].drop_silently()


def test_desks_connect_to_each_other_and_either_may_make_the_link() -> None:
    makers: set[int] = set()
    for seed in range(8):
        with small_world(small_plan(has_relay=False, seed=seed)) as small:
            connection = small.line(1, 2).connection
            assert connection is not None
            makers.add(connection.dialer)
    assert makers == {1, 2}


def test_a_desk_connects_only_to_the_relay_and_never_the_relay_to_a_desk() -> None:
    with small_world() as small:
        assert [list(small.line(number, 0).dialing) for number in (1, 2)] == [[1], [2]]
        assert list(small.line(1, 2).dialing) == [1, 2]


def test_a_link_that_only_the_lower_device_still_knows_keeps_the_other_from_connecting_until_it_is_silent() -> None:
    with small_world(small_plan(has_relay=False)) as small:
        lower, higher = lower_first(small)
        lose_link(small, higher, maker=lower)
        old = small.desk(lower).endpoints[1, 2]
        small.pass_ms(SILENCE_MS - SECOND_MS)
        assert old.is_standing
        assert small.world.counts["link_refused"] > 0
        small.pass_ms(PING_MS + 12 * SECOND_MS)
        assert not old.is_standing
        assert all(small.desk(number).endpoints[1, 2].exchange.is_open for number in (1, 2))


def test_a_link_of_the_higher_device_gives_way_at_once() -> None:
    with small_world(small_plan(has_relay=False)) as small:
        lower, higher = lower_first(small)
        lose_link(small, lower, maker=higher)
        old = small.desk(higher).endpoints[1, 2]
        small.pass_ms(3 * SECOND_MS)
        assert not old.is_standing
        assert small.world.counts["link_refused"] == 0
        assert all(small.desk(number).endpoints[1, 2].exchange.is_open for number in (1, 2))


def test_healing_a_core_leaves_the_others_cut_off() -> None:
    with small_world(small_plan(3, core=(0, 1))) as small:
        cut_off(small, 2)
        mine, others = small.book(1), small.book(2) + small.book(3)
        took_ms = small.world.heal_core()
        assert took_ms is not None
        assert took_ms <= AGREE_WITHIN_MS
        assert set(mine) <= small.stays(1) == small.stays(0)
        assert small.stays(2) != small.stays(1)
        for number in (2, 3):
            assert all(not line.is_whole for line in small.world.network.of(number))
        for line in small.world.network.of(2):
            for end in line.ends:
                small.world.network.mend(line, end)
        assert small.world.heal_all() is not None
        assert [small.stays(number) for number in small.everybody] == [{*mine, *others}] * 4
        assert all(line.is_whole for line in small.world.network.lines.values())


def test_healing_starts_wakes_and_repairs_what_it_reaches() -> None:
    with small_world() as small:
        small.desk(1).stays_down = True
        small.desk(1).kill()
        small.desk(2).pause()
        small.relay.disk.faults.set_unavailable(is_unavailable=True)
        stays = small.book(2)
        small.pass_ms()
        assert small.world.heal_all() is not None
        assert [small.stays(number) for number in small.everybody] == [set(stays)] * 3
        healed, agreed = (event for event in small.world.history if isinstance(event, Healed | Agreed))
        assert isinstance(healed, Healed)
        assert healed.limit_ms == AGREE_WITHIN_MS
        assert isinstance(agreed, Agreed)


def test_nodes_that_never_agree_are_found_out_within_the_stated_limit() -> None:
    with small_world() as small:
        cut_off(small, 1)
        small.book(1)
        began_ms = small.world.time.now_ms
        assert small.world.heal_all() is None
        assert small.world.time.now_ms == began_ms + AGREE_WITHIN_MS
        assert not any(isinstance(event, Agreed) for event in small.world.history)


def test_a_disk_that_rotted_unnoticed_is_found_by_a_check_and_replaced() -> None:
    with small_world(small_plan(is_encrypted=True)) as small:
        stays = small.book(1, 3)
        small.pass_ms()
        assert not small.world.replace_unreadable()
        desk = small.desk(1)
        page = 4_096
        desk.disk.close()
        desk.is_up = False
        desk.forget()
        content = bytearray(desk.disk.path.read_bytes())
        content[-page // 2] ^= 1
        desk.disk.path.write_bytes(content)
        desk.endpoints.clear()
        desk.start()
        small.world.counts["fault_bit_rot"] = 1
        assert desk.is_up
        assert small.world.replace_unreadable()
        assert small.world.heal_all() is not None
        assert small.stays(1) == set(stays)


def test_a_clock_that_changes_is_measured_by_the_next_pings() -> None:
    with small_world() as small:
        small.suffer("clock_jump", 1, lasts_ms=MINUTE_MS, amount=-MINUTE_MS)
        small.pass_ms()
        desk = small.desk(1)
        assert abs(desk.agreed_clock.now_ms() - small.world.time.now_ms) < SECOND_MS
        assert desk.machine_ms() == small.world.time.now_ms - MINUTE_MS


def test_time_passes_for_the_machines_of_a_world_only_as_planned(tmp_path: Path) -> None:
    plan = small_plan(work=2)
    with small_world(plan) as small:
        world = World(plan, Hotel(plan), tmp_path / "disks", Trace(START_MS))
        world.live(apply)
        assert world.time.now_ms == START_MS + plan.duration_ms
        assert all(machine.is_up for machine in world.machines.values())
        world.close()
        assert not any(machine.is_up for machine in world.machines.values())
        assert small.world.time.now_ms < world.time.now_ms
