"""The end of a log that is kept decoded says the same as the log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.entry import Entry
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.log import recent as module
from crdt_pms.log.recent import RecentEntries
from tests.crdt_pms.journal.journals import append, journal_id, writer

KEPT = 5
BEFORE = 3
JOURNAL = writer(1)
ENTRIES = [append(JOURNAL, payload=bytes(number)) for number in range(1, 13)]


@pytest.fixture(autouse=True, scope="module")
def short_memory() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "RECENT_ENTRIES_MAX", KEPT)
        yield


def log(stored: list[Entry], after: int, entries_max: int, bytes_max: int) -> list[Entry]:
    """What the whole log would give."""
    found: list[Entry] = []
    for entry in stored[after - BEFORE :][:entries_max]:
        if found and sum(one.size for one in [*found, entry]) > bytes_max:
            break
        found.append(entry)
    return found


@given(
    st.integers(0, len(ENTRIES)), st.integers(1, 4), st.integers(0, BEFORE + len(ENTRIES)), st.integers(1, 6),
    st.integers(0, 2_000),
)  # fmt: skip
def test_it_gives_what_follows_a_position_or_says_that_it_no_longer_can(
    count: int, piece: int, after: int, entries_max: int, bytes_max: int
) -> None:
    recent = RecentEntries(BEFORE)
    for first in range(0, count, piece):
        recent.extend(ENTRIES[first : min(first + piece, count)])
    last = BEFORE + count
    assert recent.last_position == last
    found = recent.following(after, 0, entries_max, bytes_max)
    if after >= last:
        assert found == ([], after)
    elif after < last - min(count, KEPT):
        assert found is None
    else:
        expected = log(ENTRIES[:count], after, entries_max, bytes_max)
        assert found == (expected, after + len(expected))


@given(st.integers(0, KEPT), st.integers(0, KEPT), st.integers(0, KEPT), st.integers(1, 3))
def test_it_leaves_out_what_stands_up_to_a_position_of_the_order_and_comes_to_the_end(
    committed: int, cut: int, position: int, entries_max: int
) -> None:
    """The order may be cut back, and then what stood after the cut has no place in it any more."""
    recent = RecentEntries(BEFORE)
    recent.extend(ENTRIES[:KEPT])
    recent.note_committed(CommittedRun(1, ENTRIES[0].dot.journal, 1, committed))
    recent.note_cut(cut)
    after, found = BEFORE, list[Entry]()
    for _read in range(KEPT + 1):
        read = recent.following(after, position, entries_max, 10**6)
        assert read is not None
        assert len(read[0]) <= entries_max
        found += read[0]
        after = read[1]
    assert after == BEFORE + KEPT
    assert found == ENTRIES[min(committed, cut, position) : KEPT]


@given(st.integers(0, len(ENTRIES)))
def test_it_knows_the_hashes_of_what_it_keeps_and_of_nothing_else(count: int) -> None:
    recent = RecentEntries(BEFORE)
    recent.extend(ENTRIES[:count])
    kept = ENTRIES[max(count - KEPT, 0) : count]
    for entry in ENTRIES:
        assert recent.hash_of(entry.dot) == (entry.hash if entry in kept else None)
    assert recent.hash_of(ENTRIES[0].dot._replace(journal=journal_id(2))) is None
