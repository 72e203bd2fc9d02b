"""Folio windows after check-out: reopened, settled late, closed again, to receivables where something stays open."""

from __future__ import annotations

import pytest

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.departures import CheckOut, Reinstate
from crdt_pms.desk.actions.folio import PostCharge, PostPayment, PostRefund, ReversePosting, SettleFolio
from crdt_pms.desk.actions.moves import MoveRoom
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.reservations import CancelStay
from crdt_pms.desk.actions.windows import CloseFolio, ReopenFolio
from crdt_pms.desk.decision import Notice
from crdt_pms.desk.refusals import RefusalCode
from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.ledger.matters import Matter
from tests.crdt_pms.desk.desks import RATE, TODAY, TOMORROW, Terminal, cut_apart, heal

REOPEN = ReopenFolio("sato", "minibar slip came late")


def departed_with_late_charge(manager_note: str = "") -> Terminal:
    """A guest who left days ago; a charge that a desk had posted while it was cut off has come only now."""
    desk = Terminal().house(nights=1)
    desk.do(RunNightAudit(TODAY))
    cut, *_ = cut_apart(desk, 2)
    if not manager_note:
        desk.do(SettleFolio("sato", "cash", "s1", RATE))
    desk.do(CheckOut("sato", manager_note, RATE if manager_note else 0), RunNightAudit(TOMORROW))
    cut.now_ms = desk.now_ms + 1_000
    cut.do(PostCharge("sato", "minibar", 500, idempotency_key="late"))
    heal(desk, cut)
    desk.now_ms = cut.now_ms
    assert Matter.ALERT_POSTING_INTO_CLOSED_WINDOW in desk.matters()
    return desk


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (PostPayment("sato", 500, "card", "p1", 500), RefusalCode.WINDOW_NOT_OPEN),
        (ReversePosting("charge:late", "of another room", 500), RefusalCode.WINDOW_NOT_OPEN),
        (SettleFolio("sato", "card", "s2", 500), RefusalCode.WINDOW_NOT_OPEN),
        (CheckOut("sato", "city ledger"), RefusalCode.STEP_UNKNOWN),
        (Reinstate("sato", "to pay"), RefusalCode.NOT_DEPARTURE_DAY),
    ],
)
def test_nothing_is_done_about_a_late_charge_on_a_closed_folio(action: Action, code: RefusalCode) -> None:
    departed_with_late_charge().refuses(action, code)


def test_a_late_charge_is_paid_on_the_folio_opened_again_and_both_alerts_end() -> None:
    desk = departed_with_late_charge()
    desk.do(REOPEN)
    assert desk.folio().status is WindowStatus.OPEN
    assert desk.matters() == [Matter.ALERT_CHECK_OUT_WITH_BALANCE], "until it is paid it stays on the desk"
    desk.do(PostPayment("sato", 500, "card", "p1", 500), CloseFolio("sato"))
    folio = desk.folio()
    assert (folio.status, folio.note, folio.balance_minor) == (WindowStatus.CLOSED, None, 0)
    assert desk.matters() == []
    assert not desk.stay().in_house


def test_a_late_charge_that_was_wrong_is_reversed() -> None:
    desk = departed_with_late_charge()
    desk.do(REOPEN, ReversePosting("charge:late", "of another room", 500), CloseFolio("sato"))
    assert desk.balance() == 0
    assert desk.matters() == []


def test_a_late_charge_is_settled_in_one_step_as_at_the_desk() -> None:
    desk = departed_with_late_charge()
    desk.do(REOPEN, SettleFolio("sato", "card", "s2", 500), CloseFolio("sato"))
    assert desk.matters() == []


def test_a_late_charge_goes_to_receivables_with_a_note_without_opening_anything() -> None:
    desk = departed_with_late_charge()
    desk.refuses(CloseFolio("sato"), RefusalCode.BALANCE_OPEN)
    desk.do(CloseFolio("sato", "claimed from the company", 500))
    assert (desk.folio().note, desk.balance()) == ("claimed from the company", 500)
    assert desk.matters() == []


