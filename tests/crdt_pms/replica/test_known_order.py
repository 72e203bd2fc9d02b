"""The end of the committed order that is at hand says the same as the whole order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.positions import CommittedRun, runs_of
from crdt_pms.replica import known_order as module
from crdt_pms.replica.known_order import KnownOrder
from crdt_pms.replica.standing import CommittedStanding
from tests.crdt_pms.journal.journals import journal_id

KEPT = 4
BEFORE = 10
orders = st.lists(st.integers(1, 2), min_size=1, max_size=20)


@pytest.fixture(autouse=True, scope="module")
def short_memory() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "RECENT_RUNS_MAX", KEPT)
        yield


def placed(journals: list[int]) -> list[tuple[int, Dot]]:
    """An order after `BEFORE` in which each journal's entries follow each other."""
    return [
        (position, Dot(journal_id(journal), journals[: position - BEFORE].count(journal)))
        for position, journal in enumerate(journals, BEFORE + 1)
    ]


@given(orders, st.integers(1, 5), st.integers(0, 32), st.integers(1, 8))
def test_it_gives_what_follows_a_position_in_the_fewest_runs_or_says_that_it_no_longer_can(
    journals: list[int], piece: int, after: int, positions_max: int
) -> None:
    known = KnownOrder(CommittedStanding(b"one", BEFORE))
    order = placed(journals)
    for first in range(0, len(order), piece):
        part = order[first : first + piece]
        known.extend(list(runs_of(part)), CommittedStanding(b"one", part[-1][0]))
    expected = list(runs_of(one for one in order if after < one[0] <= after + positions_max))
    found = known.following(after, positions_max)
    runs = list(runs_of(order))
    if after < BEFORE or (len(runs) > KEPT and after + 1 < runs[-KEPT].position):
        assert found is None
    else:
        assert found == expected


def test_of_another_generation_nothing_stays() -> None:
    known = KnownOrder(CommittedStanding(b"one", 0))
    known.extend([CommittedRun(1, journal_id(1), 1, 3)], CommittedStanding(b"one", 3, b"d" * 32))
    assert known.digests.before(3) == (3, b"d" * 32)
    known.extend([], CommittedStanding(b"two", 0))
    assert known.following(0, 10) == []
    known.extend([CommittedRun(1, journal_id(2), 1, 1)], CommittedStanding(b"two", 1, b"e" * 32))
    assert known.following(0, 10) == [CommittedRun(1, journal_id(2), 1, 1)]
    assert known.digests.before(1) == (1, b"e" * 32)
