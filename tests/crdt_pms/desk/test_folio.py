"""The folio: charges, payments, refunds, reversals, settlement. Every key posts once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crdt_pms.desk.actions.conflicts import Resolve
from crdt_pms.desk.actions.departures import CheckOut
from crdt_pms.desk.actions.folio import PostCharge, PostPayment, PostRefund, ReversePosting, SettleFolio
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.decision import Notice
from crdt_pms.desk.refusals import RefusalCode
from crdt_pms.hotel.transaction_codes import PAYMENT_METHODS, TRANSACTION_CODES, PostingKind
from crdt_pms.ledger.alerts import written_dot
from crdt_pms.ledger.matters import Matter
from tests.crdt_pms.desk.desks import RATE, TODAY, TOMORROW, Terminal, cut_apart, heal

BREAKFAST = PostCharge("sato", "breakfast", 2_000, idempotency_key="b1")


def owing() -> Terminal:
    """A guest in house who owes one breakfast."""
    desk = Terminal().house()
    desk.do(BREAKFAST)
    return desk


def closed() -> Terminal:
    desk = owing()
    desk.do(SettleFolio("sato", "cash", "s1", 2_000), CheckOut("sato"))
    return desk


# Charges


@pytest.mark.parametrize(
    "code",
    [row.code for row in TRANSACTION_CODES.values() if row.kinds & {PostingKind.CHARGE, PostingKind.TAX}],
)
def test_charges_and_taxes_are_posted_with_the_words_of_their_code(code: str) -> None:
    desk = Terminal().house()
    decision = desk.do(PostCharge("sato", code, 500))
    (posting,) = desk.folio().postings
    assert decision.posting == posting.row
    assert posting.description == TRANSACTION_CODES[code].ja
    assert posting.kind in TRANSACTION_CODES[code].kinds
    assert desk.balance() == 500


def test_a_charge_may_be_of_another_day_with_words_of_its_own() -> None:
    desk = Terminal().house()
    desk.do(PostCharge("sato", "minibar", 500, "two beers", revenue_date="2016-08-07", reference="slip 9"))
    (posting,) = desk.folio().postings
    assert (posting.business_date, posting.revenue_date) == (TODAY, "2016-08-07")
    assert (posting.description, posting.reference) == ("two beers", "slip 9")


def test_an_allowance_needs_a_reason() -> None:
    desk = owing()
    allowance = PostCharge("sato", "allowance", -500)
    desk.refuses(allowance, RefusalCode.REASON_NEEDED)
    desk.do(replace(allowance, reason="cold coffee"))
    assert desk.balance() == 1_500


def test_a_charge_with_a_key_is_posted_once() -> None:
    desk = owing()
    assert desk.do(BREAKFAST).notices == (Notice.ALREADY_POSTED,)
    desk.do(RunNightAudit(TODAY))
    assert desk.do(BREAKFAST).notices == (Notice.ALREADY_POSTED,)
    desk.refuses(replace(BREAKFAST, amount_minor=3_000), RefusalCode.KEY_REUSED)
    desk.refuses(replace(BREAKFAST, code="consumption_tax"), RefusalCode.KEY_REUSED)
    assert desk.balance() == 2_000 + RATE


def test_charges_without_a_key_are_each_their_own() -> None:
    desk = owing()
    desk.do(replace(BREAKFAST, idempotency_key=None), replace(BREAKFAST, idempotency_key=None))
    assert desk.balance() == 6_000


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"stay": "nobody"}, RefusalCode.STAY_UNKNOWN),
        ({"code": "spa"}, RefusalCode.CODE_UNKNOWN),
        ({"code": "cash"}, RefusalCode.CODE_UNKNOWN),
        ({"amount_minor": 0}, RefusalCode.AMOUNT_IMPOSSIBLE),
        ({"amount_minor": 10**12 + 1}, RefusalCode.AMOUNT_IMPOSSIBLE),
        ({"revenue_date": "2016-13-01"}, RefusalCode.DATE_IMPOSSIBLE),
        ({"idempotency_key": "a b"}, RefusalCode.KEY_UNUSABLE),
        ({"description": "x" * 201}, RefusalCode.TEXT_UNUSABLE),
    ],
)
def test_an_impossible_charge_is_refused(changed: dict[str, str | int], code: RefusalCode) -> None:
    Terminal().house().refuses(replace(BREAKFAST, **changed), code)


@pytest.mark.parametrize(
    "action",
    [
        PostCharge("sato", "breakfast", 500),
        PostPayment("sato", 500, "cash", "k9", 0, deposit=True),
        ReversePosting("charge:b1", "x", 2_000),
        SettleFolio("sato", "cash", "k9", 0),
        PostRefund("sato", 500, "cash", "x", "k9", 0),
    ],
)
def test_a_closed_folio_takes_no_postings(
    action: PostCharge | PostPayment | ReversePosting | SettleFolio | PostRefund,
) -> None:
    closed().refuses(action, RefusalCode.WINDOW_NOT_OPEN)


# Payments

PAYMENT = PostPayment("sato", 2_000, "cash", "k1", 2_000)


@pytest.mark.parametrize("method", PAYMENT_METHODS)
def test_a_guest_pays_in_every_way(method: str) -> None:
    desk = owing()
    desk.do(replace(PAYMENT, method=method))
    assert desk.balance() == 0
    assert desk.folio().paid_minor == 2_000


def test_a_payment_that_is_retried_is_posted_once() -> None:
    desk = owing()
    first = desk.do(PAYMENT)
    again = desk.do(PAYMENT)
    assert again.writes_nothing
    assert again.notices == (Notice.ALREADY_POSTED,)
    assert again.posting == first.posting == "payment:k1"
    assert desk.balance() == 0


def test_a_payment_that_is_retried_the_day_after_or_on_a_closed_folio_is_posted_once() -> None:
    desk = owing()
    desk.do(PAYMENT, CheckOut("sato"), RunNightAudit(TODAY))
    assert desk.do(PAYMENT).notices == (Notice.ALREADY_POSTED,)
    assert desk.balance() == 0


def test_a_payment_that_is_retried_at_another_desk_while_cut_apart_is_posted_once() -> None:
    one = owing()
    other, *_ = cut_apart(one, 2)
    one.do(PAYMENT)
    other.do(PAYMENT)
    heal(one, other)
    assert one.balance() == other.balance() == 0
    assert one.matters() == []


@pytest.mark.parametrize(
    "other",
    [
        replace(PAYMENT, amount_minor=1_000),
        replace(PAYMENT, method="card"),
        replace(PAYMENT, deposit=True),
        replace(PAYMENT, reference="slip 9"),
        replace(PAYMENT, stay="suzuki"),
        SettleFolio("sato", "cash", "k1", 0),
    ],
)
def test_a_payment_key_is_not_used_for_anything_else(other: PostPayment | SettleFolio) -> None:
    desk = owing().reserve("suzuki")
    desk.do(PAYMENT)
    refused = desk.refuses(other, RefusalCode.KEY_REUSED)
    assert "k1" in refused.message_ja


def test_no_more_is_taken_than_is_owed_but_a_deposit_is() -> None:
    desk = owing()
    refused = desk.refuses(replace(PAYMENT, amount_minor=2_001), RefusalCode.PAYMENT_OVER_BALANCE)
    assert "¥2,001" in refused.message_en
    assert "¥2,000" in refused.message_en
    desk.do(replace(PAYMENT, amount_minor=20_000, deposit=True))
    assert desk.balance() == -18_000
    assert desk.matters() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"stay": "nobody"}, RefusalCode.STAY_UNKNOWN),
        ({"amount_minor": 0}, RefusalCode.AMOUNT_IMPOSSIBLE),
        ({"amount_minor": -5}, RefusalCode.AMOUNT_IMPOSSIBLE),
        ({"method": "shells"}, RefusalCode.CODE_UNKNOWN),
        ({"method": "breakfast"}, RefusalCode.CODE_UNKNOWN),
        ({"idempotency_key": ""}, RefusalCode.KEY_UNUSABLE),
        ({"idempotency_key": "x" * 65}, RefusalCode.KEY_UNUSABLE),
    ],
)
def test_an_impossible_payment_is_refused(changed: dict[str, str | int], code: RefusalCode) -> None:
    owing().refuses(replace(PAYMENT, **changed), code)


# Refunds

REFUND = PostRefund("sato", 500, "cash", "cold coffee", "r1", 0)


def test_a_refund_is_given_once_with_a_reason_and_no_more_than_was_paid() -> None:
    desk = owing()
    desk.refuses(replace(REFUND, seen_balance_minor=2_000), RefusalCode.REFUND_OVER_PAID)
    desk.do(PAYMENT)
    desk.refuses(replace(REFUND, reason=" "), RefusalCode.REASON_NEEDED)
    desk.refuses(replace(REFUND, amount_minor=2_001), RefusalCode.REFUND_OVER_PAID)
    desk.refuses(replace(REFUND, amount_minor=0), RefusalCode.AMOUNT_IMPOSSIBLE)
    desk.do(REFUND)
    assert desk.do(REFUND).notices == (Notice.ALREADY_POSTED,)
    desk.refuses(replace(REFUND, amount_minor=400), RefusalCode.KEY_REUSED)
    assert desk.balance() == 500
    assert desk.folio().paid_minor == 1_500


# Reversals


def test_a_posting_is_taken_back_whole_or_in_parts_and_stays() -> None:
    desk = owing()
    part = desk.do(ReversePosting("charge:b1", "half was cold", 500))
    assert desk.balance() == 1_500
    desk.do(ReversePosting("charge:b1", "all was cold", 1_500))
    assert desk.balance() == 0
    assert [posting.amount_minor for posting in desk.folio().postings] == [2_000, -500, -1_500]
    assert part.posting is not None
    reversal = desk.view.posting(part.posting)
    assert reversal is not None
    assert (reversal.kind, reversal.reverses, reversal.code) == (PostingKind.REVERSAL, "charge:b1", "breakfast")


def test_a_payment_is_taken_back_too() -> None:
    desk = owing()
    desk.do(PAYMENT, ReversePosting("payment:k1", "wrong guest", 2_000))
    assert desk.balance() == 2_000
    assert desk.folio().paid_minor == 0


def test_no_more_is_taken_back_than_is_left() -> None:
    desk = owing()
    desk.refuses(ReversePosting("charge:b1", "x", 2_001), RefusalCode.REVERSAL_OVER_ORIGINAL)
    desk.do(ReversePosting("charge:b1", "x", 1_500))
    refused = desk.refuses(ReversePosting("charge:b1", "x", 501), RefusalCode.REVERSAL_OVER_ORIGINAL)
    assert "¥500" in refused.message_en
    desk.do(ReversePosting("charge:b1", "x", 500))
    desk.refuses(ReversePosting("charge:b1", "x", 500), RefusalCode.REVERSAL_OVER_ORIGINAL)


def test_a_reversal_needs_a_reason_an_original_and_a_size() -> None:
    desk = owing()
    desk.refuses(ReversePosting("charge:b1", "", 500), RefusalCode.TEXT_MISSING)
    desk.refuses(ReversePosting("charge:b2", "x", 500), RefusalCode.POSTING_UNKNOWN)
    for size in (0, -1, 10**13):
        desk.refuses(ReversePosting("charge:b1", "x", size), RefusalCode.AMOUNT_IMPOSSIBLE)


def test_a_reversal_is_not_reversed() -> None:
    desk = owing()
    reversal = desk.do(ReversePosting("charge:b1", "x", 2_000)).posting
    assert reversal is not None
    desk.refuses(ReversePosting(reversal, "x", 2_000), RefusalCode.NOT_REVERSIBLE)


def test_two_desks_that_reverse_one_posting_are_alerted_and_both_reversals_stand() -> None:
    one = owing()
    other, *_ = cut_apart(one, 2)
    one.do(ReversePosting("charge:b1", "cold", 2_000))
    other.do(ReversePosting("charge:b1", "cold", 2_000))
    heal(one, other)
    assert one.balance() == -2_000
    assert one.matters() == [Matter.ALERT_REVERSAL_OVER_ORIGINAL, Matter.ALERT_SETTLEMENT_OVER_BALANCE]


# Settlement


def test_a_folio_is_settled_in_one_payment_with_the_nights_that_are_owed() -> None:
    auditor = Terminal()
    desk, *_ = cut_apart(auditor, 2)
    desk.house()
    desk.do(BREAKFAST)
    auditor.do(RunNightAudit(TODAY))
    desk.hear(auditor)
    decision = desk.do(SettleFolio("sato", "card", "s1", 2_000 + RATE))
    assert len(decision.operations) == 1
    payment = desk.view.posting("payment:s1")
    assert payment is not None
    assert (payment.amount_minor, payment.code) == (-2_000 - RATE, "card")
    assert desk.balance() == 0


def test_where_the_house_owes_settling_pays_nothing_out_and_a_refund_does() -> None:
    desk = owing()
    desk.do(PostPayment("sato", 5_000, "cash", "k1", 2_000, deposit=True))
    refused = desk.refuses(SettleFolio("sato", "cash", "s1", -3_000), RefusalCode.HOUSE_OWES)
    assert "¥3,000" in refused.message_en
    desk.do(PostRefund("sato", 3_000, "cash", "deposit was more", "r1", -3_000))
    assert desk.balance() == 0


def test_nobody_settles_an_amount_that_the_form_did_not_show() -> None:
    desk = owing()
    form = SettleFolio("sato", "cash", "s1", desk.balance())
    desk.do(replace(BREAKFAST, idempotency_key="b2", amount_minor=700))
    refused = desk.refuses(form, RefusalCode.BALANCE_CHANGED)
    for shown in ("¥2,000", "¥2,700"):
        assert shown in refused.message_en
    desk.do(SettleFolio("sato", "cash", "s1", 2_700))
    assert desk.balance() == 0


def test_a_night_that_another_desks_audit_ended_meanwhile_is_not_settled_unseen() -> None:
    auditor = Terminal()
    desk, *_ = cut_apart(auditor, 2)
    desk.house()
    desk.do(BREAKFAST)
    auditor.do(RunNightAudit(TODAY))
    desk.hear(auditor)
    desk.refuses(SettleFolio("sato", "card", "s1", 2_000), RefusalCode.BALANCE_CHANGED)
    desk.refuses(CheckOut("sato", "city ledger", 2_000), RefusalCode.BALANCE_CHANGED)
    desk.do(PostPayment("sato", 2_000 + RATE, "card", "k1", seen_balance_minor=2_000 + RATE))
    assert desk.balance() == 0, "the night is posted with the payment that pays it"
    assert desk.matters() == []


def test_a_payment_of_a_balance_that_is_no_more_is_refused() -> None:
    desk = owing()
    desk.do(replace(BREAKFAST, idempotency_key="b2", amount_minor=700))
    desk.refuses(PAYMENT, RefusalCode.BALANCE_CHANGED)
    desk.do(replace(PAYMENT, seen_balance_minor=2_700))
    assert desk.balance() == 700


def test_two_people_who_saw_one_deposit_missing_take_it_once() -> None:
    desk = owing()
    deposit = replace(PAYMENT, amount_minor=5_000, deposit=True)
    desk.do(deposit)
    desk.refuses(replace(deposit, idempotency_key="k2"), RefusalCode.BALANCE_CHANGED)
    assert desk.do(deposit).notices == (Notice.ALREADY_POSTED,)
    assert desk.balance() == -3_000


def test_two_people_who_saw_one_overpayment_pay_it_back_once() -> None:
    desk = owing()
    desk.do(PostPayment("sato", 5_000, "cash", "k1", 2_000, deposit=True))
    refund = PostRefund("sato", 3_000, "cash", "deposit was more", "r1", -3_000)
    desk.do(refund)
    desk.refuses(replace(refund, idempotency_key="r2"), RefusalCode.BALANCE_CHANGED)
    assert desk.do(refund).notices == (Notice.ALREADY_POSTED,)


def test_a_guest_leaves_owing_what_was_seen_only() -> None:
    desk = owing()
    form = CheckOut("sato", "city ledger", 2_000)
    desk.do(PAYMENT)
    refused = desk.refuses(form, RefusalCode.BALANCE_CHANGED)
    assert "¥2,000" in refused.message_en
    assert "¥0" in refused.message_en


def test_settling_is_done_once_and_of_a_balance() -> None:
    desk = owing()
    desk.refuses(SettleFolio("nobody", "cash", "s1", 2_000), RefusalCode.STAY_UNKNOWN)
    desk.refuses(SettleFolio("sato", "shells", "s1", 2_000), RefusalCode.CODE_UNKNOWN)
    desk.refuses(SettleFolio("sato", "cash", "s 1", 2_000), RefusalCode.KEY_UNUSABLE)
    desk.do(SettleFolio("sato", "cash", "s1", 2_000))
    assert desk.do(SettleFolio("sato", "cash", "s1", 2_000)).notices == (Notice.ALREADY_POSTED,)
    desk.refuses(SettleFolio("sato", "cash", "s2", 0), RefusalCode.NOTHING_TO_SETTLE)
    desk.refuses(SettleFolio("sato", "card", "s1", 0), RefusalCode.KEY_REUSED)


def test_a_settlement_is_known_by_its_key_after_a_later_one_and_on_a_closed_folio() -> None:
    desk = owing()
    desk.do(SettleFolio("sato", "cash", "s1", 2_000), replace(BREAKFAST, idempotency_key="b2"))
    desk.do(SettleFolio("sato", "cash", "s2", 2_000), CheckOut("sato"))
    assert desk.do(SettleFolio("sato", "cash", "s1", 2_000)).notices == (Notice.ALREADY_POSTED,)
    assert desk.balance() == 0


def test_a_folio_settled_at_two_desks_keeps_both_payments_until_a_person_decides() -> None:
    one = owing()
    other, *_ = cut_apart(one, 2)
    one.do(SettleFolio("sato", "cash", "s1", 2_000))
    other.do(SettleFolio("sato", "card", "s2", 2_000))
    heal(one, other)
    assert one.balance() == -2_000
    assert one.matters() == [Matter.CONFLICT_SETTLEMENT, Matter.ALERT_SETTLEMENT_OVER_BALANCE]
    refused = one.refuses(SettleFolio("sato", "cash", "s3", -2_000), RefusalCode.CONFLICT_OPEN)
    assert Matter.CONFLICT_SETTLEMENT.english in refused.message_en
    (conflict,) = one.ledger.conflicts()
    one.do(Resolve("folio.settlement", "sato/1", written_dot(conflict.dots[1]), "asked the guest"))
    one.do(PostRefund("sato", 2_000, "cash", "paid twice", "r1", -2_000))
    assert one.matters() == []
    assert one.balance() == 0


def test_the_postings_of_a_folio_are_read_in_the_order_of_their_rows() -> None:
    desk = owing()
    desk.do(PAYMENT, RunNightAudit(TODAY))
    assert [posting.row for posting in desk.folio().postings] == [
        "audit:sato:2016-08-08:room",
        "charge:b1",
        "payment:k1",
    ]
    assert desk.view.business_date == TOMORROW