def test_a_balance_that_grew_since_it_was_seen_is_not_claimed_unseen() -> None:
    desk = departed_with_late_charge(manager_note="city ledger")
    refused = desk.refuses(CloseFolio("sato", "city ledger", RATE), RefusalCode.BALANCE_CHANGED)
    assert "¥9,000" in refused.message_en
    assert "¥9,500" in refused.message_en


def test_a_folio_that_went_to_receivables_goes_there_again_with_the_same_words() -> None:
    desk = departed_with_late_charge(manager_note="city ledger")
    desk.do(CloseFolio("sato", "city ledger", RATE + 500))
    assert desk.matters() == []


def test_a_guest_who_paid_twice_gets_money_back_after_departure() -> None:
    desk = Terminal().house(nights=1)
    desk.do(RunNightAudit(TODAY))
    cut, *_ = cut_apart(desk, 2)
    desk.do(PostPayment("sato", 9_000, "cash", "p1", RATE), CheckOut("sato"), RunNightAudit(TOMORROW))
    cut.do(PostPayment("sato", 9_000, "card", "p2", RATE))
    heal(desk, cut)
    assert Matter.ALERT_SETTLEMENT_OVER_BALANCE in desk.matters()
    desk.do(
        ReopenFolio("sato", "paid twice"),
        PostRefund("sato", 9_000, "cash", "paid twice", "r1", -9_000),
        CloseFolio("sato"),
    )
    assert desk.matters() == []


def test_a_folio_is_opened_again_with_a_reason() -> None:
    desk = departed_with_late_charge()
    desk.refuses(ReopenFolio("sato", " "), RefusalCode.REASON_NEEDED)
    desk.refuses(ReopenFolio("nobody", "x"), RefusalCode.STAY_UNKNOWN)


def test_an_open_folio_needs_no_opening() -> None:
    desk = departed_with_late_charge()
    assert desk.do(REOPEN).notices == ()
    again = desk.do(REOPEN)
    assert (again.operations, again.notices) == ((), (Notice.UNCHANGED,))


def test_the_folio_of_a_guest_who_is_here_all_the_same_is_opened_again() -> None:
    """A move that did not know the check-out outranks it; the folio is closed all the same."""
    desk = Terminal().house(nights=1).clean("102")
    cut, *_ = cut_apart(desk, 2)
    desk.do(CheckOut("sato"))
    cut.do(MoveRoom("sato", "102"))
    heal(desk, cut)
    assert desk.stay().in_house
    desk.refuses(PostCharge("sato", "minibar", 500), RefusalCode.WINDOW_NOT_OPEN)
    desk.do(ReopenFolio("sato", "still here"), PostCharge("sato", "minibar", 500))
    assert desk.balance() == 500


@pytest.mark.parametrize("desk", [Terminal().house(), Terminal().reserve()])
def test_a_folio_that_is_still_needed_is_closed_by_the_check_out_only(desk: Terminal) -> None:
    desk.refuses(CloseFolio("sato"), RefusalCode.FOLIO_IN_USE)


def test_the_folio_of_a_cancelled_booking_is_closed_too() -> None:
    desk = Terminal().reserve()
    desk.do(PostPayment("sato", 5_000, "cash", "k1", 0, deposit=True), CancelStay("sato", "called"))
    assert Matter.ALERT_SETTLEMENT_OVER_BALANCE in desk.matters()
    desk.do(PostCharge("sato", "cancellation_fee", 5_000), CloseFolio("sato"))
    assert desk.matters() == []


def test_a_note_without_a_balance_is_not_kept() -> None:
    desk = departed_with_late_charge()
    desk.do(REOPEN, SettleFolio("sato", "card", "s2", 500), CloseFolio("sato", "by the way"))
    assert desk.folio().note is None


def test_two_desks_that_disagree_about_a_folio_decide_first() -> None:
    desk = departed_with_late_charge()
    cut, *_ = cut_apart(desk, 3)
    desk.do(REOPEN)
    cut.do(CloseFolio("sato", "city ledger", 500))
    heal(desk, cut)
    assert Matter.CONFLICT_FOLIO_WINDOW in desk.matters()
    desk.refuses(CloseFolio("sato", "x", 500), RefusalCode.CONFLICT_OPEN)
    desk.refuses(REOPEN, RefusalCode.CONFLICT_OPEN)
