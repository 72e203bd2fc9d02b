"""The trace: words for people, one hash for everything."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from simulations.checkers.moments import elapsed
from simulations.world.plan import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, START_MS
from simulations.world.trace import Line, Trace, Weight

YES_NO = (True, False)
happenings = st.tuples(
    st.integers(0, 10**6), st.sampled_from(["", "desk-1", "relay"]), st.text("ab ", max_size=4), st.sampled_from(Weight)
)


def told(happened: list[Any], *, keeps_lines: bool = True, keeps_details: bool = False) -> Trace:
    trace = Trace(0, keeps_lines, keeps_details)
    for one in happened:
        trace.tell(*one)
    return trace


@given(st.lists(happenings))
def test_the_hash_is_over_everything_whatever_of_it_is_kept(happened: list[Any]) -> None:
    kept = [told(happened, keeps_lines=lines, keeps_details=details) for lines in YES_NO for details in YES_NO]
    assert len({trace.hash for trace in kept}) == 1


@given(st.lists(happenings, max_size=4), st.lists(happenings, max_size=4))
def test_two_traces_have_one_hash_only_if_the_same_was_told(one: list[Any], other: list[Any]) -> None:
    same = [told[:3] for told in one] == [told[:3] for told in other]
    assert (told(one).hash == told(other).hash) is same


def test_the_order_of_what_happened_is_in_the_hash() -> None:
    one, other = (1, "relay", "a", Weight.EVENT), (1, "relay", "b", Weight.EVENT)
    assert told([one, other]).hash != told([other, one]).hash


def test_content_that_no_words_tell_is_in_the_hash_and_in_no_line() -> None:
    with_content, without = Trace(0), Trace(0)
    with_content.note(b"rows")
    assert with_content.hash != without.hash
    assert with_content.lines == []


def test_details_are_kept_when_they_are_wanted_and_nothing_is_when_nothing_is() -> None:
    event, detail = (1, "relay", "runs", Weight.EVENT), (2, "relay", "hello", Weight.DETAIL)
    assert told([event, detail]).lines == [Line(*event)]
    assert told([event, detail], keeps_details=True).lines == [Line(*event), Line(*detail)]
    assert told([event, detail], keeps_lines=False, keeps_details=True).lines == []


def test_a_line_is_told_with_the_time_since_the_world_began() -> None:
    trace = Trace(START_MS)
    at_ms = START_MS + 61 * DAY_MS + 2 * HOUR_MS + 3 * MINUTE_MS + 4 * SECOND_MS + 5
    assert trace.told(Line(at_ms, "desk-1", "runs", Weight.EVENT)) == "61d 02:03:04.005  desk-1   runs"
    assert trace.told(Line(START_MS, "", "healed", Weight.EVENT)) == " 0d 00:00:00.000  ·        healed"


def test_spans_are_told_to_the_millisecond() -> None:
    assert elapsed(0) == " 0d 00:00:00.000"
    assert elapsed(DAY_MS - 1) == " 0d 23:59:59.999"
