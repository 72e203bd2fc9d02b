"""Decisions about money: about what was seen, and nothing goes out unasked."""

from __future__ import annotations

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import SETTLEMENT, WINDOW
from tests.simulations.checkers.books import RATE, TOMORROW, Books, Row, day, posting, stay_of

CHECKER = "money_seen"
CHARGE = posting("charge:1", 900)


def settled(balance: int) -> Row:
    return (SETTLEMENT, "sato/1", {"payment": "payment:1", "balance_minor": balance, "method": "cash"})


def owing(good: Evidence) -> Books:
    books = Books(good)
    books.act(*stay_of("in_house"))
    books.act(CHARGE)
    return books


def test_a_balance_that_was_seen_is_settled(good: Evidence) -> None:
    books = owing(good)
    books.act(posting("payment:1", -900, "payment"), settled(900), seen=900)
    books.act(posting("charge:2", 100))
    books.act(posting("refund:1", 50, "refund"), action="post_refund", seen=100)
    books.act((WINDOW, "sato/1", {"stay": "sato", "status": "closed", "note": "the company pays"}), seen=150)
    assert books.judged(CHECKER) == []


def test_a_decision_about_another_balance(good: Evidence) -> None:
    books = owing(good)
    books.act(posting("payment:1", -900, "payment"), settled(900), seen=800)
    [words] = books.judged(CHECKER)
    assert "after seeing a balance of 800 on sato/1, which was 900" in words


def test_the_nights_that_no_audit_has_charged_are_part_of_it(good: Evidence) -> None:
    books = Books(good)
    books.act(day(TOMORROW))
    books.act(*stay_of("in_house"))
    books.act(posting("payment:1", -900, "payment"), seen=0)
    [words] = books.judged(CHECKER)
    assert f"which was {RATE}" in words


def test_a_settlement_of_another_amount_than_is_owed(good: Evidence) -> None:
    books = owing(good)
    books.act(posting("payment:1", -700, "payment"), settled(700))
    [words] = books.judged(CHECKER)
    assert "settled sato/1 of 700, which owed 900" in words


def test_a_settlement_whose_payment_is_another_amount(good: Evidence) -> None:
    books = owing(good)
    books.act(posting("payment:1", -700, "payment"), settled(900))
    [words] = books.judged(CHECKER)
    assert "settled sato/1 of 900 with -700" in words


def test_money_that_a_settlement_pays_out(good: Evidence) -> None:
    books = owing(good)
    books.act(posting("payment:1", 300, "refund"), action="settle_folio", seen=900)
    [words] = books.judged(CHECKER)
    assert "paid 300 out by payment:1" in words


def test_a_payment_that_names_no_balance(good: Evidence) -> None:
    books = owing(good)
    books.act(posting("payment:1", -900, "payment"), action="post_payment")
    [words] = books.judged(CHECKER)
    assert "ito did post_payment and named no balance" in words
