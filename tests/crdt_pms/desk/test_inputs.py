"""What a person types is judged before any rule of the hotel is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.desk.inputs import (
    FIELD_WORDS,
    REASON_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    optional_text,
    require_amount,
    require_amount_above_zero,
    require_date,
    require_filled,
    require_guests,
    require_key,
    require_nights,
    require_text,
)
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.hotel.money import AMOUNT_MINOR_MAX
from crdt_pms.hotel.nights import NIGHTS_MAX
from crdt_pms.hotel.odd_terms import GUESTS_MAX
from crdt_pms.ledger import limits
from tests.crdt_pms.desk.desks import JAPANESE


def code_of(raised: pytest.ExceptionInfo[Refused]) -> RefusalCode:
    return raised.value.code


@pytest.mark.parametrize(
    "given_text", ["佐藤\u3000花子", "Müller-Lüdenscheidt", "髙橋\U000e0100", "O'Brien", "株式会社　港"]
)
def test_names_as_people_write_them_are_taken(given_text: str) -> None:
    assert require_text("name", given_text) == given_text


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=TEXT_CHARACTERS_MAX))
def test_text_is_kept_without_the_spaces_around_it(given_text: str) -> None:
    assert require_text("name", f" \u3000{given_text} ") == given_text.strip()


@pytest.mark.parametrize(
    "given_text", ["a\nb", "a\x00b", "a\u200bb", "a\u2028b", "\ud800", "x" * (TEXT_CHARACTERS_MAX + 1)]
)
def test_text_that_no_screen_shows_is_refused(given_text: str) -> None:
    with pytest.raises(Refused) as raised:
        require_text("name", given_text)
    assert code_of(raised) is RefusalCode.TEXT_UNUSABLE


CARDS = (
    "4111111111111111",
    "4111 1111 1111 1111",
    "VISA 4111-1111-1111-1111 12/29",
    "4111111111111111(承認済)",
    "3782 822463 10005",
)


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("field", [field for field in FIELD_WORDS if field not in ("member", "passport")])
def test_no_text_that_history_keeps_holds_a_card_number(field: str, card: str) -> None:
    with pytest.raises(Refused) as raised:
        require_text(field, card)
    assert code_of(raised) is RefusalCode.CARD_NUMBER
    assert "1111" not in raised.value.message_en


@pytest.mark.parametrize(
    ("field", "given_text"),
    [
        ("member", "4111111111111111"),
        ("passport", "4111111111111111"),
        ("contact", "090-1234-5678 03-1234-5674"),
        ("contact", "+49 1522 3433333 / +81 90 1111 2222"),
        ("contact", "010819011112222"),
        ("contact", "+62812345678903"),
        ("reference", "承認 123456 伝票 0042"),
        ("description", "VISA **** 1111"),
        ("source", "OTA 20260701-000123"),
    ],
)
def test_other_long_numbers_are_taken_where_they_belong(field: str, given_text: str) -> None:
    assert require_text(field, given_text) == given_text


@given(st.lists(st.from_regex(r"0[0-9]{1,3}-[0-9]{2,4}-[0-9]{4}", fullmatch=True), min_size=1, max_size=3))
def test_no_telephone_number_is_taken_for_a_card(numbers: list[str]) -> None:
    assert require_text("contact", " ".join(numbers)) == " ".join(numbers)


def test_a_field_that_is_asked_for_is_filled() -> None:
    with pytest.raises(Refused) as raised:
        require_filled("name", " \u3000")
    assert code_of(raised) is RefusalCode.TEXT_MISSING
    assert "氏名" in raised.value.message_ja
    assert optional_text("name", " ") is None
    assert optional_text("name", None) is None
    assert optional_text("name", " a ") == "a"


def test_every_field_that_can_be_wrong_has_words() -> None:
    assert all(JAPANESE.search(words.ja) and words.en.isascii() for words in FIELD_WORDS.values())


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True))
def test_a_key_is_letters_digits_and_three_signs(key: str) -> None:
    assert require_key(key) == key


@pytest.mark.parametrize("key", ["", "-a", "a b", "a/b", "a\n", "x" * 65, "キー"])
def test_any_other_key_is_refused(key: str) -> None:
    with pytest.raises(Refused) as raised:
        require_key(key)
    assert code_of(raised) is RefusalCode.KEY_UNUSABLE


def test_numbers_have_bounds() -> None:
    assert [require_nights(nights) for nights in (0, NIGHTS_MAX)] == [0, NIGHTS_MAX]
    require_guests(0, GUESTS_MAX)
    assert require_amount(-AMOUNT_MINOR_MAX) == -AMOUNT_MINOR_MAX
    assert require_amount_above_zero(1) == 1
    for check, code in (
        (lambda: require_nights(NIGHTS_MAX + 1), RefusalCode.NIGHTS_IMPOSSIBLE),
        (lambda: require_nights(-1), RefusalCode.NIGHTS_IMPOSSIBLE),
        (lambda: require_guests(GUESTS_MAX + 1, 0), RefusalCode.GUESTS_IMPOSSIBLE),
        (lambda: require_guests(0, -1), RefusalCode.GUESTS_IMPOSSIBLE),
        (lambda: require_amount(AMOUNT_MINOR_MAX + 1), RefusalCode.AMOUNT_IMPOSSIBLE),
        (lambda: require_amount_above_zero(0), RefusalCode.AMOUNT_IMPOSSIBLE),
        (lambda: require_date("tomorrow"), RefusalCode.DATE_IMPOSSIBLE),
    ):
        with pytest.raises(Refused) as raised:
            check()
        assert code_of(raised) is code


def test_what_the_desk_takes_the_ledger_can_hold() -> None:
    assert NIGHTS_MAX <= limits.NIGHTS_MAX
    assert GUESTS_MAX <= limits.GUESTS_MAX
    assert AMOUNT_MINOR_MAX <= limits.INTEGER_MAX
    assert TEXT_CHARACTERS_MAX <= limits.TEXT_CHARACTERS_MAX
    assert REASON_CHARACTERS_MAX <= limits.REASON_CHARACTERS_MAX
