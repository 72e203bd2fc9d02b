"""Arrivals: check-in, walk-in, taking a check-in back, taking over guests at a property's opening."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crdt_pms.desk.actions.arrivals import CheckIn, RevertCheckIn, TakeOverStay, WalkIn
from crdt_pms.desk.actions.departures import CheckOut
from crdt_pms.desk.actions.moves import SetDoNotMove
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.reservations import AmendGuest, CancelStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.decision import Notice
from crdt_pms.desk.refusals import RefusalCode
from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.statuses import HK_CONDITION, MAINTENANCE, StayStatus
from tests.crdt_pms.desk.desks import (
    DEFINITION,
    RATE,
    TODAY,
    TOMORROW,
    YESTERDAY,
    Terminal,
    reservation,
)

# Check-in


def test_a_guest_is_checked_in_to_the_assigned_room() -> None:
    desk = Terminal().reserve(room="101").clean("101")
    decision = desk.do(CheckIn("sato"))
    stay = desk.stay()
    assert (stay.status, stay.room) == (StayStatus.IN_HOUSE, "101")
    assert stay.occupancy.arrived_at is not None
    assert (decision.stay, decision.guest) == ("sato", "guest-sato")


def test_a_guest_is_checked_in_to_the_room_that_is_given() -> None:
    desk = Terminal().reserve(room="101").clean("102")
    desk.do(CheckIn("sato", room="102"))
    assert desk.stay().room == "102"
    assert desk.ledger.stays_of_room("101") == ()


def test_a_check_in_needs_a_room_of_the_plan() -> None:
    desk = Terminal().reserve()
    desk.refuses(CheckIn("sato"), RefusalCode.ROOM_NEEDED)
    desk.refuses(CheckIn("sato", room="999"), RefusalCode.ROOM_UNKNOWN)
    desk.refuses(CheckIn("nobody"), RefusalCode.STAY_UNKNOWN)


def test_a_check_in_is_on_the_day_of_arrival() -> None:
    desk = Terminal().reserve(room="101", arrival=TOMORROW).clean("101")
    desk.refuses(CheckIn("sato"), RefusalCode.NOT_ARRIVAL_DAY)


@pytest.mark.parametrize("condition", ["dirty", "pickup"])
def test_a_room_that_is_not_ready_is_used_only_with_a_reason(condition: str) -> None:
    desk = Terminal().reserve(room="101").clean("101")
    desk.do(SetRoomCondition("101", HK_CONDITION, condition))
    desk.refuses(CheckIn("sato"), RefusalCode.ROOM_NOT_READY)
    decision = desk.do(CheckIn("sato", override_reason="guest waits in the lobby"))
    assert decision.operations[0].reason == "guest waits in the lobby"
    assert desk.stay().occupancy.note == "guest waits in the lobby"


def test_an_inspected_room_is_ready() -> None:
    desk = Terminal().reserve(room="101").clean("101")
    desk.do(SetRoomCondition("101", HK_CONDITION, "inspected"), CheckIn("sato"))
    assert desk.stay().in_house


def test_a_room_out_of_service_is_used_with_a_reason_and_one_out_of_order_never() -> None:
    desk = Terminal().reserve().clean("101", "102")
    desk.do(SetRoomCondition("101", MAINTENANCE, "out_of_service", "carpet"))
    desk.out_of_order("102")
    desk.refuses(CheckIn("sato", room="101"), RefusalCode.ROOM_NOT_READY)
    desk.refuses(CheckIn("sato", room="102", override_reason="please"), RefusalCode.ROOM_OUT_OF_ORDER)
    desk.do(CheckIn("sato", room="101", override_reason="the only twin left"))


def test_a_room_with_a_guest_in_it_takes_no_other() -> None:
    desk = Terminal().house("suzuki", "101").reserve("sato")
    refused = desk.refuses(CheckIn("sato", room="101"), RefusalCode.ROOM_OCCUPIED)
    assert refused.parameters["other"] == "suzuki"


def test_a_room_that_is_promised_on_one_of_the_nights_takes_no_other() -> None:
    desk = Terminal().reserve("suzuki", "101", arrival=TOMORROW).reserve("sato", nights=2).clean("101")
    desk.refuses(CheckIn("sato", room="101"), RefusalCode.ROOM_HELD)


def test_the_guest_register_is_complete_before_check_in() -> None:
    desk = Terminal().reserve(room="101").clean("101")
    desk.do(AmendGuest("guest-sato", guest_contact="", guest_address=""))
    refused = desk.refuses(CheckIn("sato"), RefusalCode.REGISTER_INCOMPLETE)
    assert "連絡先、住所" in refused.message_ja
    assert "contact, address" in refused.message_en
    desk.do(AmendGuest("guest-sato", guest_contact="090", guest_nationality="KR", guest_passport="M1"))
    desk.do(CheckIn("sato"))


def test_a_locality_may_ask_for_more() -> None:
    desk = Terminal(definition=replace(DEFINITION, register_fields=("kana",))).reserve(room="101").clean("101")
    assert "kana" in desk.refuses(CheckIn("sato"), RefusalCode.REGISTER_INCOMPLETE).message_en


def test_a_stay_that_is_locked_to_its_room_is_checked_in_there_only() -> None:
    desk = Terminal().reserve(room="101").clean("101", "102")
    desk.do(SetDoNotMove("sato", locked=True))
    desk.refuses(CheckIn("sato", room="102"), RefusalCode.MOVE_LOCKED)
    desk.do(CheckIn("sato"))


def test_nobody_is_checked_in_twice_or_after_a_cancellation() -> None:
    desk = Terminal().house().reserve("suzuki", "102").clean("102")
    desk.refuses(CheckIn("sato"), RefusalCode.STEP_UNKNOWN)
    desk.do(CancelStay("suzuki", "called"))
    desk.refuses(CheckIn("suzuki", room="102"), RefusalCode.STEP_UNKNOWN)


def test_what_is_not_firm_is_confirmed_before_check_in() -> None:
    desk = Terminal().clean("101")
    desk.do(replace(reservation(room="101"), status="optional"))
    desk.refuses(CheckIn("sato"), RefusalCode.STEP_UNKNOWN)


# Walk-in


def walk_in(stay: str | None = "tanaka", room: str = "101", nights: int = 1) -> WalkIn:
    return WalkIn(
        room=room,
        nights=nights,
        rate_minor=RATE,
        adults=1,
        stay=stay,
        guest_name="Tanaka",
        guest_contact="090",
        guest_address="Kobe",
    )


def test_a_walk_in_is_one_operation_with_the_rooms_own_type() -> None:
    desk = Terminal().clean("201")
    decision = desk.do(walk_in(room="201"))
    assert len(decision.operations) == 1
    stay = desk.stay("tanaka")
    assert (stay.status, stay.room, stay.terms.arrival) == (StayStatus.IN_HOUSE, "201", TODAY)
    assert (stay.terms.room_type, stay.terms.source) == ("double", "walk_in")
    assert desk.folio("tanaka").status is WindowStatus.OPEN


def test_a_walk_in_may_pay_for_another_type_than_the_rooms() -> None:
    desk = Terminal().clean("201")
    desk.do(replace(walk_in(room="201"), room_type="twin"))
    assert desk.stay("tanaka").terms.room_type == "twin"


def test_a_walk_in_is_judged_like_a_check_in() -> None:
    desk = Terminal().house("suzuki", "102").reserve("sato", "103", arrival=TOMORROW).clean("103", "201")
    desk.out_of_order("201")
    desk.refuses(walk_in(), RefusalCode.ROOM_NOT_READY)
    desk.refuses(walk_in(room="999"), RefusalCode.ROOM_UNKNOWN)
    desk.refuses(walk_in(room="102"), RefusalCode.ROOM_OCCUPIED)
    desk.refuses(walk_in(room="103", nights=2), RefusalCode.ROOM_HELD)
    desk.refuses(walk_in(room="201"), RefusalCode.ROOM_OUT_OF_ORDER)
    desk.refuses(replace(walk_in(room="103"), guest_contact=None), RefusalCode.REGISTER_INCOMPLETE)
    desk.refuses(replace(walk_in(room="103"), guest_name=""), RefusalCode.TEXT_MISSING)
    desk.refuses(replace(walk_in(room="103"), rate_minor=-5), RefusalCode.ODD_TERMS)
    desk.do(replace(walk_in(), override_reason="no other room"))


def test_a_walk_in_may_be_a_guest_whom_the_property_knows() -> None:
    desk = Terminal().reserve("sato", arrival="2016-09-01").clean("101")
    desk.do(replace(walk_in(), guest="guest-sato", guest_name=""))
    assert desk.stay("tanaka").guest == "guest-sato"


def test_a_repeated_walk_in_creates_nothing_even_after_the_audit() -> None:
    desk = Terminal().clean("101")
    desk.do(walk_in())
    assert desk.do(walk_in()).notices == (Notice.ALREADY_CREATED,)
    desk.do(RunNightAudit(TODAY))
    assert desk.do(walk_in()).notices == (Notice.ALREADY_CREATED,)
    desk.refuses(walk_in(nights=3), RefusalCode.STAY_EXISTS)
    desk.refuses(walk_in(room="102"), RefusalCode.STAY_EXISTS)


# Taking over


def take_over(stay: str = "old", room: str = "101", arrival: str = YESTERDAY, nights: int = 3) -> TakeOverStay:
    return TakeOverStay(
        room=room,
        arrival=arrival,
        nights=nights,
        rate_minor=RATE,
        adults=1,
        guest_name="Old guest",
        reason="opening",
        stay=stay,
    )


def test_a_guest_who_is_here_when_the_property_opens_is_taken_over_in_whatever_room() -> None:
    desk = Terminal()
    desk.do(take_over())
    assert desk.stay("old").in_house
    assert desk.stay("old").terms.arrival == YESTERDAY
    desk.do(RunNightAudit(TODAY))
    assert desk.balance("old") == 2 * RATE


def test_a_guest_is_taken_over_once_with_a_reason_into_a_free_room() -> None:
    desk = Terminal().reserve("sato", "102", arrival=TOMORROW)
    desk.refuses(replace(take_over(), reason=""), RefusalCode.TEXT_MISSING)
    desk.do(take_over())
    assert desk.do(take_over()).notices == (Notice.ALREADY_CREATED,)
    desk.refuses(take_over("another"), RefusalCode.ROOM_OCCUPIED)
    desk.refuses(take_over("another", "102"), RefusalCode.ROOM_HELD)


def test_who_is_taken_over_has_arrived_and_has_not_left() -> None:
    desk = Terminal()
    desk.refuses(take_over(arrival=TOMORROW), RefusalCode.NOT_ARRIVAL_DAY)
    desk.refuses(take_over(arrival="2016-08-01", nights=2), RefusalCode.NIGHTS_SLEPT)
    desk.do(take_over(nights=1))


# Taking a check-in back


def test_a_check_in_is_taken_back_on_its_day_and_the_room_is_dirty() -> None:
    desk = Terminal().house()
    desk.do(RevertCheckIn("sato", "wrong guest"))
    stay = desk.stay()
    assert (stay.status, stay.room, stay.occupancy.arrived_at) == (StayStatus.RESERVED, "101", None)
    assert desk.condition("101") == "dirty"


def test_a_check_in_is_taken_back_with_a_reason_and_not_after_a_night() -> None:
    desk = Terminal().house()
    desk.refuses(RevertCheckIn("sato", ""), RefusalCode.REASON_NEEDED)
    desk.do(RunNightAudit(TODAY))
    desk.refuses(RevertCheckIn("sato", "x"), RefusalCode.NOT_ARRIVAL_DAY)


@pytest.mark.parametrize("status", ["requested", "waitlisted", "optional", "reserved"])
def test_only_a_check_in_is_taken_back(status: str) -> None:
    desk = Terminal()
    desk.do(replace(reservation(room="101"), status=status))
    desk.refuses(RevertCheckIn("sato", "x"), RefusalCode.STEP_UNKNOWN)


def test_a_guest_who_has_left_is_reinstated_and_not_checked_in_again() -> None:
    desk = Terminal().house()
    desk.do(CheckOut("sato"))
    desk.refuses(CheckIn("sato"), RefusalCode.STEP_UNKNOWN)
    desk.refuses(RevertCheckIn("sato", "x"), RefusalCode.STEP_UNKNOWN)
