"""Departures: check-out, and taking back a check-out or a no-show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.departures import CheckOut, Reinstate
from crdt_pms.desk.actions.folio import PostCharge, PostPayment, SettleFolio
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.reservations import AmendTerms, CancelStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.refusals import RefusalCode
from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.statuses import GUEST_SERVICE, GuestService, StayStatus
from crdt_pms.ledger.matters import Matter
from tests.crdt_pms.desk.desks import DAY_AFTER, RATE, TODAY, TOMORROW, Terminal, cut_apart, heal, reservation


def slept(nights: int = 1) -> Terminal:
    """A guest who slept one night of those agreed, which is charged; the desk works on the next day."""
    desk = Terminal().house(nights=nights)
    desk.do(RunNightAudit(TODAY))
    return desk


def test_a_guest_who_owes_nothing_is_checked_out() -> None:
    desk = slept()
    desk.do(SetRoomCondition("101", GUEST_SERVICE, "do_not_disturb"), SettleFolio("sato", "cash", "k1", RATE))
    desk.do(CheckOut("sato"))
    stay = desk.stay()
    assert (stay.status, stay.room) == (StayStatus.CHECKED_OUT, "101")
    assert stay.occupancy.departed_at is not None
    assert desk.folio().status is WindowStatus.CLOSED
    assert desk.condition("101") == "dirty"
    assert desk.view.room_board("101").guest_service is GuestService.NONE
    assert desk.matters() == []


def test_a_guest_who_owes_leaves_only_with_a_managers_note() -> None:
    desk = slept()
    refused = desk.refuses(CheckOut("sato"), RefusalCode.BALANCE_OPEN)
    assert "￥9,000" in refused.message_ja
    assert "¥9,000" in refused.message_en
    desk.do(CheckOut("sato", "city ledger", RATE))
    assert desk.folio().note == "city ledger"
    assert desk.matters() == [], "a balance that went to receivables is no alert"


def test_a_guest_whom_the_house_owes_leaves_only_with_a_note_too() -> None:
    desk = Terminal().house()
    desk.do(PostPayment("sato", 5_000, "cash", "k1", 0, deposit=True))
    assert "-¥5,000" in desk.refuses(CheckOut("sato"), RefusalCode.BALANCE_OPEN).message_en


def test_a_note_without_a_balance_is_not_kept() -> None:
    desk = slept()
    desk.do(SettleFolio("sato", "cash", "k1", RATE))
    assert desk.do(CheckOut("sato", manager_note="by the way")).operations[0].reason == ""
    assert desk.folio().note is None


def test_of_two_guests_in_one_room_only_the_departure_of_the_one_whose_room_it_is_makes_it_dirty() -> None:
    desk = Terminal().reserve("sato", nights=1).reserve("suzuki", nights=1).clean("101")
    other, *_ = cut_apart(desk, 2)
    desk.do(CheckIn("sato", room="101"))
    other.do(CheckIn("suzuki", room="101"))
    heal(desk, other)
    desk.do(CheckOut("suzuki"))
    assert desk.condition("101") == "clean"
    desk.do(CheckOut("sato"))
    assert desk.condition("101") == "dirty"


def test_nights_that_no_audit_has_charged_are_owed_at_check_out() -> None:
    auditor = Terminal()
    cut, *_ = cut_apart(auditor, 2)
    cut.house(nights=2)
    auditor.do(RunNightAudit(TODAY))
    cut.hear(auditor)
    assert cut.balance() == 0
    cut.refuses(CheckOut("sato"), RefusalCode.BALANCE_OPEN)
    cut.do(CheckOut("sato", "pays by transfer", RATE))
    assert cut.balance() == RATE
    assert [posting.row for posting in cut.folio().postings] == ["audit:sato:2016-08-08:room"]


def test_an_early_departure_shortens_the_terms_and_frees_the_room() -> None:
    desk = slept(nights=3)
    desk.do(SettleFolio("sato", "cash", "k1", RATE), CheckOut("sato"))
    assert desk.stay().terms.departure == TOMORROW
    assert desk.ledger.stays_of_room("101") == ()


def test_an_overdue_guest_leaves_with_the_terms_as_they_were() -> None:
    desk = slept()
    desk.do(RunNightAudit(TOMORROW), SettleFolio("sato", "cash", "k1", RATE), CheckOut("sato"))
    assert desk.stay().terms.nights == 1


def test_a_guest_whose_arrival_was_moved_into_the_future_leaves_without_a_night() -> None:
    desk = Terminal().reserve(room="101").clean("101")
    other, *_ = cut_apart(desk, 2)
    desk.do(CheckIn("sato"))
    other.do(AmendTerms("sato", arrival=DAY_AFTER))
    heal(desk, other)
    desk.do(CheckOut("sato"))
    assert (desk.stay().terms.arrival, desk.stay().terms.nights) == (TODAY, 0)


def test_only_a_guest_in_house_is_checked_out() -> None:
    desk = Terminal().reserve("sato", "101")
    desk.refuses(CheckOut("sato"), RefusalCode.STEP_UNKNOWN)
    desk.refuses(CheckOut("nobody"), RefusalCode.STAY_UNKNOWN)
    desk.do(CancelStay("sato", "called"))
    desk.refuses(CheckOut("sato"), RefusalCode.STEP_UNKNOWN)


def test_a_charge_that_met_a_check_out_is_alerted() -> None:
    desk = Terminal().house()
    cut, *_ = cut_apart(desk, 2)
    desk.do(CheckOut("sato"))
    cut.do(PostCharge("sato", "minibar", 500))
    heal(desk, cut)
    assert Matter.ALERT_CHECK_OUT_WITH_BALANCE in desk.matters()
    assert Matter.ALERT_POSTING_INTO_CLOSED_WINDOW in desk.matters()


def test_no_check_out_while_two_desks_disagree_about_the_folio() -> None:
    desk = slept()
    desk.do(SettleFolio("sato", "cash", "k1", RATE), CheckOut("sato"))
    cut, *_ = cut_apart(desk, 2)
    desk.do(Reinstate("sato", "one bag left"))
    cut.do(Reinstate("sato", "one bag left"), CheckOut("sato"))
    heal(desk, cut)
    assert Matter.CONFLICT_FOLIO_WINDOW in desk.matters()
    assert desk.stay().in_house
    refused = desk.refuses(CheckOut("sato"), RefusalCode.CONFLICT_OPEN)
    assert Matter.CONFLICT_FOLIO_WINDOW.japanese in refused.message_ja
    assert Matter.CONFLICT_FOLIO_WINDOW.english in refused.message_en


# Reinstate


def test_a_check_out_of_today_is_taken_back() -> None:
    desk = slept()
    desk.do(SettleFolio("sato", "cash", "k1", RATE), CheckOut("sato"))
    arrived = desk.stay().occupancy.arrived_at
    desk.do(Reinstate("sato", "left by mistake"))
    stay = desk.stay()
    assert (stay.status, stay.room, stay.occupancy.arrived_at) == (StayStatus.IN_HOUSE, "101", arrived)
    assert stay.occupancy.departed_at is None
    assert desk.folio().status is WindowStatus.OPEN


def test_a_check_out_is_taken_back_with_a_reason_on_its_day_into_a_free_room() -> None:
    desk = slept()
    desk.do(SettleFolio("sato", "cash", "k1", RATE), CheckOut("sato"))
    desk.refuses(Reinstate("sato", ""), RefusalCode.REASON_NEEDED)
    desk.reserve("suzuki", "101", arrival=TOMORROW).clean("101")
    later, *_ = cut_apart(desk, 2)
    desk.do(CheckIn("suzuki"))
    desk.refuses(Reinstate("sato", "x"), RefusalCode.ROOM_OCCUPIED)
    later.do(RunNightAudit(TOMORROW))
    later.refuses(Reinstate("sato", "x"), RefusalCode.NOT_DEPARTURE_DAY)


def test_a_no_show_is_reserved_again_without_a_room() -> None:
    desk = Terminal().reserve(room="101")
    desk.do(RunNightAudit(TODAY))
    assert desk.stay().status is StayStatus.NO_SHOW
    desk.refuses(Reinstate("sato", ""), RefusalCode.REASON_NEEDED)
    desk.do(Reinstate("sato", "the train was late"))
    assert (desk.stay().status, desk.stay().room) == (StayStatus.RESERVED, None)


@pytest.mark.parametrize("status", ["requested", "waitlisted", "optional", "reserved"])
def test_nothing_that_is_still_expected_is_taken_back(status: str) -> None:
    desk = Terminal()
    desk.do(replace(reservation(room="101"), status=status))
    desk.refuses(Reinstate("sato", "x"), RefusalCode.STEP_UNKNOWN)


def test_neither_a_guest_in_house_nor_a_cancelled_stay_is_taken_back() -> None:
    desk = Terminal().house().reserve("suzuki")
    desk.do(CancelStay("suzuki", "called"))
    desk.refuses(Reinstate("sato", "x"), RefusalCode.STEP_UNKNOWN)
    desk.refuses(Reinstate("suzuki", "x"), RefusalCode.STEP_UNKNOWN)
