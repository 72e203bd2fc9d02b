"""A timeline says what machines, lines and clocks were when, and changes nothing by looking."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from simulations.scenarios.script import milliseconds_of
from simulations.world.machine import RESTART_MS
from simulations.world.plan import HOUR_MS, START_MS
from simulations.world.timeline import LineState, NodeState, Span, Timeline, Track
from tests.simulations.reports.conftest import Watched, busy_script, watch


def states(timeline: Timeline, node: str) -> list[Span]:
    return timeline.nodes[node].spans(timeline.end_ms)


def at(when: str) -> int:
    return START_MS + milliseconds_of(when)


def test_a_world_that_is_watched_is_the_same_world(watched: Watched, tmp_path: Path) -> None:
    unwatched = watch(busy_script(), tmp_path, is_watched=False)
    assert watched.outcome.hash == unwatched.outcome.hash
    assert watched.trace.lines == unwatched.trace.lines


def test_states_follow_each_other_without_gaps_until_the_end(watched: Watched) -> None:
    timeline = watched.timeline
    for track in (*timeline.nodes.values(), *timeline.lines.values(), *timeline.clocks.values()):
        spans = track.spans(timeline.end_ms)
        assert spans[0].begin_ms == START_MS
        assert spans[-1].end_ms == timeline.end_ms
        assert all(before.end_ms == after.begin_ms for before, after in pairwise(spans))
        assert all(before.state != after.state for before, after in pairwise(spans))


def test_a_killed_desk_is_down_until_it_is_started_again(watched: Watched) -> None:
    killed = Span(at("1 22:00"), at("1 22:00") + RESTART_MS, NodeState.DOWN)
    assert killed in states(watched.timeline, "desk-1")


def test_a_desk_that_stands_still_is_frozen(watched: Watched) -> None:
    assert Span(at("1 22:10"), at("1 22:11"), NodeState.FROZEN) in states(watched.timeline, "desk-1")


def test_a_desk_that_is_switched_off_is_no_crash(watched: Watched) -> None:
    assert Span(at("1 22:20"), at("1 22:30"), NodeState.OFF) in states(watched.timeline, "desk-2")


def test_a_desk_without_any_line_is_alone(watched: Watched) -> None:
    assert Span(at("1 20:00"), at("1 21:00"), NodeState.ALONE) in states(watched.timeline, "desk-2")


def test_a_line_that_is_cut_in_one_direction_is_told_from_one_that_is_cut(watched: Watched) -> None:
    timeline = watched.timeline
    spans = timeline.lines["desk-2 – relay"].spans(timeline.end_ms)
    assert Span(at("1 20:00"), at("1 21:00"), LineState.CUT) in spans
    assert Span(at("1 22:40"), at("1 22:50"), LineState.ONE_WAY) in spans
    assert {LineState.LINKED, LineState.APART} <= {span.state for span in spans}


def test_a_clock_is_wrong_for_as_long_as_it_is(watched: Watched) -> None:
    timeline = watched.timeline
    assert Span(at("1 23:00"), at("1 23:10"), str(HOUR_MS)) in timeline.clocks["desk-1"].spans(timeline.end_ms)


def test_what_lasted_no_time_is_no_state() -> None:
    track = Track()
    for at_ms, state in ((0, "a"), (5, "b"), (5, "a"), (9, "c"), (9, "d")):
        track.note(at_ms, state)
    assert track.spans(20) == [Span(0, 9, "a"), Span(9, 20, "d")]
