"""The naive register, statement by statement."""

from __future__ import annotations

from simulations.checkers.grammar import Value
from simulations.checkers.registers import Register, Written, conflicts_of, fold_register
from simulations.checkers.violation import Dot

JOURNAL = bytes(16)
EVENING_MS = 1_782_950_400_000
"""The second of July 2026."""
PAPER: Value = {"status": "reserved", "room": None, "arrived_at": None, "departed_at": None, "note": None}
IN_HOUSE: Value = {**PAPER, "status": "in_house", "room": "201"}


def write(
    seq: int, value: Value, *names: int, origin: str = "hotel-pms", base: Value | None = None, resolution: bool = False
) -> Written:
    named = tuple(Dot(JOURNAL, name) for name in names)
    return Written(Dot(JOURNAL, seq), (EVENING_MS + seq, 0), "suzuki", origin, value, named, base, resolution)


def fold(group: str, *writes: Written) -> Register:
    return fold_register(group, "row", writes)


def test_siblings_are_what_no_write_names_in_whatever_order_they_come() -> None:
    writes = (write(3, {"guest": "c"}, 1), write(2, {"guest": "b"}), write(1, {"guest": "a"}))
    register = fold("stay.guest", *writes)
    assert [written.dot.seq for written in register.siblings] == [2, 3]
    assert register.shown == {"guest": "c"}


def test_the_system_comes_before_the_time() -> None:
    later_but_foreign = write(2, {"guest": "b"}, origin="booking-engine")
    assert fold("stay.guest", write(1, {"guest": "a"}), later_but_foreign).shown == {"guest": "a"}


def test_who_is_in_the_house_comes_before_the_system() -> None:
    assert fold("stay.occupancy", write(1, IN_HOUSE, origin="booking-engine"), write(2, PAPER)).shown == IN_HOUSE


def test_a_later_business_date_comes_before_a_later_write() -> None:
    days = (write(1, {"date": "2026-07-03"}), write(2, {"date": "2026-07-02"}))
    assert fold("property.day", *days).shown == {"date": "2026-07-03"}
    far = (write(1, {"date": "2026-07-02"}), write(2, {"date": "2999-01-01"}), write(3, {"date": "2500-01-01"}))
    assert fold("property.day", *far).shown == {"date": "2026-07-02"}
    assert fold("property.day", *far[1:]).shown == {"date": "2500-01-01"}, "where nothing else stands"


def test_an_open_conflict_shows_what_both_started_from() -> None:
    window: Value = {"stay": "s", "status": "open", "note": None}
    closed, void = {**window, "status": "closed"}, {**window, "status": "void"}
    register = fold("folio.window", write(1, closed, base=window), write(2, void, base=window))
    assert register.shown == window
    ((_, conflict),) = conflicts_of(register).items()
    assert (conflict.state, len(conflict.values)) == ("open", 2)


def test_of_contradicting_postings_the_lowest_counts_until_a_person_chooses() -> None:
    one, two = write(1, {"amount_minor": 1}), write(2, {"amount_minor": 2})
    assert fold("posting.content", one, two).shown == {"amount_minor": 1}
    chosen = write(3, {"entry": f"{'0' * 32}:2"})._replace(reads=(one.dot, two.dot))
    resolved = fold_register("posting.content", "row", (one, two), fold("posting.decision", chosen))
    assert resolved.shown == {"amount_minor": 2}
    ((_, conflict),) = conflicts_of(resolved).items()
    assert (conflict.state, conflict.decided_by) == ("closed", "suzuki")
    late = fold_register(
        "posting.content", "row", (one, two, write(4, {"amount_minor": 3})), fold("posting.decision", chosen)
    )
    ((_, reopened),) = conflicts_of(late).items()
    assert reopened.state == "open", "whoever chose had not seen the third"


def test_a_closed_conflict_keeps_its_values_however_much_is_written_later() -> None:
    later = [write(seq, {"guest": f"g{seq}"}, seq - 1) for seq in range(4, 100)]
    register = fold(
        "stay.guest", write(1, {"guest": "a"}), write(2, {"guest": "b"}), write(3, {"guest": "b"}, 1, 2), *later
    )
    ((_, conflict),) = conflicts_of(register).items()
    assert (conflict.state, conflict.shown, conflict.decided_at_ms) == ("closed", {"guest": "b"}, EVENING_MS + 3)
    assert [one.value for one in conflict.values.values()] == [{"guest": "a"}, {"guest": "b"}]


def test_equal_values_are_no_conflict() -> None:
    assert conflicts_of(fold("stay.guest", write(1, {"guest": "a"}), write(2, {"guest": "a"}))) == {}
