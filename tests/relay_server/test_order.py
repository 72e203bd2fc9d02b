"""The committed order as one process knows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.positions import ORDER_START, CommittedRun, OrderMark, digest_after, runs_of
from crdt_pms.ports.records import Placed
from relay_server import order as order_module
from relay_server.order import CommittedOrder, cut_runs
from tests.crdt_pms.journal.journals import append, writer

BEGUN = 5
"""Positions that were committed before this process started."""


POOL = [[append(journal) for _step in range(60)] for journal in map(writer, (1, 2, 3))]


def _history(choices: list[int]) -> list[Placed]:
    """Entries of three journals, each without gaps, in the order of the choices."""
    taken = [0, 0, 0]
    placed: list[Placed] = []
    for position, choice in enumerate(choices, BEGUN + 1):
        placed.append(Placed(position, POOL[choice][taken[choice]], position))
        taken[choice] += 1
    return placed


HISTORIES = st.lists(st.integers(0, 2), max_size=60).map(_history)


def _positions(runs: list[CommittedRun]) -> list[tuple[int, Dot]]:
    return [(run.position + step, Dot(run.journal, run.first_seq + step)) for run in runs for step in range(run.count)]


@given(placed=HISTORIES, piece=st.integers(1, 9), limit=st.integers(1, 12), memory=st.integers(1, 20))
def test_what_is_told_of_the_order_is_the_order(placed: list[Placed], piece: int, limit: int, memory: int) -> None:
    """From any position on without a gap, or that PostgreSQL must be asked."""
    with pytest.MonkeyPatch.context() as limits:
        limits.setattr(order_module, "TAIL_ENTRIES_MAX", memory)
        order = CommittedOrder(b"g" * 16, OrderMark(BEGUN, ORDER_START))
        for start in range(0, len(placed), piece):
            order.extend(placed[start : start + piece])
        assert order.through == BEGUN + len(placed)
        for position in range(order.through + 3):
            hashes = [one.entry.hash for one in placed if one.position <= position]
            is_known = order.in_memory_after <= position <= order.through
            assert order.digest_at(position) == (digest_after(ORDER_START, hashes) if is_known else None)
            journals = {one.entry.dot.journal for one in placed if one.position > position}
            assert order.journals_beyond(position) == (journals if position >= order.in_memory_after else None)
        assert order.digest == digest_after(ORDER_START, (one.entry.hash for one in placed))
        assert order.end == (order.through, placed[-1].entry.hash if placed else None)
        whole = [(one.position, one.entry.dot) for one in placed]
        for after in range(order.through + 1):
            runs = order.runs(after, limit)
            if runs is None:
                assert after < order.through - memory or after < BEGUN
            else:
                assert _positions(runs) == whole[after - BEGUN :][:limit]


@given(placed=HISTORIES, through=st.integers(0, 70))
def test_nothing_is_told_that_was_not_announced(placed: list[Placed], through: int) -> None:
    whole = list(enumerate((one.entry.dot for one in placed), 1))
    assert _positions(cut_runs(list(runs_of(whole)), through)) == whole[:through]
