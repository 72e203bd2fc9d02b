"""Nights charged, no-shows and the business date: each rule is broken once, and each kept one is left alone."""

from __future__ import annotations

import pytest

from simulations.checkers.evidence import Evidence
from tests.simulations.checkers.books import (
    DAY_AFTER,
    RATE,
    TODAY,
    TOMORROW,
    Books,
    Row,
    day,
    night,
    posting,
    status,
    stay_of,
    terms,
)

CHECKER = "nights"
SATO_HERE = stay_of("in_house")


def judged(good: Evidence, *steps: tuple[Row, ...]) -> list[str]:
    books = Books(good)
    for rows in steps:
        books.act(*rows)
    return books.judged(CHECKER)


@pytest.mark.parametrize(
    "steps",
    [
        [SATO_HERE, (night(), day(TOMORROW)), (night(TOMORROW), day(DAY_AFTER)), (status("checked_out"),)],
        # A night that one audit did not know of is caught up by the next, or by whoever lets the guest go.
        [(day(TOMORROW),), SATO_HERE, (night(), night(TOMORROW), day(DAY_AFTER))],
        [(day(TOMORROW),), SATO_HERE, (night(), status("checked_out"))],
        [stay_of("in_house", nights=0), (posting("audit:sato:2026-07-01:day_use", RATE), day(TOMORROW))],
        [stay_of("reserved", room=None), (status("no_show", None), day(TOMORROW))],
        [stay_of("reserved", arrival=TOMORROW), (day(TOMORROW),)],
        [(day(TOMORROW),), (day(TODAY),), (day(TOMORROW),)],
        [SATO_HERE, (night(), day(TOMORROW)), (day(TODAY),), (day(TOMORROW),)],
    ],
)
def test_what_an_audit_and_a_departure_do(good: Evidence, steps: list[tuple[Row, ...]]) -> None:
    assert judged(good, *steps) == []


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([SATO_HERE, (day(TOMORROW),)], "left audit:sato:2026-07-01:room uncharged"),
        ([SATO_HERE, (day(TOMORROW), night(), night(TOMORROW))], "no night of sato that began before 2026-07-02"),
        ([SATO_HERE, (day(TOMORROW), night(amount=1))], "agreed is ('2026-07-01', 9000)"),
        ([stay_of("in_house", arrival=TOMORROW), (day(TOMORROW), night())], "is no night of sato"),
        ([stay_of("checked_out"), (day(TOMORROW), night())], "of a guest who is not here"),
        ([SATO_HERE, (night(), day(TOMORROW)), (day(TODAY),), (night(), day(TOMORROW))], "which was charged already"),
        ([(day(TOMORROW),), SATO_HERE, (status("checked_out"),)], "left audit:sato:2026-07-01:room uncharged"),
        ([stay_of("reserved"), (day(TOMORROW),)], "passed over sato, which is a no-show"),
        ([stay_of("reserved"), (status("no_show", None),)], "marked sato a no-show, which it is not"),
        (
            [stay_of("reserved", arrival=TOMORROW), (status("no_show", None), day(TOMORROW))],
            "marked sato a no-show, which it is not",
        ),
        ([(day(DAY_AFTER),)], "rolled the business date from 2026-07-01 to 2026-07-03"),
        ([(day(TOMORROW),), (day(TODAY), terms())], "wrote more than the date that it set back"),
    ],
)
def test_what_a_desk_should_have_done_otherwise(good: Evidence, steps: list[tuple[Row, ...]], told: str) -> None:
    [words] = judged(good, *steps)
    assert told in words


def test_a_date_that_no_calendar_has_reached(good: Evidence) -> None:
    dates = [f"2026-07-{number:02}" for number in range(2, 7)]
    found = judged(good, *((day(date),) for date in dates))
    assert [date for date in dates if any(f"date to {date}, when no calendar" in words for words in found)] == dates[3:]
