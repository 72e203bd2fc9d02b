"""The night audit: charges, no-shows, the next business date; the same on every desk that runs it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.departures import CheckOut
from crdt_pms.desk.actions.folio import ReversePosting, SettleFolio
from crdt_pms.desk.actions.night_audit import CorrectBusinessDate, RunNightAudit
from crdt_pms.desk.actions.reservations import AmendTerms
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.hotel.property_file import StaffMember
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import BUSINESS_DAY
from tests.crdt_pms.desk.desks import (
    DAY_AFTER,
    DEFINITION,
    RATE,
    TODAY,
    TOMORROW,
    Terminal,
    cut_apart,
    heal,
    reservation,
)

NIGHT = "audit:sato:2016-08-08:room"


def rows(desk: Terminal, stay: str = "sato") -> list[str]:
    return [posting.row for posting in desk.folio(stay).postings]


def test_the_audit_charges_the_night_and_rolls_the_date() -> None:
    desk = Terminal().house()
    decision = desk.do(RunNightAudit(TODAY))
    assert desk.view.business_date == TOMORROW
    (posting,) = desk.folio().postings
    assert (posting.row, posting.code, posting.amount_minor) == (NIGHT, "room", RATE)
    assert (posting.business_date, posting.revenue_date) == (TODAY, TODAY)
    assert [len(operation.writes) for operation in decision.operations] == [1, 1]


def test_the_audit_is_of_the_business_date_and_once() -> None:
    desk = Terminal()
    desk.refuses(RunNightAudit(TOMORROW), RefusalCode.AUDIT_NOT_DUE)
    desk.refuses(RunNightAudit("today"), RefusalCode.DATE_IMPOSSIBLE)
    desk.do(RunNightAudit(TODAY))
    desk.refuses(RunNightAudit(TODAY), RefusalCode.AUDIT_NOT_DUE)


def test_two_audits_of_one_night_charge_it_once() -> None:
    one = Terminal().house()
    other, *_ = cut_apart(one, 2)
    one.do(RunNightAudit(TODAY))
    other.do(RunNightAudit(TODAY))
    heal(one, other)
    assert rows(one) == [NIGHT]
    assert one.balance() == other.balance() == RATE
    assert one.view.business_date == TOMORROW
    assert one.matters() == []


def test_two_audits_that_knew_different_rates_are_for_a_person_to_decide() -> None:
    one = Terminal().house()
    other, *_ = cut_apart(one, 2)
    other.do(AmendTerms("sato", rate_minor=8_000), RunNightAudit(TODAY))
    one.do(RunNightAudit(TODAY))
    heal(one, other)
    assert one.matters() == [Matter.CONFLICT_POSTING]
    assert one.balance() == RATE, "the lowest dot counts meanwhile"
    one.refuses(ReversePosting(NIGHT, "x", RATE), RefusalCode.CONFLICT_OPEN)


def test_a_night_charged_at_settlement_is_not_charged_again_by_a_late_audit() -> None:
    auditor = Terminal()
    cut, *_ = cut_apart(auditor, 2)
    cut.house()
    auditor.do(RunNightAudit(TODAY))
    cut.hear(auditor)
    cut.do(SettleFolio("sato", "cash", "k1", RATE))
    auditor.hear(cut)
    auditor.do(RunNightAudit(TOMORROW))
    assert rows(auditor) == [NIGHT, "audit:sato:2016-08-09:room", "payment:k1"]
    assert auditor.balance() == RATE


def test_a_night_charged_by_an_audit_and_by_a_settlement_of_the_day_after_is_one_posting() -> None:
    stranger = Terminal(3)
    one = Terminal().house()
    other, *_ = cut_apart(one, 2)
    stranger.do(RunNightAudit(TODAY))
    other.hear(stranger)
    assert other.view.business_date == TOMORROW
    other.do(SettleFolio("sato", "cash", "k1", RATE))
    one.do(RunNightAudit(TODAY))
    heal(one, other)
    assert rows(one) == [NIGHT, "payment:k1"]
    assert one.matters() == []


def test_a_night_that_one_audit_could_not_know_of_is_caught_up_by_the_next() -> None:
    auditor = Terminal()
    cut, *_ = cut_apart(auditor, 2)
    cut.house(nights=3)
    auditor.do(RunNightAudit(TODAY))
    auditor.hear(cut)
    auditor.do(RunNightAudit(TOMORROW))
    assert rows(auditor) == [NIGHT, "audit:sato:2016-08-09:room"]
    assert [posting.revenue_date for posting in auditor.folio().postings] == [TODAY, TOMORROW]


def test_a_desk_that_audits_late_does_not_turn_the_date_back() -> None:
    ahead = Terminal().house(nights=3)
    behind, *_ = cut_apart(ahead, 2)
    ahead.do(RunNightAudit(TODAY), RunNightAudit(TOMORROW))
    behind.do(RunNightAudit(TODAY))
    heal(ahead, behind)
    assert behind.view.business_date == DAY_AFTER
    assert ahead.balance() == 2 * RATE


def test_a_reversed_night_is_not_charged_again() -> None:
    desk = Terminal().house(nights=3)
    desk.do(RunNightAudit(TODAY), ReversePosting(NIGHT, "the heating failed", RATE), RunNightAudit(TOMORROW))
    assert desk.balance() == RATE


def test_nobody_is_charged_beyond_the_terms() -> None:
    desk = Terminal().house(nights=1)
    desk.do(RunNightAudit(TODAY), RunNightAudit(TOMORROW))
    assert rows(desk) == [NIGHT]


def test_day_use_is_charged_once() -> None:
    desk = Terminal().house(nights=0)
    desk.do(RunNightAudit(TODAY), RunNightAudit(TOMORROW))
    assert rows(desk) == ["audit:sato:2016-08-08:day_use"]
    assert desk.balance() == RATE


def test_day_use_is_owed_on_the_spot() -> None:
    desk = Terminal().house(nights=0)
    desk.refuses(CheckOut("sato"), RefusalCode.BALANCE_OPEN)
    desk.do(SettleFolio("sato", "cash", "k1", RATE), CheckOut("sato"))
    assert rows(desk) == ["audit:sato:2016-08-08:day_use", "payment:k1"]


def test_a_night_for_nothing_is_still_a_night() -> None:
    desk = Terminal().house()
    desk.do(AmendTerms("sato", rate_minor=0), RunNightAudit(TODAY))
    assert rows(desk) == [NIGHT]
    assert desk.balance() == 0


def test_who_has_not_come_is_a_no_show_and_releases_the_room() -> None:
    desk = Terminal().reserve("sato", "101").reserve("suzuki", "102", arrival=TOMORROW)
    desk.do(RunNightAudit(TODAY))
    assert (desk.stay("sato").status, desk.stay("sato").room) == (StayStatus.NO_SHOW, None)
    assert desk.stay("suzuki").status is StayStatus.RESERVED


def test_what_is_not_firm_is_no_no_show() -> None:
    desk = Terminal()
    desk.do(replace(reservation(), status="optional"), RunNightAudit(TODAY))
    assert desk.stay().status is StayStatus.OPTIONAL


def test_a_no_show_of_one_desk_whom_another_checked_in_is_in_house() -> None:
    one = Terminal().reserve(room="101")
    other, *_ = cut_apart(one, 2)
    other.house("suzuki", "102")
    one.do(RunNightAudit(TODAY))
    other.clean("101")
    other.do(CheckIn("sato"))
    heal(one, other)
    assert one.stay().in_house
    assert one.ledger.shown_room("sato") == "101"
    assert one.matters() == [Matter.CONFLICT_OCCUPANCY]


def test_a_night_after_the_folio_was_closed_is_charged_and_alerted() -> None:
    one = Terminal().house()
    other, *_ = cut_apart(one, 2)
    one.do(CheckOut("sato"))
    other.do(RunNightAudit(TODAY))
    heal(one, other)
    assert one.balance() == RATE
    assert one.matters() == [Matter.ALERT_POSTING_INTO_CLOSED_WINDOW, Matter.ALERT_CHECK_OUT_WITH_BALANCE]


def test_every_guest_in_house_has_an_operation_of_its_own() -> None:
    desk = Terminal().house("sato", "101").house("suzuki", "102").reserve("abe")
    decision = desk.do(RunNightAudit(TODAY))
    assert [operation.writes[0].register.row for operation in decision.operations] == [
        "audit:sato:2016-08-08:room",
        "audit:suzuki:2016-08-08:room",
        "abe",
        "harbour",
    ]


# The calendar


NOON_MS = 1_470_625_200_000
"""2016-08-08 12:00 in Japan."""
HOUR_MS = 3_600_000
MANAGED = replace(
    DEFINITION,
    staff=(StaffMember("staff-1", "佐藤", "Sato", "manager"), StaffMember("staff-2", "鈴木", "Suzuki", "clerk")),
)


def test_a_day_is_closed_on_its_evening_or_later_and_not_before_it_began() -> None:
    desk = Terminal(now_ms=NOON_MS, definition=MANAGED)
    desk.do(RunNightAudit(TODAY))
    refused = desk.refuses(RunNightAudit(TOMORROW), RefusalCode.AUDIT_TOO_EARLY)
    assert TODAY in refused.message_en
    assert TOMORROW in refused.message_en
    desk.now_ms = NOON_MS + 12 * HOUR_MS
    desk.do(RunNightAudit(TOMORROW))
    assert desk.view.business_date == DAY_AFTER


def test_no_desk_rolls_the_date_beyond_tomorrow_however_often_it_tries() -> None:
    desk = Terminal(now_ms=NOON_MS, definition=MANAGED)
    for _ in range(5):
        with suppress(Refused):
            desk.do(RunNightAudit(desk.view.business_date))
    assert desk.view.business_date == TOMORROW


def far_ahead() -> Terminal:
    """A desk that heard of a business date of the year 2999."""
    desk = Terminal(now_ms=NOON_MS, definition=MANAGED).house()
    day = Write(Register(BUSINESS_DAY, DEFINITION.property_id), {"date": "2999-01-01"})
    desk.write(Decision(operations=(Operation("run_night_audit", "hotel-pms", "", (day,)),)))
    return desk


def test_a_business_date_that_was_rolled_too_far_is_set_back_with_a_reason() -> None:
    desk = far_ahead()
    desk.refuses(reservation("suzuki"), RefusalCode.ARRIVAL_PAST)
    desk.refuses(RunNightAudit("2999-01-01"), RefusalCode.AUDIT_TOO_EARLY)
    desk.refuses(CorrectBusinessDate(TODAY, " "), RefusalCode.TEXT_MISSING)
    desk.refuses(CorrectBusinessDate("2016-08-07", "x"), RefusalCode.BUSINESS_DATE_OUT_OF_BOUNDS)
    desk.refuses(CorrectBusinessDate("2998-01-01", "x"), RefusalCode.BUSINESS_DATE_OUT_OF_BOUNDS)
    desk.refuses(CorrectBusinessDate("2016-02-30", "x"), RefusalCode.DATE_IMPOSSIBLE)
    desk.do(CorrectBusinessDate(TODAY, "a device of unknown origin"))
    assert desk.view.business_date == TODAY
    desk.reserve("suzuki")
    desk.do(RunNightAudit(TODAY))
    assert desk.balance() == RATE


@pytest.mark.parametrize("number", [2, 3])
def test_only_a_manager_corrects_the_business_date(number: int) -> None:
    desk = far_ahead()
    (clerk,) = cut_apart(desk, number)
    clerk.refuses(CorrectBusinessDate(TODAY, "x"), RefusalCode.MANAGER_NEEDED)


def test_a_correction_only_goes_back() -> None:
    desk = Terminal(now_ms=NOON_MS, definition=MANAGED)
    for asked in (TODAY, TOMORROW):
        desk.refuses(CorrectBusinessDate(asked, "x"), RefusalCode.BUSINESS_DATE_NOT_EARLIER)


def test_a_night_that_is_audited_again_after_a_correction_is_charged_once() -> None:
    desk = Terminal(now_ms=NOON_MS, definition=MANAGED).house()
    desk.do(RunNightAudit(TODAY), CorrectBusinessDate(TODAY, "pressed by mistake"), RunNightAudit(TODAY))
    assert desk.balance() == RATE
