"""Virtual time: one clock, one order, nothing by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.world.time import EVENTS_MAX, Restless, Timer, VirtualTime

NOON = 1_000


@given(st.lists(st.integers(NOON - 50, NOON + 50)))
def test_what_is_to_happen_happens_in_the_order_of_time_and_of_one_moment_in_the_order_of_asking(
    moments: list[int],
) -> None:
    time, happened = VirtualTime(NOON), list[tuple[int, int]]()
    for place, at_ms in enumerate(moments):
        time.at(at_ms, lambda place=place: happened.append((time.now_ms, place)))
    time.run(NOON + 50)
    assert happened == sorted((max(at_ms, NOON), place) for place, at_ms in enumerate(moments))


def test_nothing_happens_before_now() -> None:
    time, happened = VirtualTime(NOON), list[int]()
    time.at(NOON - 500, lambda: happened.append(time.now_ms))
    time.after(-500, lambda: happened.append(time.now_ms))
    assert happened == []
    time.run(NOON)
    assert happened == [NOON, NOON]


def test_what_is_asked_for_without_delay_waits_for_everything_of_this_moment() -> None:
    time, happened = VirtualTime(NOON), list[str]()

    def first() -> None:
        time.after(0, lambda: happened.append("asked by the first"))
        happened.append("first")

    time.at(NOON, first)
    time.at(NOON, lambda: happened.append("second"))
    time.run(NOON)
    assert happened == ["first", "second", "asked by the first"]


def test_what_is_called_off_does_not_happen_and_does_not_count() -> None:
    time, happened = VirtualTime(NOON), list[str]()
    timer = time.after(5, lambda: happened.append("called off"))
    time.after(6, lambda: happened.append("meant"))
    assert timer.is_armed
    timer.call_off()
    assert not timer.is_armed
    time.run(NOON + 10)
    assert happened == ["meant"]
    assert time.events == 1


def test_a_timer_rings_once() -> None:
    time, happened = VirtualTime(NOON), list[str]()
    timer = time.after(5, lambda: happened.append("rang"))
    time.run(NOON + 5)
    assert not timer.is_armed
    timer.ring()
    assert happened == ["rang"]


def test_a_timer_may_call_off_another_one_of_its_moment() -> None:
    time, happened, timers = VirtualTime(NOON), list[str](), list[Timer]()

    def first() -> None:
        timers[0].call_off()

    time.at(NOON, first)
    timers.append(time.at(NOON, lambda: happened.append("second")))
    time.run(NOON)
    assert happened == []


def test_time_stands_at_the_end_of_a_run_and_what_lies_behind_it_waits() -> None:
    time, happened = VirtualTime(NOON), list[int]()
    time.at(NOON + 7, lambda: happened.append(time.now_ms))
    time.at(NOON + 8, lambda: happened.append(time.now_ms))
    assert time.run(NOON + 7) is False
    assert (time.now_ms, happened) == (NOON + 7, [NOON + 7])
    assert time.run(NOON + 100) is False
    assert (time.now_ms, happened) == (NOON + 100, [NOON + 7, NOON + 8])


def test_time_never_goes_back() -> None:
    time = VirtualTime(NOON)
    time.run(NOON - 10)
    assert time.now_ms == NOON


def test_a_run_ends_early_and_says_so_when_what_was_waited_for_has_come() -> None:
    time, happened = VirtualTime(NOON), list[str]()
    time.after(3, lambda: happened.append("this"))
    time.after(4, lambda: happened.append("that"))
    assert time.run(NOON + 100, lambda: "this" in happened) is True
    assert (time.now_ms, happened) == (NOON + 3, ["this"])
    time.run(NOON + 100)
    assert happened == ["this", "that"]


def test_whoever_watches_is_called_after_everything_that_happened() -> None:
    time, seen = VirtualTime(NOON), list[tuple[int, int]]()
    time.watch = lambda: seen.append((time.now_ms, time.events))
    time.after(3, lambda: None)
    time.after(3, lambda: None).call_off()
    time.after(4, lambda: None)
    time.run(NOON + 100)
    assert seen == [(NOON + 3, 1), (NOON + 4, 2)]


def test_a_world_that_never_comes_to_rest_is_stopped() -> None:
    time = VirtualTime(NOON)

    def again() -> None:
        time.after(0, again)

    again()
    with pytest.raises(Restless, match=str(EVENTS_MAX + 1)):
        time.run(NOON)
