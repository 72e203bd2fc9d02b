"""One register: what it keeps of its past, and that this does not depend on the order of arrival."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.conflicts import ConflictState
from crdt_pms.ledger.errors import RegisterCorrupt
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.limits import SUPERSEDED_KEPT_MAX
from crdt_pms.ledger.operation import Register, Write
from crdt_pms.ledger.policies import BUSINESS_DAY, FOLIO_WINDOW, OCCUPANCY, POSTING, STAY_GUEST, TERMS
from tests.crdt_pms.ledger.histories import (
    PLAN,
    Desk,
    Record,
    in_arrival_order,
    ledger_of,
    occupancy,
    posting,
    terms,
    window,
)

ROW = Register(TERMS, "stay")


def two_chains(length: int) -> list[Record]:
    """Two authors who each change one row again and again without hearing of the other."""
    records: list[Record] = []
    for number, desk in enumerate((Desk(1, now_ms=1_000), Desk(2, now_ms=1_000)), start=1):
        for step in range(length):
            desk.now_ms += 7 * number
            records.append(desk.put(TERMS, "stay", terms(nights=step % 5, rate_minor=number)))
    return records


@pytest.mark.parametrize("length", [3, SUPERSEDED_KEPT_MAX + 3])
@given(first=st.lists(st.integers(0, 50), min_size=1), second=st.lists(st.integers(0, 50), min_size=1))
def test_what_a_register_keeps_of_its_past_does_not_depend_on_the_order_of_arrival(
    length: int, first: list[int], second: list[int]
) -> None:
    records = two_chains(length)
    one = ledger_of(in_arrival_order(records, first))
    other = ledger_of(in_arrival_order(records, second))
    assert one.superseded(ROW) == other.superseded(ROW)
    assert one.dump(ROW) == other.dump(ROW)
    assert one.content_hash() == other.content_hash()


def test_the_newest_superseded_writes_are_kept_whole_oldest_first() -> None:
    desk = Desk(1)
    for step in range(SUPERSEDED_KEPT_MAX + 10):
        desk.put(TERMS, "stay", terms(rate_minor=step))
    kept = [applied.value["rate_minor"] for applied in desk.ledger.superseded(ROW)]
    assert kept == list(range(9, SUPERSEDED_KEPT_MAX + 9))


def test_a_late_resolution_of_what_is_long_superseded_is_known_as_one_by_every_replica() -> None:
    one, other = Desk(1), Desk(2, now_ms=1_500)
    left, right = one.put(TERMS, "stay", terms(nights=1)), other.put(TERMS, "stay", terms(nights=2))
    late = Desk(3, now_ms=2_000)
    late.hear(left, right)
    chosen = late.choose(TERMS, "stay", terms(nights=2))
    one.hear(other)
    for step in range(SUPERSEDED_KEPT_MAX + 5):
        one.now_ms += 10
        one.put(TERMS, "stay", terms(rate_minor=step))
    early = ledger_of([left, right, chosen, *[record for record in one.records if record not in (left, right)]])
    one.hear(chosen)
    assert one.ledger.content_hash() == early.content_hash()
    closed = one.ledger.closed_conflicts(ROW)
    assert [conflict.dots for conflict in closed] == [(left.dot, right.dot)] * 2
    assert {conflict.state for conflict in closed} == {ConflictState.CLOSED}
    assert not any(conflict.is_complete for conflict in closed), "these values stand in the entries only"


def test_a_register_read_back_is_the_one_that_was_dumped_and_goes_on_alike() -> None:
    desk = Desk(1)
    for record in two_chains(SUPERSEDED_KEPT_MAX + 3):
        desk.hear(record)
    loaded = Ledger(PLAN)
    loaded.load(ROW, desk.ledger.dump(ROW))
    assert loaded.dump(ROW) == desk.ledger.dump(ROW)
    assert loaded.content_hash() == desk.ledger.content_hash()
    assert loaded.conflicts() == desk.ledger.conflicts()
    after = desk.put(TERMS, "stay", terms(nights=9))
    loaded.apply(after.dot, after.stamp, after.author, after.operation)
    assert loaded.dump(ROW) == desk.ledger.dump(ROW)
    assert loaded.closed_conflicts() == desk.ledger.closed_conflicts()


def test_a_damaged_register_is_refused_and_what_was_held_stays() -> None:
    desk = Desk(1)
    desk.put(TERMS, "stay", terms(nights=3))
    blob, before = desk.ledger.dump(ROW), desk.ledger.content_hash()
    for damaged in (b"", b"\x00", blob[:-1], blob + b"\x00", b"\x95\x02" + blob[2:], b"\x95\x01\x90\x90\x90\x90"):
        with pytest.raises(RegisterCorrupt):
            desk.ledger.load(ROW, damaged)
    assert desk.ledger.content_hash() == before


def every_kind_of_register() -> Desk:
    one, other = Desk(1), Desk(2, now_ms=5_000)
    for desk in (one, other):
        desk.put(TERMS, "stay", terms())
        desk.put(OCCUPANCY, "stay", occupancy("in_house", f"10{desk.number}", 5))
        desk.put(POSTING, "charge:a", posting("stay", desk.number, "reversal", "x"))
        desk.put(BUSINESS_DAY, "hotel", {"date": f"2016-08-0{desk.number}"})
        desk.put(FOLIO_WINDOW, "stay/1", window("stay", note=f"{desk.number}"))
    one.hear(other)
    one.choose(FOLIO_WINDOW, "stay/1", window("stay"))
    return one


SOURCE = every_kind_of_register().ledger
damages = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=3)


@settings(max_examples=200)
@given(st.sampled_from(sorted(SOURCE.registers())), damages)
def test_any_damage_to_a_register_is_refused_or_leaves_one_that_can_be_used(
    register: Register, damage: list[tuple[int, int]]
) -> None:
    blob = bytearray(SOURCE.dump(register))
    for at, byte in damage:
        blob[at % len(blob)] = byte
    loaded = Ledger(PLAN)
    loaded.load(Register(TERMS, "stay"), SOURCE.dump(Register(TERMS, "stay")))
    before = everything(loaded)
    try:
        loaded.load(register, bytes(blob))
    except RegisterCorrupt:
        assert everything(loaded) == before
    else:
        assert everything(loaded)


def everything(ledger: Ledger) -> tuple[object, ...]:
    return (ledger.content_hash(), ledger.conflicts(), ledger.closed_conflicts(), ledger.alerts())


def test_a_name_of_another_registers_write_closes_nothing() -> None:
    desk = Desk(1)
    elsewhere = desk.put(STAY_GUEST, "stay", {"guest": "sato"})
    here = desk.put(TERMS, "stay", terms())
    desk.act(Write(ROW, terms(nights=3), (elsewhere.dot, here.dot)))
    assert desk.ledger.closed_conflicts() == []
    assert desk.ledger.names(ROW) == (desk.records[-1].dot,)


def test_a_row_that_nobody_wrote_shows_nothing() -> None:
    ledger = Ledger(PLAN)
    assert ledger.shown(ROW) is None
    assert ledger.shown_write(ROW) is None
    assert ledger.names(ROW) == ()
    assert ledger.superseded(ROW) == ()
    assert ledger.conflict(ROW) is None
    assert ledger.business_date() is None
    assert ledger.folio_balance("stay/1") == 0
    with pytest.raises(KeyError):
        ledger.dump(ROW)


def test_the_revision_of_a_row_changes_with_every_write_to_it_and_with_no_other() -> None:
    desk = Desk(1)
    desk.put(TERMS, "stay", terms())
    first = desk.ledger.revision("stay", "stay")
    desk.put(TERMS, "other", terms())
    assert desk.ledger.revision("stay", "stay") == first
    desk.put(STAY_GUEST, "stay", {"guest": "sato"})
    assert desk.ledger.revision("stay", "stay") != first


def test_folios_and_postings_are_found_by_what_they_belong_to() -> None:
    desk = Desk(1)
    desk.put(FOLIO_WINDOW, "stay/1", window("stay"))
    desk.put(POSTING, "charge:b", posting("stay", 500))
    desk.put(POSTING, "charge:a", posting("stay", 700))
    desk.put(POSTING, "reversal:a", posting("stay", -700, "reversal", "charge:a"))
    desk.put(POSTING, "charge:c", posting("guest", 1, folio="stay/2"))
    assert desk.ledger.postings_of_folio("stay/1") == ("charge:a", "charge:b", "reversal:a")
    assert desk.ledger.postings_of_stay("stay") == ("charge:a", "charge:b", "reversal:a")
    assert desk.ledger.folios_of_stay("stay") == ("stay/1",)
    assert desk.ledger.folios_of_stay("guest") == ("stay/2",), "without a window a folio is its first posting's"
    assert desk.ledger.reversals_of("charge:a") == ("reversal:a",)
    assert desk.ledger.folio_balance("stay/1") == 500


@given(st.permutations(range(4)))
def test_free_rooms_are_those_that_nobody_holds_on_the_asked_nights(order: list[int]) -> None:
    records = [
        Desk(1).act(Write(Register(TERMS, "a"), terms("2016-08-08", 2)), occupied("a", "101")),
        Desk(2).act(Write(Register(TERMS, "b"), terms("2016-08-10", 0)), occupied("b", "102")),
        Desk(3).act(Write(Register(TERMS, "c"), terms("2016-08-01", 3)), occupied("c", "201", "in_house")),
        Desk(4).act(Write(Register(BUSINESS_DAY, "hotel"), {"date": "2016-08-09"})),
    ]
    ledger = ledger_of([records[index] for index in order])
    assert ledger.free_rooms("2016-08-09", 1, "twin") == ("102", "201", "202")
    assert ledger.free_rooms("2016-08-08", 1, "double") == ("202", "102"), "who has outstayed the terms is still here"
    assert ledger.free_rooms("2016-08-10", 0, "twin") == ("101", "201", "202"), "day use holds its date"
    assert ledger.free_rooms("2016-08-10", 0, "twin", {"101"}, 1) == ("201",)
    assert {room: [who.stay for who in stays] for room, stays in ledger.occupants().items()} == {
        "101": ["a"],
        "201": ["c"],
    }


def occupied(stay: str, room: str, status: str = "reserved") -> Write:
    return Write(Register(OCCUPANCY, stay), occupancy(status, room))


def test_a_dot_is_written_as_its_journal_and_number() -> None:
    assert str(Dot(Desk(1).put(TERMS, "stay", terms()).dot.journal, 7)) == "00000000:7"
