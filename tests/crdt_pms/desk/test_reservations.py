"""Reservations: taking, confirming, amending and cancelling them, and the guest's card."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.conflicts import KeepStay
from crdt_pms.desk.actions.moves import AssignRoom, SetDoNotMove
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.reservations import (
    AmendGuest,
    AmendTerms,
    CancelStay,
    ChangeGuest,
    ConfirmStay,
    CreateStay,
)
from crdt_pms.desk.decision import Notice
from crdt_pms.desk.refusals import RefusalCode
from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.matters import Matter
from tests.crdt_pms.desk.desks import (
    DAY_AFTER,
    RATE,
    TODAY,
    TOMORROW,
    YESTERDAY,
    Terminal,
    cut_apart,
    heal,
    reservation,
)

# Create


def test_a_reservation_creates_the_stay_its_guest_and_an_open_folio() -> None:
    desk = Terminal()
    decision = desk.do(reservation(room="101"))
    stay = desk.stay("sato")
    assert decision.stay == "sato"
    assert decision.guest == stay.guest == "guest-sato"
    assert (stay.status, stay.room, stay.terms.nights) == (StayStatus.RESERVED, "101", 2)
    assert desk.view.require_guest(stay.guest)["name"] == "Guest sato"
    assert desk.folio().exists
    assert desk.folio().status is WindowStatus.OPEN


def test_a_stay_without_a_given_id_gets_a_new_one() -> None:
    desk = Terminal()
    first, second = desk.do(reservation(stay=None)), desk.do(reservation(stay=None))
    assert first.stay != second.stay
    assert len(list(desk.view.stays())) == 2


@pytest.mark.parametrize("status", ["requested", "waitlisted", "optional"])
def test_what_is_not_firm_holds_no_room(status: str) -> None:
    desk = Terminal()
    desk.do(replace(reservation("maybe", "101"), status=status), reservation("sato", "101"))
    assert desk.ledger.stays_of_room("101") == ("sato",)


@pytest.mark.parametrize("status", ["in_house", "cancelled", "no_show", "checked_out", "asleep"])
def test_no_stay_begins_in_another_status(status: str) -> None:
    Terminal().refuses(replace(reservation(), status=status), RefusalCode.STEP_UNKNOWN)


def test_a_repeat_of_a_creation_creates_nothing_and_says_so() -> None:
    desk = Terminal().reserve()
    decision = desk.do(reservation())
    assert decision.writes_nothing
    assert decision.notices == (Notice.ALREADY_CREATED,)
    assert decision.stay == "sato"


def test_a_repeat_is_known_even_after_the_stay_went_on() -> None:
    desk = Terminal().reserve()
    desk.do(AmendTerms("sato", nights=3), SetDoNotMove("sato", locked=True), AssignRoom("sato", "101"))
    desk.do(RunNightAudit(TODAY))
    assert desk.do(reservation()).notices == (Notice.ALREADY_CREATED,)


def test_an_id_in_use_is_refused_for_other_content() -> None:
    desk = Terminal().reserve()
    assert "nights" in desk.refuses(reservation(nights=5), RefusalCode.STAY_EXISTS).message_en
    desk.refuses(reservation(room="101"), RefusalCode.STAY_EXISTS)
    desk.refuses(replace(reservation(), status="optional"), RefusalCode.STAY_EXISTS)
    desk.refuses(replace(reservation(), guest="guest-sato", rate_minor=1), RefusalCode.STAY_EXISTS)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"guest_name": "Guest ito"}, "name"),
        ({"guest_contact": "090-9999-9999"}, "contact"),
        ({"guest_passport": "TK1"}, "passport number"),
        ({"reason": "by telephone"}, "reason"),
        ({"rate_minor": 1, "segment": "group", "children": 1}, "rate a night, children, segment"),
    ],
)
def test_a_creation_that_says_anything_else_is_refused_and_says_what(changed: dict[str, Any], named: str) -> None:
    desk = Terminal().reserve()
    refused = desk.refuses(replace(reservation(), **changed), RefusalCode.STAY_EXISTS)
    assert refused.message_en.lower().endswith(f"{named}."), refused.message_en
    assert "TK1" not in refused.message_en


def test_a_creation_is_known_again_after_the_guests_card_was_corrected() -> None:
    desk = Terminal().reserve()
    desk.do(AmendGuest("guest-sato", guest_contact="080-0000-0000"))
    assert desk.do(reservation()).notices == (Notice.ALREADY_CREATED,)


def test_two_desks_that_create_one_stay_write_equal_rows() -> None:
    one, other = Terminal(1), Terminal(2)
    one.do(reservation())
    other.do(reservation())
    one.hear(other)
    assert one.matters() == [Matter.CONFLICT_GUEST], "personal data is compared by salted digests"
    assert len(list(one.view.stays())) == 1


def test_a_new_reservation_arrives_today_or_later() -> None:
    Terminal().refuses(reservation(arrival=YESTERDAY), RefusalCode.ARRIVAL_PAST)
    assert Terminal().do(reservation(arrival="2020-02-29")).stay == "sato"


def test_a_room_is_reserved_once_a_night() -> None:
    desk = Terminal().reserve("suzuki", "101", nights=2)
    refused = desk.refuses(reservation(room="101", arrival=TOMORROW), RefusalCode.ROOM_HELD)
    assert refused.parameters["other"] == "suzuki"
    assert refused.parameters["night"] == TOMORROW
    desk.do(reservation(room="101", arrival=DAY_AFTER))


def test_a_room_of_the_plan_and_a_known_guest_are_asked_for() -> None:
    desk = Terminal()
    desk.refuses(reservation(room="999"), RefusalCode.ROOM_UNKNOWN)
    desk.refuses(replace(reservation(), guest="nobody"), RefusalCode.GUEST_UNKNOWN)
    desk.refuses(replace(reservation(), guest_name="  "), RefusalCode.TEXT_MISSING)


def test_a_returning_guest_keeps_the_card() -> None:
    desk = Terminal().reserve("sato")
    desk.do(replace(reservation("again"), guest="guest-sato", guest_name=""))
    assert desk.stay("again").guest == "guest-sato"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"arrival": "2016-02-30"}, RefusalCode.DATE_IMPOSSIBLE),
        ({"arrival": "20160808"}, RefusalCode.DATE_IMPOSSIBLE),
        ({"arrival": "2999-12-31"}, RefusalCode.DATE_IMPOSSIBLE),
        ({"nights": -1}, RefusalCode.NIGHTS_IMPOSSIBLE),
        ({"nights": 367}, RefusalCode.NIGHTS_IMPOSSIBLE),
        ({"adults": 100}, RefusalCode.GUESTS_IMPOSSIBLE),
        ({"children": -1}, RefusalCode.GUESTS_IMPOSSIBLE),
        ({"rate_minor": 10**12 + 1}, RefusalCode.AMOUNT_IMPOSSIBLE),
        ({"room_type": ""}, RefusalCode.TEXT_MISSING),
        ({"source": ""}, RefusalCode.TEXT_MISSING),
        ({"source": "x" * 201}, RefusalCode.TEXT_UNUSABLE),
        ({"guest_name": "a\nb"}, RefusalCode.TEXT_UNUSABLE),
        ({"stay": "a/b"}, RefusalCode.KEY_UNUSABLE),
        ({"stay": ""}, RefusalCode.KEY_UNUSABLE),
    ],
)
def test_impossible_terms_are_refused(changed: dict[str, str | int], code: RefusalCode) -> None:
    Terminal().refuses(replace(reservation(), **changed), code)


ODD: list[dict[str, str | int]] = [
    {"rate_minor": -6},
    {"adults": 0, "children": 2},
    {"adults": 0},
    {"room_type": "suite"},
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_terms_are_accepted_with_a_reason_only(odd: dict[str, str | int]) -> None:
    desk = Terminal()
    action = replace(reservation(), **odd)
    desk.refuses(action, RefusalCode.ODD_TERMS)
    assert desk.do(replace(action, reason="as the guest asked")).operations[0].reason == "as the guest asked"


@pytest.mark.parametrize("odd", [{"nights": 0}, {"rate_minor": 0}])
def test_day_use_and_a_night_for_nothing_need_no_reason(odd: dict[str, int]) -> None:
    assert Terminal().do(replace(reservation(), **odd)).stay == "sato"


def test_a_japanese_name_is_written_as_japanese_people_write_it() -> None:
    desk = Terminal()
    desk.do(replace(reservation(), guest_name="佐藤\u3000花子", guest_kana="サトウ\u3000ハナコ"))
    assert desk.view.require_guest("guest-sato")["name"] == "佐藤\u3000花子"


def test_a_room_out_of_order_is_not_promised() -> None:
    desk = Terminal()
    desk.do(replace(reservation("maybe", "101"), status="optional"))
    desk.out_of_order("101")
    desk.refuses(reservation(room="101"), RefusalCode.ROOM_OUT_OF_ORDER)
    desk.refuses(ConfirmStay("maybe"), RefusalCode.ROOM_OUT_OF_ORDER)


# Confirm


def test_a_request_becomes_firm() -> None:
    desk = Terminal()
    desk.do(replace(reservation(room="101"), status="waitlisted"), ConfirmStay("sato"))
    assert desk.stay().status is StayStatus.RESERVED


def test_a_request_becomes_firm_only_while_its_room_is_free() -> None:
    desk = Terminal()
    desk.do(replace(reservation(room="101"), status="requested"), reservation("suzuki", "101"))
    desk.refuses(ConfirmStay("sato"), RefusalCode.ROOM_HELD)


def test_only_what_is_not_firm_is_confirmed() -> None:
    desk = Terminal().reserve("sato").house("suzuki")
    desk.refuses(ConfirmStay("sato"), RefusalCode.STEP_UNKNOWN)
    desk.refuses(ConfirmStay("suzuki"), RefusalCode.STEP_UNKNOWN)
    desk.refuses(ConfirmStay("nobody"), RefusalCode.STAY_UNKNOWN)


# Amend


def test_terms_are_amended_field_by_field_and_written_whole() -> None:
    desk = Terminal().reserve()
    desk.do(AmendTerms("sato", nights=3, rate_minor=8_000))
    terms = desk.stay().terms
    assert (terms.nights, terms.rate_minor, terms.adults, terms.source) == (3, 8_000, 2, "direct")


def test_amending_to_what_is_says_that_nothing_changed() -> None:
    desk = Terminal().reserve()
    assert desk.do(AmendTerms("sato", nights=2)).notices == (Notice.UNCHANGED,)


def test_a_segment_can_be_cleared() -> None:
    desk = Terminal()
    desk.do(replace(reservation(), segment="group"), AmendTerms("sato", segment=""))
    assert desk.stay().terms.segment is None


def test_a_stay_keeps_its_room_on_new_dates_only_if_it_is_free() -> None:
    desk = Terminal().reserve("sato", "101", nights=1).reserve("suzuki", "101", arrival=TOMORROW)
    desk.refuses(AmendTerms("sato", nights=2), RefusalCode.ROOM_HELD)
    desk.do(AmendTerms("sato", rate_minor=1))


def test_an_arrival_is_not_moved_into_the_past() -> None:
    desk = Terminal().reserve()
    desk.refuses(AmendTerms("sato", arrival=YESTERDAY), RefusalCode.ARRIVAL_PAST)


def test_of_a_guest_in_house_the_arrival_and_slept_nights_are_fixed() -> None:
    desk = Terminal().house(nights=3)
    desk.do(RunNightAudit(TODAY), RunNightAudit(TOMORROW))
    desk.refuses(AmendTerms("sato", arrival=TOMORROW), RefusalCode.ARRIVAL_FIXED)
    desk.refuses(AmendTerms("sato", nights=1), RefusalCode.NIGHTS_SLEPT)
    desk.do(AmendTerms("sato", nights=2))
    assert desk.stay().terms.departure == DAY_AFTER


def test_a_guest_in_house_extends_only_into_free_nights() -> None:
    desk = Terminal().house(nights=1).reserve("suzuki", "101", arrival=TOMORROW)
    desk.refuses(AmendTerms("sato", nights=2), RefusalCode.ROOM_HELD)


def test_odd_amendments_need_a_reason() -> None:
    desk = Terminal().reserve()
    desk.refuses(AmendTerms("sato", rate_minor=-1), RefusalCode.ODD_TERMS)
    desk.do(AmendTerms("sato", rate_minor=-1, reason="voucher"))


@pytest.mark.parametrize(
    "action", [AmendTerms("sato", nights=1), ChangeGuest("sato", "guest-sato"), SetDoNotMove("sato", locked=True)]
)
def test_an_ended_stay_does_not_change(action: AmendTerms | ChangeGuest | SetDoNotMove) -> None:
    desk = Terminal().reserve()
    desk.do(CancelStay("sato", "called"))
    desk.refuses(action, RefusalCode.STAY_ENDED)


# Cancel


def test_a_cancelled_stay_releases_its_room() -> None:
    desk = Terminal().reserve(room="101")
    desk.do(CancelStay("sato", "called"))
    assert desk.stay().status is StayStatus.CANCELLED
    assert desk.stay().room is None
    assert desk.stay().occupancy.note == "called"
    desk.do(reservation("suzuki", "101"))


@pytest.mark.parametrize("status", ["requested", "waitlisted", "optional", "reserved"])
def test_everything_that_has_not_arrived_can_be_cancelled_with_a_reason(status: str) -> None:
    desk = Terminal()
    desk.do(replace(reservation(), status=status))
    desk.refuses(CancelStay("sato", " "), RefusalCode.REASON_NEEDED)
    desk.do(CancelStay("sato", "called"))
    assert desk.stay().status is StayStatus.CANCELLED


def test_a_guest_in_house_is_not_cancelled_and_a_cancelled_stay_not_again() -> None:
    desk = Terminal().house().reserve("suzuki")
    desk.refuses(CancelStay("sato", "x"), RefusalCode.STEP_UNKNOWN)
    desk.do(CancelStay("suzuki", "called"))
    desk.refuses(CancelStay("suzuki", "again"), RefusalCode.STEP_UNKNOWN)
    desk.refuses(ConfirmStay("suzuki"), RefusalCode.STEP_UNKNOWN)


# The guest's card


def test_a_card_is_amended_field_by_field_and_an_empty_field_is_cleared() -> None:
    desk = Terminal().reserve()
    desk.do(AmendGuest("guest-sato", guest_name="Sato Hanako", guest_address=""))
    card = desk.view.require_guest("guest-sato")
    assert (card["name"], card["address"], card["contact"]) == ("Sato Hanako", None, "090-0000-0000")


def test_a_card_keeps_a_name() -> None:
    desk = Terminal().reserve()
    desk.refuses(AmendGuest("guest-sato", guest_name=""), RefusalCode.TEXT_MISSING)
    desk.refuses(AmendGuest("nobody", guest_name="x"), RefusalCode.GUEST_UNKNOWN)
    assert desk.do(AmendGuest("guest-sato", guest_name="Guest sato")).notices == (Notice.UNCHANGED,)


def test_a_stay_is_put_to_another_guest_whom_the_property_knows() -> None:
    desk = Terminal().reserve("sato").reserve("suzuki", arrival=TOMORROW)
    desk.do(ChangeGuest("sato", "guest-suzuki"))
    assert desk.stay("sato").guest == "guest-suzuki"
    desk.refuses(ChangeGuest("sato", "nobody"), RefusalCode.GUEST_UNKNOWN)
    assert desk.do(ChangeGuest("sato", "guest-suzuki")).notices == (Notice.UNCHANGED,)


def test_the_rate_of_a_stay_is_a_night() -> None:
    desk = Terminal().house(nights=2)
    desk.do(RunNightAudit(TODAY), RunNightAudit(TOMORROW))
    assert desk.balance() == 2 * RATE


def test_stays_are_listed_by_their_ids_whatever_the_order_of_arrival() -> None:
    desk = Terminal()
    for stay in ("suzuki", "abe", "sato"):
        desk.reserve(stay)
    assert [stay.stay_id for stay in desk.view.stays()] == ["abe", "sato", "suzuki"]


def test_every_field_of_a_new_card_is_written() -> None:
    desk = Terminal()
    desk.do(
        CreateStay(
            TODAY,
            1,
            "twin",
            RATE,
            1,
            "web",
            stay="lee",
            guest_name="Lee",
            guest_kana="リー",
            guest_contact="c",
            guest_address="a",
            guest_nationality="KR",
            guest_passport="M1",
            guest_member="77",
        )
    )
    assert dict(desk.view.require_guest("guest-lee")) == {
        "name": "Lee",
        "kana": "リー",
        "contact": "c",
        "address": "a",
        "nationality": "KR",
        "passport": "M1",
        "member": "77",
    }


@pytest.mark.parametrize("amended_first", [True, False])
def test_what_is_cancelled_here_and_amended_there_is_cancelled_with_the_amended_terms(amended_first: bool) -> None:
    """Whichever came first; and a person is told, who keeps it so or writes it anew."""
    desk = Terminal().reserve("sato", "101", nights=2)
    other, *_ = cut_apart(desk, 2, later_ms=-1_000 if amended_first else 1_000)
    desk.do(CancelStay("sato", "called"))
    other.do(AmendTerms("sato", nights=5))
    heal(desk, other)
    for terminal in (desk, other):
        assert terminal.stay().status is StayStatus.CANCELLED
        assert terminal.stay().terms.nights == 5
        assert terminal.matters() == [Matter.ALERT_STAY_CHANGED_APART]
        terminal.refuses(AmendTerms("sato", nights=6), RefusalCode.STAY_ENDED)
    desk.do(KeepStay("sato"))
    heal(desk, other)
    assert other.matters() == []
    assert other.stay().status is StayStatus.CANCELLED


def test_a_guest_who_was_checked_in_meanwhile_has_the_amended_terms_and_a_person_is_told() -> None:
    desk = Terminal().reserve("sato", "101", nights=2).clean("101")
    other, *_ = cut_apart(desk, 2)
    desk.do(AmendTerms("sato", nights=5), CheckIn("sato"))
    other.do(CancelStay("sato", "called"))
    heal(desk, other)
    assert (desk.stay().status, desk.stay().terms.nights) == (StayStatus.IN_HOUSE, 5)
    assert desk.matters() == [Matter.CONFLICT_OCCUPANCY]
