"""The committed order as one process knows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.positions import CommittedRun, runs_of
from relay_server import order as order_module
from relay_server.order import CommittedOrder, cut_runs
from tests.crdt_pms.journal.journals import journal_id

BEGUN = 5
"""Positions that were committed before this process started."""


def _history(choices: list[int]) -> list[Dot]:
    """Dots of three journals, each without gaps, in the order of the choices."""
    seqs: dict[JournalId, int] = {}
    dots: list[Dot] = []
    for choice in choices:
        journal = journal_id(choice)
        seqs[journal] = seqs.get(journal, 0) + 1
        dots.append(Dot(journal, seqs[journal]))
    return dots


HISTORIES = st.lists(st.integers(1, 3), max_size=60).map(_history)


def _positions(runs: list[CommittedRun]) -> list[tuple[int, Dot]]:
    return [(run.position + step, Dot(run.journal, run.first_seq + step)) for run in runs for step in range(run.count)]


@given(dots=HISTORIES, piece=st.integers(1, 9), limit=st.integers(1, 12), memory=st.integers(1, 20))
def test_what_is_told_of_the_order_is_the_order(dots: list[Dot], piece: int, limit: int, memory: int) -> None:
    """From any position on without a gap, or that PostgreSQL must be asked."""
    with pytest.MonkeyPatch.context() as limits:
        limits.setattr(order_module, "TAIL_ENTRIES_MAX", memory)
        order = CommittedOrder(b"g" * 16, BEGUN, {})
        for start in range(0, len(dots), piece):
            order.extend(dots[start : start + piece])
        assert order.through == BEGUN + len(dots)
        assert order.vector == {dot.journal: dot.seq for dot in dots}
        whole = list(enumerate(dots, BEGUN + 1))
        for after in range(order.through + 1):
            runs = order.runs(after, limit)
            if runs is None:
                assert after < order.through - memory or after < BEGUN
            else:
                assert _positions(runs) == whole[after - BEGUN :][:limit]


@given(dots=HISTORIES, through=st.integers(0, 70))
def test_nothing_is_told_that_was_not_announced(dots: list[Dot], through: int) -> None:
    whole = list(enumerate(dots, 1))
    assert _positions(cut_runs(list(runs_of(whole)), through)) == whole[:through]
