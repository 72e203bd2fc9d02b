"""One register: what it keeps of its past, and that this does not depend on the order of arrival."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger import register as register_module
from crdt_pms.ledger import showing
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.conflicts import ConflictState
from crdt_pms.ledger.errors import RegisterCorrupt
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.limits import SUPERSEDED_KEPT_MAX
from crdt_pms.ledger.operation import Register, Write
from crdt_pms.ledger.policies import BUSINESS_DAY, FOLIO_WINDOW, OCCUPANCY, POSTING, STAY_GUEST, TERMS, FieldGroup
from crdt_pms.ledger.register import Standing, StoredWrite
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
    assert list(one.all_stored()) == list(other.all_stored())
    assert one.content_sums() == other.content_sums()


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
    assert one.ledger.content_sums() == early.content_sums()
    closed = one.ledger.closed_conflicts(ROW)
    assert [conflict.dots for conflict in closed] == [(left.dot, right.dot)] * 2
    assert {conflict.state for conflict in closed} == {ConflictState.CLOSED}
    assert not any(conflict.is_complete for conflict in closed), "these values stand in the entries only"


def test_a_register_read_back_is_the_one_that_was_stored_and_goes_on_alike() -> None:
    desk = Desk(1)
    for record in two_chains(SUPERSEDED_KEPT_MAX + 3):
        desk.hear(record)
    loaded = Ledger(PLAN)
    loaded.load(desk.ledger.all_stored())
    assert list(loaded.all_stored()) == list(desk.ledger.all_stored())
    assert loaded.content_sums() == desk.ledger.content_sums()
    assert loaded.conflicts() == desk.ledger.conflicts()
    after = desk.put(TERMS, "stay", terms(nights=9))
    loaded.apply(after.dot, after.stamp, after.author, after.operation)
    assert list(loaded.all_stored()) == list(desk.ledger.all_stored())
    assert loaded.closed_conflicts() == desk.ledger.closed_conflicts()


def test_a_damaged_register_is_refused_and_what_was_held_stays() -> None:
    desk = Desk(1)
    desk.put(TERMS, "stay", terms(nights=3))
    (stored,), before = desk.ledger.all_stored(), desk.ledger.content_sums()
    state = stored.state
    elsewhere = stored._replace(register=Register(TERMS, "other"))
    for damaged in (b"", b"\x00", state[:-1], state + b"\x00", b"\x9d\x02" + state[2:]):
        with pytest.raises(RegisterCorrupt):
            desk.ledger.load([elsewhere._replace(state=damaged)])
    with pytest.raises(RegisterCorrupt):
        desk.ledger.load([elsewhere._replace(standing=7)])
    with pytest.raises(RegisterCorrupt, match="stands"):
        desk.ledger.load([elsewhere._replace(standing=Standing.SUPERSEDED)])
    with pytest.raises(RegisterCorrupt, match="twice"):
        desk.ledger.load([stored])
    assert desk.ledger.content_sums() == before


# What one more write costs


def crowd(siblings: int) -> Ledger:
    """A row that so many authors wrote who had not heard of each other."""
    return ledger_of(
        Desk(number, now_ms=number).put(TERMS, "stay", terms(rate_minor=number)) for number in range(1, siblings + 1)
    )


class Encodings:
    """Counts the writes that are encoded for storing, and those that are compared by what they say."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        encode, precedence = register_module._encoded, showing.precedence

        def counted(applied: AppliedWrite) -> list[object]:
            self.count += 1
            return encode(applied)

        def ranked(group: FieldGroup, applied: AppliedWrite) -> object:
            self.count += 1
            return precedence(group, applied)

        monkeypatch.setattr(register_module, "_encoded", counted)
        monkeypatch.setattr(showing, "precedence", ranked)


@pytest.mark.parametrize("siblings", [2, 200, 2_000])
def test_one_more_sibling_costs_the_same_among_two_as_among_two_thousand(
    monkeypatch: pytest.MonkeyPatch, siblings: int
) -> None:
    ledger = crowd(siblings)
    ledger.take_changes()
    late = Desk(siblings + 1, now_ms=9_999).put(TERMS, "stay", terms(rate_minor=1))
    counted = Encodings(monkeypatch)
    ledger.apply(late.dot, late.stamp, late.author, late.operation)
    rows = list(ledger.stored(ledger.take_changes()))
    assert (len(rows), counted.count) == (1, 2)
    assert ledger.shown(ROW) == terms(rate_minor=1)


@pytest.mark.parametrize("siblings", [SUPERSEDED_KEPT_MAX + 10, 2_000])
def test_what_a_write_supersedes_is_all_that_is_stored_anew(siblings: int) -> None:
    desk = Desk(5_000, now_ms=9_999)
    for number in range(1, siblings + 1):
        desk.hear(Desk(number, now_ms=number).put(TERMS, "stay", terms(rate_minor=number)))
    desk.ledger.take_changes()
    some = desk.ledger.names(ROW)[:3]
    desk.act(Write.of(ROW, terms(), some))
    assert len(list(desk.ledger.stored(desk.ledger.take_changes()))) == 4
    assert len(desk.ledger.names(ROW)) == siblings - 2


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
STORED = list(SOURCE.all_stored())
damages = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=3)


@settings(max_examples=200)
@given(st.sampled_from(STORED), damages)
def test_any_damage_to_a_register_is_refused_or_leaves_one_that_can_be_used(
    stored: StoredWrite, damage: list[tuple[int, int]]
) -> None:
    state = bytearray(stored.state)
    for at, byte in damage:
        state[at % len(state)] = byte
    kept = Register(FOLIO_WINDOW, "elsewhere")
    loaded = Ledger(PLAN)
    loaded.load(one._replace(register=kept) for one in STORED if one.register == Register(FOLIO_WINDOW, "stay/1"))
    before = everything(loaded)
    rest = [one for one in STORED if one.register == stored.register and one.dot != stored.dot]
    try:
        loaded.load([*rest, stored._replace(state=bytes(state))])
    except RegisterCorrupt:
        assert everything(loaded) == before
    else:
        assert everything(loaded)


def everything(ledger: Ledger) -> tuple[object, ...]:
    return (ledger.content_sums(), ledger.conflicts(), ledger.closed_conflicts(), ledger.alerts())


def test_a_name_of_another_registers_write_closes_nothing() -> None:
    desk = Desk(1)
    elsewhere = desk.put(STAY_GUEST, "stay", {"guest": "sato"})
    here = desk.put(TERMS, "stay", terms())
    desk.act(Write.of(ROW, terms(nights=3), (elsewhere.dot, here.dot)))
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
    assert list(ledger.all_stored()) == []


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
        Desk(1).act(Write.of(Register(TERMS, "a"), terms("2016-08-08", 2)), occupied("a", "101")),
        Desk(2).act(Write.of(Register(TERMS, "b"), terms("2016-08-10", 0)), occupied("b", "102")),
        Desk(3).act(Write.of(Register(TERMS, "c"), terms("2016-08-01", 3)), occupied("c", "201", "in_house")),
        Desk(4).act(Write.of(Register(BUSINESS_DAY, "hotel"), {"date": "2016-08-09"})),
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
    return Write.of(Register(OCCUPANCY, stay), occupancy(status, room))


def test_a_dot_is_written_as_its_journal_and_number() -> None:
    assert str(Dot(Desk(1).put(TERMS, "stay", terms()).dot.journal, 7)) == "00000000:7"
