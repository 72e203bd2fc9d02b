"""The schedule of a chaos run: drawn from a seed alone, and full of everything that can go wrong."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.processes.chaos.schedule import (
    ORIGIN_WORK,
    PAIR_APART_MS,
    ChaosSchedule,
    FaultKind,
    Work,
    draw_schedule,
)

SCHEDULES = st.builds(
    draw_schedule,
    st.integers(0, 2**32),
    st.floats(2, 90),
    st.integers(1, 6),
    st.floats(0.2, 3),
)


@given(st.integers(0, 2**32), st.floats(1, 90), st.integers(1, 6), st.floats(0.2, 3))
def test_the_same_seed_and_size_give_the_same_schedule(
    seed: int, seconds: float, terminals: int, intensity: float
) -> None:
    assert draw_schedule(seed, seconds, terminals, intensity) == draw_schedule(seed, seconds, terminals, intensity)


def test_another_seed_gives_another_schedule() -> None:
    assert draw_schedule(1, 60, 3, 1).faults != draw_schedule(2, 60, 3, 1).faults
    assert draw_schedule(1, 60, 3, 1).tasks != draw_schedule(2, 60, 3, 1).tasks


@pytest.mark.parametrize("seed", range(20))
def test_a_minute_has_every_kind_of_fault_and_every_kind_of_work(seed: int) -> None:
    schedule = draw_schedule(seed, 60, 3, 1)
    assert {fault.kind for fault in schedule.faults} == set(FaultKind)
    assert {task.work for task in schedule.tasks} == set(Work)


@given(SCHEDULES)
def test_everything_lies_in_the_run_and_at_something_that_exists(schedule: ChaosSchedule) -> None:
    for fault in schedule.faults:
        assert 0 < fault.at_ms < schedule.duration_ms
        assert 0 <= fault.terminal < schedule.terminals
        assert 0 <= fault.link < schedule.terminals
        assert 0 <= fault.lasting_ms <= schedule.duration_ms / 4
        if fault.kind in (FaultKind.RESTORE_TERMINAL, FaultKind.RESTORE_POSTGRES):
            assert fault.lasting_ms <= fault.at_ms
    for task in schedule.tasks:
        assert 0 <= task.at_ms < schedule.duration_ms + PAIR_APART_MS
        assert (task.desk is None) == (task.work in ORIGIN_WORK)
        assert task.desk is None or 0 <= task.desk < schedule.terminals
    assert len({task.number for task in schedule.tasks}) == len(schedule.tasks)
    for events in (schedule.tasks, schedule.faults):
        assert all(one.at_ms <= other.at_ms for one, other in pairwise(events))


def test_some_of_the_work_is_done_to_one_thing_at_two_desks_at_once() -> None:
    schedule = draw_schedule(1, 60, 3, 1)
    pairs = 0
    by_number = {task.number: task for task in schedule.tasks}
    for task in schedule.tasks:
        other = by_number.get(task.number ^ 1)
        if other is None:
            continue
        assert (task.work, task.pick) == (other.work, other.pick)
        assert task.desk != other.desk
        assert abs(task.at_ms - other.at_ms) < PAIR_APART_MS
        pairs += 1
    assert pairs > 0.1 * len(schedule.tasks)


@pytest.mark.parametrize(("seconds", "terminals", "intensity"), [(0, 3, 1), (60, 0, 1), (60, 3, 0)])
def test_a_run_of_nothing_is_no_schedule(seconds: float, terminals: int, intensity: float) -> None:
    with pytest.raises(ValueError, match="more than 0 seconds"):
        draw_schedule(1, seconds, terminals, intensity)
