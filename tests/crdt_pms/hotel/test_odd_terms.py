"""Terms that are odd but real."""

from __future__ import annotations

import pytest

from crdt_pms.hotel.odd_terms import Oddity, oddities


@pytest.mark.parametrize(
    ("nights", "rate", "adults", "children", "sold", "expected"),
    [
        (1, 9_000, 2, 0, True, ()),
        (0, 9_000, 2, 0, True, (Oddity.DAY_USE,)),
        (1, 0, 2, 0, True, (Oddity.RATE_ZERO,)),
        (1, -6, 2, 0, True, (Oddity.RATE_NEGATIVE,)),
        (1, 9_000, 0, 2, True, (Oddity.NO_ADULTS,)),
        (1, 9_000, 0, 0, True, (Oddity.NO_GUESTS,)),
        (1, 9_000, 2, 0, False, (Oddity.TYPE_UNSOLD,)),
        (0, -6, 0, 0, False, (Oddity.DAY_USE, Oddity.RATE_NEGATIVE, Oddity.NO_GUESTS, Oddity.TYPE_UNSOLD)),
    ],
)
def test_everything_odd_is_named(
    nights: int, rate: int, adults: int, children: int, sold: bool, expected: tuple[Oddity, ...]
) -> None:
    assert oddities(nights, rate, adults, children, type_sold=sold) == expected


def test_day_use_and_a_night_for_nothing_are_taken_as_they_are() -> None:
    assert {oddity for oddity in Oddity if not oddity.needs_reason} == {Oddity.DAY_USE, Oddity.RATE_ZERO}
