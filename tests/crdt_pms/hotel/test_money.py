"""Money is whole minor units, written as people of each language read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.hotel.errors import MoneyInvalid
from crdt_pms.hotel.money import (
    AMOUNT_MINOR_MAX,
    CURRENCIES,
    EUR,
    JPY,
    USD,
    Currency,
    currency_of,
    require_minor,
    total_minor,
    written,
)

amounts = st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX)


@given(amounts)
def test_an_amount_is_an_integer_within_bounds(amount: int) -> None:
    assert require_minor(amount) == amount


@pytest.mark.parametrize("wrong", [1.0, "1", None, True, AMOUNT_MINOR_MAX + 1, -AMOUNT_MINOR_MAX - 1])
def test_anything_else_is_no_amount(wrong: object) -> None:
    with pytest.raises(MoneyInvalid):
        require_minor(wrong)


@pytest.mark.parametrize(
    ("amount", "currency", "ja", "en"),
    [
        (12_346, JPY, "￥12,346", "¥12,346"),
        (-500, JPY, "-￥500", "-¥500"),
        (0, JPY, "￥0", "¥0"),
        (123_405, EUR, "€1,234.05", "€1,234.05"),
        (-7, USD, "-$0.07", "-$0.07"),
    ],
)
def test_an_amount_is_written_with_the_sign_of_its_currency(amount: int, currency: Currency, ja: str, en: str) -> None:
    assert written(amount, currency) == ja
    assert written(amount, currency, "en") == en


@given(amounts, st.sampled_from(sorted(CURRENCIES)))
def test_what_is_written_can_be_read_back_to_the_minor_unit(amount: int, code: str) -> None:
    said = written(amount, currency_of(code), "en")
    digits = "".join(character for character in said if character.isdigit())
    assert int(digits) == abs(amount)
    assert said.startswith("-") == (amount < 0)


@given(st.lists(amounts))
def test_a_total_is_exact(listed: list[int]) -> None:
    assert total_minor(listed) == sum(listed)
    assert total_minor(reversed(listed)) == total_minor(listed)


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(MoneyInvalid, match="JPY"):
        currency_of("XXX")
