"""One history from what was seen of the nodes and from the logs on their disks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from simulations.checkers.contents import RELAY
from simulations.checkers.history import Acted, Agreed, Applied, Committed, Event, Healed, Opened, Read
from simulations.checkers.possession import possession_of
from simulations.checkers.violation import Dot
from simulations.processes.chaos.weaving import DiskLog, Noticed, Observation, weave

OWN, OTHERS = b"o" * 16, b"t" * 16
DESK = "desk-1"
END_MS = 1_000


def own(seq: int) -> Dot:
    return Dot(OWN, seq)


def others(seq: int) -> Dot:
    return Dot(OTHERS, seq)


def acted(at_ms: int, *dots: Dot) -> Acted:
    return Acted(at_ms, DESK, "walk_in", "suzuki", dots)


def applied(at_ms: int, *dots: Dot) -> Applied:
    return Applied(at_ms, DESK, dots, ())


def woven(seen: Sequence[Observation], *disks: Sequence[Dot]) -> list[Event]:
    return weave(seen, {DESK: [DiskLog(dots) for dots in disks]}, END_MS)


def test_what_the_log_holds_before_an_action_was_applied_before_it() -> None:
    log = [others(1), own(1), others(2), others(3), own(2), own(3)]
    assert woven([acted(10, own(1)), acted(20, own(2), own(3))], log) == [
        applied(10, others(1)),
        acted(10, own(1)),
        applied(20, others(2), others(3)),
        acted(20, own(2), own(3)),
    ]


def test_what_was_not_answered_and_happened_counts_as_applied() -> None:
    assert woven([acted(10, own(1)), acted(20, own(3))], [own(1), own(2), own(3)]) == [
        acted(10, own(1)),
        applied(20, own(2)),
        acted(20, own(3)),
    ]


def test_a_look_tells_until_when_entries_had_come_and_the_end_takes_the_rest() -> None:
    read = Read(10, DESK, b"hash", {OTHERS: 2})
    assert woven([read, Noticed(20, DESK, {OTHERS: 3})], [others(1), others(2), others(3), others(4)]) == [
        applied(10, others(1), others(2)),
        read,
        applied(20, others(3)),
        applied(END_MS, others(4)),
    ]


def test_what_nobody_looked_at_comes_before_the_agreement() -> None:
    healed, agreed = Healed(10, 60_000), Agreed(20)
    assert woven([healed, agreed], [others(1)]) == [healed, applied(END_MS, others(1)), agreed]


def test_a_replaced_disk_tells_what_was_lost_and_what_came_back() -> None:
    before, after = [others(1), own(1), own(2)], [others(1), own(1), own(2), others(2)]
    backup = Opened(20, DESK, {OTHERS: 1}, rewound=True)
    again = Opened(30, DESK, {OTHERS: 1, OWN: 2}, rewound=False)
    assert woven([acted(10, own(1)), acted(11, own(2)), backup, again], before, after) == [
        applied(10, others(1)),
        acted(10, own(1)),
        acted(11, own(2)),
        backup,
        applied(30, own(1), own(2)),
        again,
        applied(END_MS, others(2)),
    ]


def test_an_acknowledged_entry_is_excused_only_while_nobody_else_was_seen_to_hold_it() -> None:
    def excused(seen_elsewhere: Mapping[bytes, int]) -> frozenset[Dot]:
        seen: list[Observation] = [
            acted(10, own(1)),
            Noticed(15, RELAY, seen_elsewhere),
            Opened(20, DESK, {}, rewound=True),
        ]
        history = weave(seen, {DESK: [DiskLog([own(1)]), DiskLog([])], RELAY: [DiskLog([own(1)])]}, END_MS)
        return possession_of(history, [DESK, RELAY]).excused

    assert excused({}) == {own(1)}
    assert excused({OWN: 1}) == frozenset()


def test_an_entry_that_was_answered_and_is_in_no_log_is_still_told() -> None:
    assert woven([acted(10, own(1))], []) == [acted(10, own(1))]


def test_a_relay_s_database_tells_what_it_announced_under_which_generation() -> None:
    opened = Opened(20, RELAY, {}, rewound=True)
    disks = [DiskLog([own(1), own(2)], b"first", 1), DiskLog([own(1)], b"second", 1)]
    told = [event for event in weave([opened], {RELAY: disks}, END_MS) if isinstance(event, Committed)]
    assert told == [
        Committed(20, RELAY, b"first", ((1, own(1)),)),
        Committed(END_MS, RELAY, b"second", ((1, own(1)),)),
    ]


def test_disks_that_do_not_fit_what_was_seen_are_refused() -> None:
    with pytest.raises(ValueError, match="2 disks do not fit"):
        woven([acted(10, own(1))], [own(1)], [])
