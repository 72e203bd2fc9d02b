"""The arithmetic of a folio: the balance is the sum, and nothing is taken back twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.hotel.errors import MoneyInvalid, ReversalOverOriginal, TransactionCodeUnknown
from crdt_pms.hotel.folio import (
    Posting,
    balance_minor,
    chargeable_nights,
    left_to_reverse_minor,
    night_charge_row,
    paid_minor,
    require_sign,
    reversal_minor,
)
from crdt_pms.hotel.transaction_codes import PAYMENT_METHODS, TRANSACTION_CODES, PostingKind, transaction_code

CHARGE = Posting(
    row="charge:a",
    stay="sato",
    folio="sato/1",
    kind=PostingKind.CHARGE,
    code="room",
    amount_minor=9_000,
    business_date="2016-08-08",
    revenue_date="2016-08-08",
    reverses=None,
    reference=None,
    description="宿泊料",
)


def reversal(row: str, amount_minor: int, of: str = "charge:a") -> Posting:
    return replace(CHARGE, row=row, kind=PostingKind.REVERSAL, amount_minor=amount_minor, reverses=of)


def money(row: str, kind: PostingKind, amount_minor: int) -> Posting:
    return replace(CHARGE, row=row, kind=kind, code="cash", amount_minor=amount_minor)


@given(st.lists(st.integers(-(10**12), 10**12)))
def test_the_balance_is_the_sum_of_the_postings(amounts: list[int]) -> None:
    postings = [replace(CHARGE, row=f"{n}", amount_minor=amount) for n, amount in enumerate(amounts)]
    assert balance_minor(postings) == sum(amounts)
    assert balance_minor(reversed(postings)) == sum(amounts)


def test_paid_is_what_came_in_less_what_went_back() -> None:
    postings = [
        CHARGE,
        money("payment:1", PostingKind.PAYMENT, -5_000),
        money("payment:2", PostingKind.DEPOSIT, -3_000),
        money("refund:1", PostingKind.REFUND, 1_000),
        reversal("reversal:1", 3_000, of="payment:2"),
        reversal("reversal:2", -9_000),
    ]
    assert paid_minor(postings) == 4_000


@given(st.integers(-(10**9), 10**9).filter(bool), st.lists(st.integers(1, 10**9), max_size=6))
def test_reversals_never_take_back_more_than_there_was(amount: int, parts: list[int]) -> None:
    original = replace(CHARGE, amount_minor=amount)
    postings = [original]
    for number, part in enumerate(parts):
        left = left_to_reverse_minor(original, postings)
        if 0 < part <= abs(left):
            postings.append(reversal(f"reversal:{number}", reversal_minor(original, postings, part)))
            assert abs(left_to_reverse_minor(original, postings)) == abs(left) - part
        else:
            with pytest.raises(ReversalOverOriginal) as raised:
                reversal_minor(original, postings, part)
            assert (raised.value.asked_minor, raised.value.left_minor) == (part, abs(left))
    if left_to_reverse_minor(original, postings):
        postings.append(
            reversal(
                "reversal:last", reversal_minor(original, postings, abs(left_to_reverse_minor(original, postings)))
            )
        )
    assert balance_minor(postings) == 0


def test_where_two_desks_reversed_too_much_nothing_is_left() -> None:
    postings = [CHARGE, reversal("reversal:1", -9_000), reversal("reversal:2", -9_000)]
    assert left_to_reverse_minor(CHARGE, postings) == 0
    with pytest.raises(ReversalOverOriginal):
        reversal_minor(CHARGE, postings, 1)


@pytest.mark.parametrize("part", [0, -1, True])
def test_a_part_is_a_size_above_zero(part: int) -> None:
    with pytest.raises(MoneyInvalid):
        reversal_minor(CHARGE, [CHARGE], part)


@pytest.mark.parametrize(
    ("kind", "amount", "possible"),
    [
        (PostingKind.PAYMENT, -1, True),
        (PostingKind.PAYMENT, 1, False),
        (PostingKind.PAYMENT, 0, False),
        (PostingKind.DEPOSIT, -1, True),
        (PostingKind.DEPOSIT, 1, False),
        (PostingKind.REFUND, 1, True),
        (PostingKind.REFUND, -1, False),
        (PostingKind.REFUND, 0, False),
        (PostingKind.CHARGE, 0, True),
        (PostingKind.CHARGE, -500, True),
        (PostingKind.TAX, 100, True),
    ],
)
def test_money_has_the_sign_of_its_direction(kind: PostingKind, amount: int, possible: bool) -> None:
    if possible:
        assert require_sign(kind, amount) == amount
    else:
        with pytest.raises(MoneyInvalid, match=kind):
            require_sign(kind, amount)


@pytest.mark.parametrize(
    ("nights", "until", "expected"),
    [
        (2, "2016-08-08", []),
        (2, "2016-08-09", [("2016-08-08", "room")]),
        (2, "2016-08-20", [("2016-08-08", "room"), ("2016-08-09", "room")]),
        (0, "2016-08-08", [("2016-08-08", "day_use")]),
        (0, "2016-08-20", [("2016-08-08", "day_use")]),
    ],
)
def test_a_stay_owes_each_night_that_has_begun(nights: int, until: str, expected: list[tuple[str, str]]) -> None:
    assert list(chargeable_nights("2016-08-08", nights, until)) == expected


def test_a_nights_charge_is_the_same_row_on_every_terminal() -> None:
    assert night_charge_row("sato", "2016-08-08", "room") == "audit:sato:2016-08-08:room"


@pytest.mark.parametrize("code", TRANSACTION_CODES)
def test_every_code_has_words_and_a_kind(code: str) -> None:
    row = TRANSACTION_CODES[code]
    assert row.ja
    assert row.en.isascii()
    assert row.kinds
    for kind in PostingKind:
        if kind in row.kinds:
            assert transaction_code(code, kind) is row
        else:
            with pytest.raises(TransactionCodeUnknown):
                transaction_code(code, kind)


def test_every_kind_but_a_reversal_has_a_code_and_payments_have_ways() -> None:
    assert {kind for row in TRANSACTION_CODES.values() for kind in row.kinds} == set(PostingKind) - {
        PostingKind.REVERSAL
    }
    assert "cash" in PAYMENT_METHODS
    assert "room" not in PAYMENT_METHODS
