"""The committed order travels in runs and loses nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.positions import CommittedRun, joined, runs_of, within
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
