"""How concurrent writes of one register are settled: by class, then by the rank of the system, then by age."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.journal.clock import Stamp
from crdt_pms.ledger import rows as rows_module
from crdt_pms.ledger.errors import PolicyTableIncomplete
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.matters import Matter, Policy
from crdt_pms.ledger.operation import Register, Write
from crdt_pms.ledger.policies import (
    BOOKING_ENGINE,
    BUSINESS_DAY,
    FIELD_GROUPS,
    FOLIO_SETTLEMENT,
    FOLIO_WINDOW,
    GROUPS_OF_KIND,
    GUEST_PROFILE,
    HOTEL_MEMBER,
    HOTEL_PMS,
    OCCUPANCY,
    ORIGINS,
    POSTING,
    ROW_KINDS,
    STAY_GUEST,
    TERMS,
    presence,
    require_complete,
)
from tests.crdt_pms.ledger.histories import (
    PLAN,
    Desk,
    Record,
    ledger_of,
    occupancy,
    posting,
    profile,
    settlement,
    terms,
    window,
)


def concurrently(group: str, *writes: tuple[int, str, int, Value]) -> list[Record]:
    """Writes that have not heard of each other: (number of the author, its system, time, value)."""
    return [Desk(number, origin, now_ms).put(group, "row", value) for number, origin, now_ms, value in writes]


def shown(group: str, *writes: tuple[int, str, int, Value]) -> Value | None:
    """What stands of concurrent writes, the same in every order of arrival."""
    records = concurrently(group, *writes)
    stands = [ledger_of(order).shown(Register(group, "row")) for order in permutations(records)]
    assert all(value == stands[0] for value in stands)
    return stands[0]


# Newest


@pytest.mark.parametrize("group", [OCCUPANCY, TERMS, STAY_GUEST, GUEST_PROFILE])
def test_of_equals_the_newest_is_shown(group: str) -> None:
    values: dict[str, tuple[Value, Value]] = {
        OCCUPANCY: (occupancy("reserved", "101"), occupancy("reserved", "102")),
        TERMS: (terms(nights=1), terms(nights=2)),
        STAY_GUEST: ({"guest": "sato"}, {"guest": "suzuki"}),
        GUEST_PROFILE: (profile("Sato"), profile("Suzuki")),
    }
    older, newer = values[group]
    assert shown(group, (2, HOTEL_PMS, 1_000, older), (1, HOTEL_PMS, 2_000, newer)) == newer
    assert shown(group, (2, HOTEL_PMS, 2_000, newer), (1, HOTEL_PMS, 1_000, older)) == newer


def test_of_one_instant_the_higher_dot_is_shown() -> None:
    sato, suzuki = {"guest": "sato"}, {"guest": "suzuki"}
    assert shown(STAY_GUEST, (1, HOTEL_PMS, 1_000, sato), (2, HOTEL_PMS, 1_000, suzuki)) == suzuki


def test_a_later_business_day_outranks_an_earlier_one_whoever_wrote_it_when() -> None:
    ninth, tenth = {"date": "2016-08-09"}, {"date": "2016-08-10"}
    assert shown(BUSINESS_DAY, (1, HOTEL_PMS, 1_000, tenth), (2, HOTEL_PMS, 9_000, ninth)) == tenth
    assert shown(BUSINESS_DAY, (1, BOOKING_ENGINE, 1_000, tenth), (2, HOTEL_PMS, 9_000, ninth)) == tenth


def test_a_write_that_knew_the_other_replaces_it_even_with_a_clock_that_stepped_back() -> None:
    desk = Desk(1, now_ms=9_000)
    desk.put(STAY_GUEST, "row", {"guest": "sato"})
    desk.now_ms = 1_000
    desk.put(STAY_GUEST, "row", {"guest": "suzuki"})
    assert desk.ledger.shown(Register(STAY_GUEST, "row")) == {"guest": "suzuki"}
    assert desk.ledger.conflicts() == []


# System priority: class, then rank, then age

ENDED = (StayStatus.CANCELLED, StayStatus.NO_SHOW)
NOT_ENDED = (StayStatus.REQUESTED, StayStatus.WAITLISTED, StayStatus.OPTIONAL, StayStatus.RESERVED)


def test_presence_is_in_house_over_checked_out_over_ended_over_paper() -> None:
    classes = {status: presence(occupancy(status), Stamp(0, 0)) for status in StayStatus}
    assert classes[StayStatus.IN_HOUSE] > classes[StayStatus.CHECKED_OUT]
    assert {classes[StayStatus.CHECKED_OUT] > classes[status] for status in (*ENDED, *NOT_ENDED)} == {True}
    assert len({classes[status] for status in ENDED}) == len({classes[status] for status in NOT_ENDED}) == 1
    assert classes[StayStatus.CANCELLED] > classes[StayStatus.RESERVED]


@pytest.mark.parametrize("status", [status for status in StayStatus if status is not StayStatus.IN_HOUSE])
def test_who_is_in_house_is_shown_whoever_says_otherwise_later(status: StayStatus) -> None:
    here = occupancy("in_house", "101", 5_000)
    assert shown(OCCUPANCY, (1, HOTEL_PMS, 1_000, here), (2, HOTEL_PMS, 9_000, occupancy(status))) == here
    assert shown(OCCUPANCY, (1, BOOKING_ENGINE, 1_000, here), (2, HOTEL_PMS, 9_000, occupancy(status))) == here


@pytest.mark.parametrize("status", [*ENDED, *NOT_ENDED])
def test_who_has_checked_out_is_shown_over_every_paper(status: StayStatus) -> None:
    gone = occupancy("checked_out", "101", 5_000)
    assert shown(OCCUPANCY, (1, BOOKING_ENGINE, 1_000, gone), (2, HOTEL_PMS, 9_000, occupancy(status))) == gone


@pytest.mark.parametrize("ended", ENDED)
@pytest.mark.parametrize("status", NOT_ENDED)
def test_a_cancelled_stay_is_not_revived_by_somebody_who_had_not_heard(ended: StayStatus, status: StayStatus) -> None:
    over = occupancy(ended, note="called")
    assigned = occupancy(status, "101")
    assert shown(OCCUPANCY, (1, BOOKING_ENGINE, 1_000, over), (2, HOTEL_PMS, 9_000, assigned)) == over


@pytest.mark.parametrize("group", [TERMS, STAY_GUEST, OCCUPANCY])
def test_within_a_class_the_pms_outranks_the_member_system_and_both_the_booking_engine(group: str) -> None:
    values: dict[str, Callable[[int], Value]] = {
        TERMS: lambda number: terms(nights=number),
        STAY_GUEST: lambda number: {"guest": f"guest-{number}"},
        OCCUPANCY: lambda number: occupancy("reserved", f"10{number}"),
    }
    value = values[group]
    pms, member = (1, HOTEL_PMS, 1_000, value(1)), (2, HOTEL_MEMBER, 2_000, value(2))
    engine = (3, BOOKING_ENGINE, 3_000, value(3))
    assert shown(group, pms, member, engine) == value(1)
    assert shown(group, member, engine) == value(2)


def test_of_a_guests_card_the_member_system_outranks_the_pms_and_both_the_booking_engine() -> None:
    member = (1, HOTEL_MEMBER, 1_000, profile("member"))
    pms, engine = (2, HOTEL_PMS, 2_000, profile("pms")), (3, BOOKING_ENGINE, 3_000, profile("engine"))
    assert shown(GUEST_PROFILE, member, pms, engine) == profile("member")
    assert shown(GUEST_PROFILE, pms, engine) == profile("pms")


def test_a_persons_resolution_outranks_class_rank_and_age() -> None:
    here, cancelled = occupancy("in_house", "101", 5_000), occupancy("cancelled")
    one, other, late = Desk(1, now_ms=1_000), Desk(2, now_ms=2_000), Desk(3, now_ms=9_000)
    one.put(OCCUPANCY, "row", here)
    other.put(OCCUPANCY, "row", cancelled)
    late.put(OCCUPANCY, "row", occupancy("in_house", "102", 9_000))
    one.hear(other)
    one.choose(OCCUPANCY, "row", cancelled)
    late.hear(one)
    assert late.ledger.shown(Register(OCCUPANCY, "row")) == cancelled


# Manual and identity: a person decides


@pytest.mark.parametrize("group", [FOLIO_WINDOW, FOLIO_SETTLEMENT])
def test_while_a_person_has_not_decided_what_both_started_from_is_shown(group: str) -> None:
    values: dict[str, tuple[Value, Value, Value]] = {
        FOLIO_WINDOW: (window("stay"), window("stay", "closed"), window("stay", "void")),
        FOLIO_SETTLEMENT: (settlement("a", 1), settlement("b", 2), settlement("c", 3)),
    }
    base, left, right = values[group]
    one, other = Desk(1), Desk(2, now_ms=5_000)
    other.hear(one.put(group, "row", base))
    one.put(group, "row", left)
    other.put(group, "row", right)
    one.hear(other)
    other.hear(one)
    for desk in (one, other):
        assert desk.ledger.shown(Register(group, "row")) == base
        assert desk.ledger.shown_write(Register(group, "row")) is None


def test_two_resolutions_that_differ_are_a_conflict_of_which_the_newer_is_shown() -> None:
    one, other = Desk(1), Desk(2, now_ms=5_000)
    one.put(FOLIO_WINDOW, "row", window("stay", "closed"))
    other.put(FOLIO_WINDOW, "row", window("stay", "void"))
    one.hear(other)
    other.hear(one)
    one.choose(FOLIO_WINDOW, "row", window("stay", "closed"))
    other.choose(FOLIO_WINDOW, "row", window("stay", "void"))
    one.hear(other)
    assert one.ledger.shown(Register(FOLIO_WINDOW, "row")) == window("stay", "void")
    assert [conflict.matter for conflict in one.ledger.conflicts()] == [Matter.CONFLICT_FOLIO_WINDOW]
    assert len(one.ledger.closed_conflicts()) == 2


@given(st.permutations([1, 2, 3]), st.lists(st.integers(1_000, 9_000), min_size=3, max_size=3))
def test_of_postings_with_one_identity_the_lowest_dot_counts(order: list[int], times_ms: list[int]) -> None:
    records = concurrently(
        POSTING, *((number, HOTEL_PMS, times_ms[number - 1], posting("stay", number)) for number in order)
    )
    ledger = ledger_of(records)
    assert ledger.shown(Register(POSTING, "row")) == posting("stay", 1)
    assert ledger.folio_balance("stay/1") == 1


def test_equal_postings_with_one_identity_are_one_posting_and_no_conflict() -> None:
    records = concurrently(
        POSTING, (1, HOTEL_PMS, 1_000, posting("stay", 9_000)), (2, HOTEL_PMS, 2_000, posting("stay", 9_000))
    )
    ledger = ledger_of(records)
    assert ledger.folio_balance("stay/1") == 9_000
    assert ledger.conflicts() == []
    assert ledger.postings_of_folio("stay/1") == ("row",)


@pytest.mark.parametrize("group", [OCCUPANCY, TERMS, STAY_GUEST, FOLIO_WINDOW, FOLIO_SETTLEMENT])
def test_agreement_is_no_conflict(group: str) -> None:
    value: dict[str, Value] = {
        OCCUPANCY: occupancy("cancelled"),
        TERMS: terms(),
        STAY_GUEST: {"guest": "sato"},
        FOLIO_WINDOW: window("stay"),
        FOLIO_SETTLEMENT: settlement("a", 1),
    }
    ledger = ledger_of(concurrently(group, (1, HOTEL_PMS, 1_000, value[group]), (2, HOTEL_PMS, 2_000, value[group])))
    assert len(ledger.siblings(Register(group, "row"))) == 2
    assert ledger.conflicts() == []


def test_personal_data_is_compared_without_being_read_so_that_a_conflict_outlives_its_erasure() -> None:
    records = concurrently(
        GUEST_PROFILE, (1, HOTEL_PMS, 1_000, profile("Sato")), (2, HOTEL_PMS, 2_000, profile("Sato"))
    )
    whole, erased = ledger_of(records), ledger_of(record.erased() for record in records)
    assert [conflict.matter for conflict in whole.conflicts()] == [Matter.CONFLICT_GUEST]
    assert [conflict.dots for conflict in erased.conflicts()] == [conflict.dots for conflict in whole.conflicts()]
    assert erased.content_sums() == whole.content_sums()
    assert erased.shown(Register(GUEST_PROFILE, "row")) == {**profile(""), "name": ""}
    assert erased.alerts() == []


# The table


def test_every_group_has_a_policy_and_every_kind_of_row_a_group() -> None:
    require_complete()
    assert {kind: len(GROUPS_OF_KIND[kind]) > 0 for kind in ROW_KINDS} == dict.fromkeys(ROW_KINDS, True)
    assert {group.conflict for group in FIELD_GROUPS.values()} == {
        matter for matter in Matter if matter.is_conflict and matter is not Matter.CONFLICT_ROOM_STATUS
    }


@pytest.mark.parametrize("policy", [None, Policy.DERIVED])
def test_a_group_without_a_policy_refuses_to_start(policy: Policy | None) -> None:
    without = replace(FIELD_GROUPS[TERMS], policy=policy)
    with pytest.raises(PolicyTableIncomplete, match=re_name(TERMS)):
        require_complete([*FIELD_GROUPS.values(), without])


def test_a_group_whose_conflict_is_declared_otherwise_refuses_to_start() -> None:
    with pytest.raises(PolicyTableIncomplete, match="conflict_terms"):
        require_complete([replace(FIELD_GROUPS[TERMS], policy=Policy.NEWEST)], ["stay"])


def test_a_group_that_does_not_rank_every_system_refuses_to_start() -> None:
    with pytest.raises(PolicyTableIncomplete, match="rank"):
        require_complete([replace(FIELD_GROUPS[TERMS], origins=ORIGINS[:2])], ["stay"])


def test_a_kind_of_row_without_a_group_refuses_to_start() -> None:
    with pytest.raises(PolicyTableIncomplete, match="minibar"):
        require_complete(row_kinds=[*ROW_KINDS, "minibar"])


def test_no_ledger_starts_with_an_incomplete_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def incomplete() -> None:
        require_complete([replace(FIELD_GROUPS[TERMS], policy=None)], ["stay"])

    monkeypatch.setattr(rows_module, "require_complete", incomplete)
    with pytest.raises(PolicyTableIncomplete):
        Ledger(PLAN)


def re_name(group: str) -> str:
    return group.replace(".", r"\.")


def test_a_write_of_a_late_author_names_only_what_it_read() -> None:
    first, second = Desk(1), Desk(2, now_ms=5_000)
    read = first.put(TERMS, "row", terms(nights=1))
    second.hear(read)
    first.put(TERMS, "row", terms(nights=2))
    late = second.act(Write.of(Register(TERMS, "row"), terms(nights=3), (read.dot,)))
    first.hear(late)
    (conflict,) = first.ledger.conflicts()
    assert [applied.value["nights"] for applied in conflict.siblings] == [2, 3]
