"""The committed order travels in runs and loses nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.positions import runs_of
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
