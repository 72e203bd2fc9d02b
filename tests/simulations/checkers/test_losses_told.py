"""A node that opened without what it had held, and said nothing, is found; so is one that cries wolf."""

from __future__ import annotations

from dataclasses import replace

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Acted, LossTold, Opened
from simulations.checkers.violation import Dot
from tests.simulations.checkers.tampering import again, found

CHECKER = "losses_told"
NODE = "desk-2"
JOURNAL = b"j" * 16
HELD = Acted(1, NODE, "create_stay", "suzuki", tuple(Dot(JOURNAL, seq) for seq in (1, 2, 3)))


def opened(seq: int, *, rewound: bool = True, replaced: bool = False, node: str = NODE) -> Opened:
    return Opened(9, node, {JOURNAL: seq} if seq else {}, rewound, replaced)


def told(own: int | None, others: int | None = 0) -> LossTold:
    return LossTold(8, NODE, "store_went_back", own, others)


def words(good: Evidence, *history: Opened | LossTold | Acted) -> list[str]:
    return [finding.words for finding in found(again(good, history=history), CHECKER)]


def test_an_opening_that_lacks_entries_without_a_word(good: Evidence) -> None:
    (said,) = words(good, HELD, opened(1))
    assert "without 2 entries" in said
    assert words(good, HELD, opened(3)) == []


def test_what_was_told_before_it_is_no_silence(good: Evidence) -> None:
    assert words(good, HELD, told(2), opened(1)) == []
    assert words(good, HELD, told(None, None), opened(1)) == []
    assert len(words(good, HELD, told(2), opened(1), HELD, opened(1))) == 1


def test_what_stood_on_a_branch_may_be_taken_back_and_nothing_before_it(good: Evidence) -> None:
    assert words(good, HELD, replace(opened(1, rewound=False), forked={JOURNAL: 2})) == []
    (said,) = words(good, HELD, replace(opened(1, rewound=False), forked={JOURNAL: 3}))
    assert "without 1 entries" in said


def test_more_was_lost_than_was_told(good: Evidence) -> None:
    (said,) = words(good, HELD, told(1), opened(1))
    assert "told of 1 lost entries" in said


def test_a_loss_that_was_told_where_no_disk_went_back(good: Evidence) -> None:
    (said,) = words(good, HELD, told(1), opened(3, rewound=False))
    assert "had not gone back" in said
    assert words(good, HELD, told(None, None), opened(3, rewound=False)) == []


def test_a_disk_that_was_replaced_whole_cannot_tell_and_the_relay_has_no_witness(good: Evidence) -> None:
    assert words(good, HELD, opened(0, replaced=True)) == []
    of_relay = Acted(1, "relay", "create_stay", "booking", HELD.dots)
    assert words(good, of_relay, opened(0, node="relay")) == []
