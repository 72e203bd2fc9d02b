"""Every matter that can need a person's eye: how it comes about, what is shown meanwhile, and when it ends."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from crdt_pms.hotel.rooms import Room, RoomPlan
from crdt_pms.hotel.statuses import HK_CONDITION, MAINTENANCE, Maintenance
from crdt_pms.journal.identifiers import DeviceId, Dot, JournalId
from crdt_pms.ledger.alerts import (
    Alert,
    ForkFact,
    JournalFact,
    QuarantineFact,
    StampFact,
    alerts_of_board,
    alerts_of_journals,
    alerts_of_versions,
    written_dot,
)
from crdt_pms.ledger.conflicts import Conflict, ConflictState, conflicts_of_board
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.levels import LEVEL
from crdt_pms.ledger.matters import Matter, Policy
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import (
    BUSINESS_DAY,
    FOLIO_SETTLEMENT,
    FOLIO_WINDOW,
    GUEST_PROFILE,
    OCCUPANCY,
    POSTING,
    POSTING_DECISION,
    STAY_GUEST,
    TERMS,
)
from crdt_pms.ledger.property_groups import ROOM
from tests.crdt_pms.ledger.histories import (
    Desk,
    Record,
    journal_id,
    occupancy,
    posting,
    profile,
    settlement,
    terms,
    window,
)


def two_desks(*, one_ms: int = 1_000, other_ms: int = 2_000, other_origin: str = "hotel-pms") -> tuple[Desk, Desk]:
    """Two authors who have not heard of each other; unless told otherwise the second writes later."""
    return Desk(1, now_ms=one_ms), Desk(2, other_origin, now_ms=other_ms)


def heal(one: Desk, other: Desk) -> None:
    one.hear(other)
    other.hear(one)
    assert one.ledger.content_sums() == other.ledger.content_sums()


def the_conflict(desk: Desk, matter: Matter) -> Conflict:
    (conflict,) = desk.ledger.conflicts()
    assert conflict.matter is matter
    assert conflict.is_complete
    return conflict


def losing_values(conflict: Conflict) -> list[Value]:
    return [applied.value for applied in conflict.losing]


def alerts(ledger: Ledger, matter: Matter) -> list[Alert]:
    return [found for found in ledger.alerts() if found.matter is matter]


def the_alert(desk: Desk, matter: Matter) -> Alert:
    (found,) = alerts(desk.ledger, matter)
    return found


def assert_closed_with(desk: Desk, conflict: Conflict, closing: Record, losing: list[Value]) -> None:
    assert desk.ledger.conflicts() == []
    (closed,) = desk.ledger.closed_conflicts(conflict.register)
    assert (closed.register, closed.dots) == (conflict.register, conflict.dots)
    assert closed.state is ConflictState.CLOSED
    assert closed.closing is not None
    assert closed.closing.dot == closing.dot
    assert losing_values(closed) == losing


# Conflicts of one register


def test_conflict_occupancy() -> None:
    one, other = two_desks()
    other.hear(one.put(OCCUPANCY, "stay", occupancy("reserved")))
    arrived, cancelled = occupancy("in_house", "101", 5_000), occupancy("cancelled", note="called")
    one.put(OCCUPANCY, "stay", arrived)
    other.put(OCCUPANCY, "stay", cancelled)
    heal(one, other)
    conflict = the_conflict(one, Matter.CONFLICT_OCCUPANCY)
    assert conflict.state is ConflictState.SETTLED_BY_POLICY
    assert conflict.shown == arrived
    assert losing_values(conflict) == [cancelled]
    closing = other.put(OCCUPANCY, "stay", arrived)
    assert_closed_with(other, conflict, closing, [cancelled])


def test_conflict_terms() -> None:
    one, other = two_desks(other_origin="booking-engine")
    desk, engine = terms(nights=3), terms(nights=1)
    one.put(TERMS, "stay", desk)
    other.put(TERMS, "stay", engine)
    heal(one, other)
    conflict = the_conflict(one, Matter.CONFLICT_TERMS)
    assert conflict.state is ConflictState.SETTLED_BY_POLICY
    assert conflict.shown == desk, "the PMS outranks the booking engine, although the engine wrote later"
    assert losing_values(conflict) == [engine]
    closing = one.choose(TERMS, "stay", engine)
    assert one.ledger.shown(Register(TERMS, "stay")) == engine
    assert_closed_with(one, conflict, closing, [desk])


def test_conflict_stay_guest() -> None:
    one, other = two_desks()
    one.put(STAY_GUEST, "stay", {"guest": "sato"})
    other.put(STAY_GUEST, "stay", {"guest": "suzuki"})
    heal(one, other)
    conflict = the_conflict(one, Matter.CONFLICT_STAY_GUEST)
    assert conflict.state is ConflictState.SETTLED_BY_POLICY
    assert conflict.shown == {"guest": "suzuki"}
    assert losing_values(conflict) == [{"guest": "sato"}]
    closing = one.put(STAY_GUEST, "stay", {"guest": "sato"})
    assert_closed_with(one, conflict, closing, [{"guest": "suzuki"}])


def test_conflict_guest() -> None:
    one, other = two_desks(one_ms=9_000, other_ms=1_000, other_origin="hotel-member")
    typed, member = profile("Sato, Hanako"), profile("佐藤 花子")
    one.put(GUEST_PROFILE, "guest", typed)
    other.put(GUEST_PROFILE, "guest", member)
    heal(one, other)
    conflict = the_conflict(one, Matter.CONFLICT_GUEST)
    assert conflict.state is ConflictState.SETTLED_BY_POLICY
    assert conflict.shown == member, "the member system outranks the PMS, although the PMS wrote later"
    assert losing_values(conflict) == [typed]
    closing = one.put(GUEST_PROFILE, "guest", member)
    assert_closed_with(one, conflict, closing, [typed, member])


def test_conflict_folio_window() -> None:
    one, other = two_desks()
    opened, closed, void = window("stay"), window("stay", "closed"), window("stay", "void")
    other.hear(one.put(FOLIO_WINDOW, "stay/1", opened))
    one.put(FOLIO_WINDOW, "stay/1", closed)
    other.put(FOLIO_WINDOW, "stay/1", void)
    heal(one, other)
    conflict = the_conflict(one, Matter.CONFLICT_FOLIO_WINDOW)
    assert conflict.state is ConflictState.OPEN
    assert conflict.shown == opened, "what both sides started from"
    assert conflict.shown_dot is None
    assert losing_values(conflict) == [closed, void]
    closing = other.choose(FOLIO_WINDOW, "stay/1", closed)
    assert other.ledger.shown(Register(FOLIO_WINDOW, "stay/1")) == closed
    assert_closed_with(other, conflict, closing, [void])


def test_conflict_settlement() -> None:
    one, other = two_desks()
    cash, card = settlement("payment:a", 9_000), settlement("payment:b", 9_000, "card")
    one.put(FOLIO_SETTLEMENT, "stay/1", cash)
    other.put(FOLIO_SETTLEMENT, "stay/1", card)
    heal(one, other)
    conflict = the_conflict(one, Matter.CONFLICT_SETTLEMENT)
    assert conflict.state is ConflictState.OPEN
    assert conflict.shown == cash, "neither had seen a settlement: the lowest dot stands until a person chooses"
    assert losing_values(conflict) == [card]
    closing = one.choose(FOLIO_SETTLEMENT, "stay/1", card)
    assert one.ledger.shown(Register(FOLIO_SETTLEMENT, "stay/1")) == card
    assert_closed_with(one, conflict, closing, [cash])


def test_conflict_posting() -> None:
    one, other = two_desks(one_ms=9_000, other_ms=1_000)
    night = "audit:stay:2016-08-08:room"
    nine, eight = posting("stay", 9_000), posting("stay", 8_000)
    one.put(POSTING, night, nine)
    other.put(POSTING, night, eight)
    heal(one, other)
    conflict = the_conflict(one, Matter.CONFLICT_POSTING)
    assert conflict.state is ConflictState.OPEN
    assert conflict.shown == nine, "the lowest dot counts, whatever the clocks said"
    assert losing_values(conflict) == [eight]
    assert one.ledger.folio_balance("stay/1") == 9_000
    closing = other.choose(POSTING, night, eight)
    assert other.ledger.folio_balance("stay/1") == 8_000
    assert_closed_with(other, conflict, closing, [nine])


def test_conflict_posting_decision() -> None:
    one, other = two_desks()
    night = "audit:stay:2016-08-08:room"
    nine, eight = posting("stay", 9_000), posting("stay", 8_000)
    one.put(POSTING, night, nine)
    other.put(POSTING, night, eight)
    heal(one, other)
    one.choose(POSTING, night, nine)
    other.choose(POSTING, night, eight)
    heal(one, other)
    conflict = the_conflict(one, Matter.CONFLICT_POSTING_DECISION)
    assert conflict.state is ConflictState.SETTLED_BY_POLICY
    assert one.ledger.folio_balance("stay/1") == 8_000, "the newest choice counts"
    one.put(POSTING_DECISION, night, conflict.losing[0].value)
    assert one.ledger.folio_balance("stay/1") == 9_000


def test_a_choice_among_postings_does_not_count_for_one_that_comes_later() -> None:
    one, other = two_desks()
    night = "audit:stay:2016-08-08:room"
    one.put(POSTING, night, posting("stay", 9_000))
    other.put(POSTING, night, posting("stay", 8_000))
    heal(one, other)
    one.choose(POSTING, night, posting("stay", 8_000))
    assert one.ledger.conflicts() == []
    third = Desk(3, now_ms=7_000)
    one.hear(third.put(POSTING, night, posting("stay", 7_000)))
    assert the_conflict(one, Matter.CONFLICT_POSTING).state is ConflictState.OPEN
    assert one.ledger.folio_balance("stay/1") == 8_000, "what was chosen is shown all the same"


def test_conflict_business_day() -> None:
    one, other = two_desks(one_ms=1_000, other_ms=9_000)
    one.put(BUSINESS_DAY, "hotel", {"date": "2016-08-10"})
    other.put(BUSINESS_DAY, "hotel", {"date": "2016-08-09"})
    heal(one, other)
    conflict = the_conflict(one, Matter.CONFLICT_BUSINESS_DAY)
    assert conflict.state is ConflictState.SETTLED_BY_POLICY
    assert conflict.shown == {"date": "2016-08-10"}, "the business day does not go back"
    assert losing_values(conflict) == [{"date": "2016-08-09"}]
    assert one.ledger.business_date() == "2016-08-10"
    closing = one.put(BUSINESS_DAY, "hotel", {"date": "2016-08-11"})
    assert_closed_with(one, conflict, closing, [{"date": "2016-08-10"}, {"date": "2016-08-09"}])


def test_conflict_property() -> None:
    one, other = two_desks(one_ms=1_000, other_ms=9_000)
    base = {"room_type": "A", "active": True}
    one.put(ROOM, "101", {"floor": 1, **base})
    other.put(ROOM, "101", {"floor": 2, **base})
    heal(one, other)
    conflict = the_conflict(one, Matter.CONFLICT_PROPERTY)
    assert conflict.state is ConflictState.SETTLED_BY_POLICY
    assert conflict.shown == {"floor": 2, **base}, "the newer one"
    closing = one.put(ROOM, "101", {"floor": 3, **base})
    assert_closed_with(one, conflict, closing, [{"floor": 1, **base}, {"floor": 2, **base}])


class Standing(NamedTuple):
    value: str
    stamp: tuple[int, int]
    journal: bytes
    seq: int
    author: str


def standing(value: str, number: int, ms: int) -> Standing:
    return Standing(value, (ms, 0), journal_id(number), 1, f"staff-{number}")


def test_conflict_room_status() -> None:
    clean, dirty = standing("clean", 2, 1_000), standing("dirty", 1, 2_000)
    (conflict,) = conflicts_of_board({"101": {HK_CONDITION: (clean, dirty)}})
    assert conflict.matter is Matter.CONFLICT_ROOM_STATUS
    assert conflict.register == Register("board.hk_condition", "101")
    assert conflict.state is ConflictState.SETTLED_BY_POLICY
    assert conflict.shown == {"value": "dirty"}
    assert losing_values(conflict) == [{"value": "clean"}]
    assert [applied.author for applied in conflict.losing] == ["staff-2"]
    assert conflicts_of_board({"101": {HK_CONDITION: (dirty, clean)}}) == [conflict]
    assert conflicts_of_board({"101": {HK_CONDITION: (standing("clean", 3, 3_000),)}}) == []
    agreed = (clean, standing("clean", 1, 2_000))
    assert conflicts_of_board({"101": {HK_CONDITION: agreed}}) == []


# Alerts across rows


def test_alert_room_retired_with_stay() -> None:
    desk, _other = two_desks()
    desk.put(TERMS, "stay", terms("2016-08-08", 2))
    desk.put(OCCUPANCY, "stay", occupancy("reserved", "101"))
    assert alerts(desk.ledger, Matter.ALERT_ROOM_RETIRED_WITH_STAY) == []
    left = RoomPlan([Room("102", 1, "twin"), Room("201", 2, "double")])
    desk.ledger.set_property(left, {"101"}, "2016-08-08")
    found = the_alert(desk, Matter.ALERT_ROOM_RETIRED_WITH_STAY)
    assert dict(found.facts) == {"stay": "stay", "room": "101"}
    assert found.proposal == ("102", "201")
    desk.put(OCCUPANCY, "stay", occupancy("reserved", "102"))
    assert alerts(desk.ledger, Matter.ALERT_ROOM_RETIRED_WITH_STAY) == []


def test_alert_room_double_booked() -> None:
    one, other = two_desks()
    for desk, stay, nights in ((one, "early", 2), (other, "late", 3)):
        desk.put(TERMS, stay, terms("2016-08-08", nights))
        desk.put(OCCUPANCY, stay, occupancy("reserved", "101"))
    heal(one, other)
    found = the_alert(one, Matter.ALERT_ROOM_DOUBLE_BOOKED)
    assert dict(found.facts) == {
        "first_stay": "early",
        "second_stay": "late",
        "room": "101",
        "from_date": "2016-08-08",
        "until_date": "2016-08-10",
    }
    assert found.detail("shown_stay") == "early"
    assert found.proposal == ("102", "201", "202"), "free rooms, those of the booked type first"
    assert one.ledger.shown_room("early") == "101"
    assert one.ledger.shown_room("late") is None
    assert one.ledger.displaced_stays() == {"late"}
    assert dict(one.ledger.alerts(unavailable_rooms={"102"})[0].details)["shown_stay"] == "early"
    assert one.ledger.alerts(unavailable_rooms={"102"})[0].proposal == ("201", "202")

    other.put(OCCUPANCY, "late", occupancy("in_house", "101", 7_000))
    one.hear(other)
    assert the_alert(one, Matter.ALERT_ROOM_DOUBLE_BOOKED).identity == found.identity
    assert one.ledger.shown_room("late") == "101", "who stands in the room is shown in it"
    assert one.ledger.displaced_stays() == {"early"}

    one.put(OCCUPANCY, "early", occupancy("reserved", "102"))
    assert alerts(one.ledger, Matter.ALERT_ROOM_DOUBLE_BOOKED) == []
    assert one.ledger.shown_room("early") == "102"
    assert one.ledger.displaced_stays() == frozenset()


def test_alert_reversal_over_original() -> None:
    one, other = two_desks()
    other.hear(one.put(POSTING, "charge:a", posting("stay", 9_000)))
    one.put(POSTING, "reversal:1", posting("stay", -9_000, "reversal", "charge:a"))
    other.put(POSTING, "reversal:2", posting("stay", -5_000, "reversal", "charge:a"))
    assert alerts(one.ledger, Matter.ALERT_REVERSAL_OVER_ORIGINAL) == []
    heal(one, other)
    found = the_alert(one, Matter.ALERT_REVERSAL_OVER_ORIGINAL)
    assert dict(found.facts) == {"original": "charge:a", "original_minor": 9_000, "reversed_minor": 14_000}
    assert found.detail("reversals") == ("reversal:1", "reversal:2")
    assert one.ledger.folio_balance("stay/1") == -5_000, "all postings are kept"
    one.put(POSTING, "reversal:3", posting("stay", 5_000, "reversal", "charge:a"))
    assert alerts(one.ledger, Matter.ALERT_REVERSAL_OVER_ORIGINAL) == []


def test_alert_settlement_over_balance() -> None:
    one, other = two_desks()
    other.hear(
        one.put(OCCUPANCY, "stay", occupancy("in_house", "101", 5_000)),
        one.put(POSTING, "charge:a", posting("stay", 9_000)),
    )
    one.put(POSTING, "payment:a", posting("stay", -9_000, "payment"))
    other.put(POSTING, "payment:b", posting("stay", -9_000, "payment"))
    assert alerts(one.ledger, Matter.ALERT_SETTLEMENT_OVER_BALANCE) == []
    heal(one, other)
    found = the_alert(one, Matter.ALERT_SETTLEMENT_OVER_BALANCE)
    assert dict(found.facts) == {"stay": "stay", "folio": "stay/1", "balance_minor": -9_000}
    assert one.ledger.postings_of_folio("stay/1") == ("charge:a", "payment:a", "payment:b"), "both payments stand"
    one.put(POSTING, "refund:a", posting("stay", 9_000, "refund"))
    assert alerts(one.ledger, Matter.ALERT_SETTLEMENT_OVER_BALANCE) == []


def test_a_deposit_before_the_stay_is_not_overpaid() -> None:
    desk = Desk(1)
    desk.put(OCCUPANCY, "stay", occupancy("reserved"))
    desk.put(POSTING, "payment:a", posting("stay", -5_000, "deposit"))
    assert alerts(desk.ledger, Matter.ALERT_SETTLEMENT_OVER_BALANCE) == []
    desk.put(OCCUPANCY, "stay", occupancy("cancelled"))
    assert the_alert(desk, Matter.ALERT_SETTLEMENT_OVER_BALANCE).fact("balance_minor") == -5_000


def test_alert_posting_into_closed_window() -> None:
    one, other = two_desks()
    other.hear(one.put(FOLIO_WINDOW, "stay/1", window("stay")))
    one.put(FOLIO_WINDOW, "stay/1", window("stay", "closed"))
    other.put(POSTING, "charge:minibar", posting("stay", 500))
    heal(one, other)
    found = the_alert(one, Matter.ALERT_POSTING_INTO_CLOSED_WINDOW)
    assert dict(found.facts) == {"stay": "stay", "folio": "stay/1", "balance_minor": 500}
    assert found.detail("postings_unseen") == ("charge:minibar",)
    one.put(FOLIO_WINDOW, "stay/1", window("stay"))
    assert alerts(one.ledger, Matter.ALERT_POSTING_INTO_CLOSED_WINDOW) == []


def test_a_posting_after_a_folio_went_to_receivables_is_alerted_until_it_is_closed_again() -> None:
    one, other = two_desks()
    one.put(POSTING, "charge:a", posting("stay", 9_000))
    one.put(FOLIO_WINDOW, "stay/1", window("stay", "closed", "city ledger"))
    assert alerts(one.ledger, Matter.ALERT_POSTING_INTO_CLOSED_WINDOW) == []
    other.put(POSTING, "charge:minibar", posting("stay", 500))
    heal(one, other)
    found = the_alert(one, Matter.ALERT_POSTING_INTO_CLOSED_WINDOW)
    assert found.detail("postings_unseen") == ("charge:minibar",)
    one.now_ms = 3_000
    one.put(FOLIO_WINDOW, "stay/1", window("stay", "closed", "city ledger, with minibar"))
    assert alerts(one.ledger, Matter.ALERT_POSTING_INTO_CLOSED_WINDOW) == []


def test_alert_check_out_with_balance() -> None:
    one, other = two_desks()
    other.hear(one.put(OCCUPANCY, "stay", occupancy("in_house", "101", 5_000)))
    one.put(OCCUPANCY, "stay", occupancy("checked_out", "101"))
    other.put(POSTING, "charge:minibar", posting("stay", 500))
    heal(one, other)
    found = the_alert(one, Matter.ALERT_CHECK_OUT_WITH_BALANCE)
    assert dict(found.facts) == {"stay": "stay", "folio": "stay/1", "balance_minor": 500}
    one.put(POSTING, "payment:a", posting("stay", -500, "payment"))
    assert alerts(one.ledger, Matter.ALERT_CHECK_OUT_WITH_BALANCE) == []


def test_a_check_out_on_account_is_not_alerted() -> None:
    desk = Desk(1)
    desk.put(POSTING, "charge:a", posting("stay", 9_000))
    desk.put(OCCUPANCY, "stay", occupancy("checked_out", "101"))
    assert the_alert(desk, Matter.ALERT_CHECK_OUT_WITH_BALANCE).fact("folio") == "stay/1"
    desk.put(FOLIO_WINDOW, "stay/1", window("stay", "closed", "city ledger"))
    assert alerts(desk.ledger, Matter.ALERT_CHECK_OUT_WITH_BALANCE) == []


def test_alert_check_out_overruled() -> None:
    one, other = two_desks()
    other.hear(
        one.put(TERMS, "stay", terms()),
        one.put(OCCUPANCY, "stay", occupancy("in_house", "101", 5_000)),
    )
    left = other.put(OCCUPANCY, "stay", occupancy("checked_out", "101", 5_000))
    moved = one.put(OCCUPANCY, "stay", occupancy("in_house", "102", 5_000))
    heal(one, other)
    found = the_alert(one, Matter.ALERT_CHECK_OUT_OVERRULED)
    assert dict(found.facts) == {
        "stay": "stay",
        "check_in": written_dot(moved.dot),
        "check_out": written_dot(left.dot),
    }
    assert dict(found.details) == {"room": "102", "checked_out_by": "staff-2"}
    assert one.ledger.shown_room("stay") == "102"
    one.choose(OCCUPANCY, "stay", occupancy("checked_out", "101", 5_000))
    assert alerts(one.ledger, Matter.ALERT_CHECK_OUT_OVERRULED) == []


def test_alert_stay_changed_apart() -> None:
    one, other = two_desks()
    other.hear(
        one.put(TERMS, "stay", terms(nights=2)),
        one.put(OCCUPANCY, "stay", occupancy("reserved", "101")),
    )
    cancelled = one.put(OCCUPANCY, "stay", occupancy("cancelled"))
    amended = other.put(TERMS, "stay", terms(nights=5))
    assert alerts(one.ledger, Matter.ALERT_STAY_CHANGED_APART) == []
    heal(one, other)
    found = the_alert(one, Matter.ALERT_STAY_CHANGED_APART)
    assert dict(found.facts) == {
        "stay": "stay",
        "occupancy": written_dot(cancelled.dot),
        "terms": written_dot(amended.dot),
    }
    assert (found.detail("occupancy_by"), found.detail("terms_by")) == ("staff-1", "staff-2")
    assert one.ledger.conflicts() == [], "no register says two things"
    one.put(OCCUPANCY, "stay", occupancy("cancelled"))
    assert alerts(one.ledger, Matter.ALERT_STAY_CHANGED_APART) == []


def test_alert_stay_incomplete() -> None:
    desk = Desk(1)
    desk.put(OCCUPANCY, "ghost", occupancy("in_house", "101", 5_000))
    found = the_alert(desk, Matter.ALERT_STAY_INCOMPLETE)
    assert (dict(found.facts), found.detail("room")) == ({"stay": "ghost"}, "101")
    assert found.detail("missing") == (TERMS, STAY_GUEST)
    desk.put(TERMS, "ghost", terms())
    assert the_alert(desk, Matter.ALERT_STAY_INCOMPLETE).identity == found.identity
    desk.put(STAY_GUEST, "ghost", {"guest": "sato"})
    assert alerts(desk.ledger, Matter.ALERT_STAY_INCOMPLETE) == []


def test_alert_business_date_ahead() -> None:
    one, other = two_desks()
    one.put(BUSINESS_DAY, "hotel", {"date": "2016-08-09"})
    wrong = other.put(BUSINESS_DAY, "hotel", {"date": "2999-01-01"})
    heal(one, other)
    found = the_alert(one, Matter.ALERT_BUSINESS_DATE_AHEAD)
    assert dict(found.facts) == {"property": "hotel", "date": "2999-01-01", "entry": written_dot(wrong.dot)}
    assert one.ledger.business_date() == "2016-08-09", "a date that its stamp does not bear out comes last"
    one.put(BUSINESS_DAY, "hotel", {"date": "2999-01-01"})
    assert one.ledger.business_date() == "2999-01-01", "where nothing else stands"
    assert the_alert(one, Matter.ALERT_BUSINESS_DATE_AHEAD).detail("is_shown") == 1
    one.put(BUSINESS_DAY, "hotel", {"date": "2016-08-09"})
    assert one.ledger.business_date() == "2016-08-09", "an earlier date by somebody who saw it is the way back"
    assert alerts(one.ledger, Matter.ALERT_BUSINESS_DATE_AHEAD) == []


def test_alert_value_without_meaning() -> None:
    desk = Desk(1)
    desk.put(TERMS, "stay", terms())
    newer = desk.newer(OCCUPANCY, "stay", {"status": "asleep", "room": "101", "+pillow": "soft", "bed": 2})
    found = the_alert(desk, Matter.ALERT_VALUE_WITHOUT_MEANING)
    assert dict(found.facts) == {
        "group": OCCUPANCY,
        "row": "stay",
        "field": "status",
        "entry": written_dot(newer.dot),
    }
    assert found.proposal == ("check_out",)
    assert desk.ledger.shown(Register(OCCUPANCY, "stay")) == occupancy("in_house", "101")
    again = desk.put(OCCUPANCY, "stay", occupancy("checked_out", "101"))
    assert alerts(desk.ledger, Matter.ALERT_VALUE_WITHOUT_MEANING) == []
    (write,) = again.operation.writes
    assert write.content == {"status": "checked_out", "room": "101", "+pillow": "soft"}, "what is bound is dropped"


def test_alert_maintenance_on_assigned_room() -> None:
    desk = Desk(1)
    desk.put(BUSINESS_DAY, "hotel", {"date": "2016-08-08"})
    desk.put(TERMS, "stay", terms())
    desk.put(OCCUPANCY, "stay", occupancy("reserved", "101"))
    usable = standing(Maintenance.NONE, 1, 1_000)
    broken = standing(Maintenance.OUT_OF_ORDER, 2, 2_000)
    (found,) = alerts_of_board({"101": {MAINTENANCE: (broken, usable)}}, desk.ledger.occupants())
    assert found.matter is Matter.ALERT_MAINTENANCE_ON_ASSIGNED_ROOM
    assert dict(found.facts) == {"room": "101", "stay": "stay", "maintenance": "out_of_order"}
    assert dict(found.details) == {"status": "reserved", "author": "staff-2"}

    repaired = standing(Maintenance.NONE, 1, 3_000)
    assert alerts_of_board({"101": {MAINTENANCE: (broken, repaired)}}, desk.ledger.occupants()) == []
    assert alerts_of_board({"102": {MAINTENANCE: (broken,)}}, desk.ledger.occupants()) == []
    desk.put(OCCUPANCY, "stay", occupancy("reserved", "102"))
    assert alerts_of_board({"101": {MAINTENANCE: (broken,)}}, desk.ledger.occupants()) == []


# Alerts of the journals

DESK_A, DESK_B = DeviceId("a" * 32), DeviceId("b" * 32)


def journal(
    number: int, device: DeviceId = DESK_A, previous: tuple[JournalId, int] | None = None, held: int = 1
) -> JournalFact:
    return JournalFact(journal_id(number), device, previous, held)


def test_alert_journal_forked() -> None:
    first = journal(1, held=5)
    copied, original = journal(2, previous=(journal_id(1), 5)), journal(3, previous=(journal_id(1), 5))
    (found,) = alerts_of_journals([original, first, copied])
    assert found.matter is Matter.ALERT_JOURNAL_FORKED
    assert dict(found.facts) == {"device": DESK_A, "continued": journal_id(1).hex()}
    assert found.detail("journals") == (journal_id(2).hex(), journal_id(3).hex())
    assert alerts_of_journals([first, copied]) == []
    assert alerts_of_journals([first, journal(4, DESK_B)]) == [], "every device has a first journal"


def test_alert_journal_slot_forked() -> None:
    journal = JournalId(b"1" * 16)
    fact = ForkFact(DeviceId("d" * 32), journal, 7, b"a" * 32, b"b" * 32)
    (found,) = alerts_of_journals([], forks=[fact])
    assert found.matter is Matter.ALERT_JOURNAL_SLOT_FORKED
    assert dict(found.facts) == {"device": "d" * 32, "journal": journal.hex(), "slot": 7}
    assert found.detail("hashes") == ((b"a" * 32).hex(), (b"b" * 32).hex())
    (other,) = alerts_of_journals([], forks=[fact._replace(lower=b"0" * 32)])
    assert other.identity == found.identity, "a third branch makes no second alert"


def test_alert_journal_restored() -> None:
    first = journal(1, held=9)
    restored = journal(2, previous=(journal_id(1), 5))
    (found,) = alerts_of_journals([restored, first])
    assert found.matter is Matter.ALERT_JOURNAL_RESTORED
    assert dict(found.facts) == {
        "device": DESK_A,
        "journal": journal_id(2).hex(),
        "continued": journal_id(1).hex(),
        "from": 5,
    }
    assert found.detail("forgotten_entries") == 4
    assert alerts_of_journals([first, journal(2, previous=(journal_id(1), 9))]) == []


def test_alert_stamp_out_of_bound() -> None:
    (found,) = alerts_of_journals([journal(1)], [StampFact(journal_id(1), 600_000)])
    assert found.matter is Matter.ALERT_STAMP_OUT_OF_BOUND
    assert dict(found.facts) == {"journal": journal_id(1).hex()}
    assert found.detail("lead_ms") == 600_000
    assert alerts_of_journals([journal(1)], []) == []


def test_alert_entry_held() -> None:
    held = QuarantineFact(Dot(journal_id(1), 7), "format_unknown")
    (found,) = alerts_of_versions([held], LEVEL)
    assert found.matter is Matter.ALERT_ENTRY_HELD
    assert dict(found.facts) == {"entry": written_dot(held.dot), "reason": "format_unknown"}
    assert alerts_of_versions([], LEVEL) == []


def test_alert_program_too_old() -> None:
    (found,) = alerts_of_versions([], LEVEL + 1)
    assert found.matter is Matter.ALERT_PROGRAM_TOO_OLD
    assert dict(found.facts) == {"level": LEVEL + 1, "known": LEVEL}


def test_alert_entry_quarantined() -> None:
    held = QuarantineFact(Dot(journal_id(1), 7), "operation_malformed")
    (found,) = alerts_of_journals([], quarantined=[held])
    assert found.matter is Matter.ALERT_ENTRY_QUARANTINED
    assert dict(found.facts) == {"entry": written_dot(held.dot), "reason": "operation_malformed"}
    assert alerts_of_journals([], quarantined=[]) == []


# The list itself


@pytest.mark.parametrize("matter", Matter)
def test_each_matter_has_a_test_words_and_a_policy(matter: Matter) -> None:
    assert f"test_{matter.value}" in globals()
    assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", matter.japanese)
    assert matter.english.isascii()
    assert matter.english
    assert isinstance(matter.policy, Policy)
    assert matter.is_conflict == matter.value.startswith("conflict_")


def test_the_words_of_no_two_matters_are_the_same() -> None:
    assert len({matter.japanese for matter in Matter}) == len({matter.english for matter in Matter}) == len(Matter)
