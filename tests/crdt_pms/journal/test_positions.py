"""The committed order travels in runs and loses nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.limits import SEQ_MAX
from crdt_pms.journal.positions import (
    CHECKPOINT_POSITIONS,
    MARKS_MAX,
    CommittedRun,
    is_checkpoint,
    joined,
    marked_positions,
    runs_of,
    within,
)
from tests.crdt_pms.journal.journals import journal_id


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=30), st.integers(0, 100))
def test_runs_unfold_to_the_order_they_were_made_of(steps: list[tuple[int, int]], start: int) -> None:
    next_seq: dict[int, int] = {}
    placed: list[tuple[int, Dot]] = []
    position = start
    for journal, gap in steps:
        position += 1 if gap < 3 else gap
        next_seq[journal] = next_seq.get(journal, 0) + 1
        placed.append((position, Dot(journal_id(journal), next_seq[journal])))
    runs = list(runs_of(placed))
    unfolded = [
        (run.position + step, Dot(run.journal, run.first_seq + step)) for run in runs for step in range(run.count)
    ]
    assert unfolded == placed
    assert all(run.count > 0 for run in runs)


runs = st.builds(CommittedRun, st.integers(1, 9), st.just(journal_id(1)), st.integers(1, 9), st.integers(1, 9))


@given(runs, st.integers(0, 20), st.integers(0, 20))
def test_a_part_of_a_run_is_what_stands_there(run: CommittedRun, after: int, last: int) -> None:
    inside = [step for step in range(run.count) if after < run.position + step <= last]
    expected = (run.position + inside[0], run.journal, run.first_seq + inside[0], len(inside)) if inside else None
    assert within(run, after, last) == expected


@given(runs, st.integers(1, 9))
def test_a_run_that_was_divided_is_joined_again_and_nothing_else_is(run: CommittedRun, count: int) -> None:
    first = run._replace(count=count)
    rest = CommittedRun(run.position + count, run.journal, run.first_seq + count, run.count)
    assert joined(first, rest) == run._replace(count=count + run.count)
    assert joined(first, rest._replace(position=rest.position + 1)) is None
    assert joined(first, rest._replace(journal=journal_id(2))) is None
    assert joined(first, rest._replace(first_seq=rest.first_seq + 1)) is None


@given(st.one_of(st.integers(0, 200 * CHECKPOINT_POSITIONS), st.integers(0, SEQ_MAX)))
def test_an_order_is_marked_at_its_end_and_at_checkpoints_ever_further_apart(through: int) -> None:
    marked = marked_positions(through)
    assert len(marked) <= MARKS_MAX
    assert marked == sorted(set(marked), reverse=True)
    assert marked[:1] == ([through] if through else [])
    assert all(is_checkpoint(position) and position > 0 for position in marked[1:])


@given(st.integers(1, 3_000 * CHECKPOINT_POSITIONS), st.data())
def test_wherever_two_orders_part_a_mark_of_one_lies_before_that_and_not_much_more_than_twice_as_far_back(
    through: int, data: st.DataObject
) -> None:
    parted = data.draw(st.integers(0, through))
    common = max((position for position in marked_positions(through) if position <= parted), default=0)
    assert through - common <= 2 * (through - parted) + 2 * CHECKPOINT_POSITIONS
