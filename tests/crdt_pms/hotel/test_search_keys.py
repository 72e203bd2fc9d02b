"""A guest is found however the person at the desk writes the name or the number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.hotel.search_keys import GUEST_KEYS, KEY_CHARACTERS_MAX, guest_keys, romanised, searched_keys


def finds(text: str, name: str, kana: str = "", contact: str = "") -> bool:
    keys = guest_keys(name, kana, contact)
    return any((keys[column] or "").startswith(asked) for column, asked in searched_keys(text).items())


@pytest.mark.parametrize(
    "text",
    [
        "佐藤", "佐藤陽子", "佐藤 陽子", "佐藤　陽", "陽子", "さとう", "サトウ", "ｻﾄｳ", "さとうようこ", "ようこ",
        "Sato", "SATOU", "satō", "Satoh", "Yoko Sato", "sato y", "youko",
    ],
)  # fmt: skip
def test_a_name_in_kanji_is_found_by_kanji_kana_and_romaji(text: str) -> None:
    assert finds(text, "佐藤 陽子", "サトウ ヨウコ")


@pytest.mark.parametrize("text", ["smith", "Smith", "John Smith", "smith, john", "スミス ジョン", "すみす"])
def test_a_foreign_name_is_found_in_either_order_and_by_its_kana(text: str) -> None:
    assert finds(text, "John Smith", "スミス ジョン")


def test_a_foreign_name_without_kana_is_found_by_its_letters() -> None:
    assert finds("muller", "Jürgen Müller")
    assert finds("müller", "Jürgen Müller")
    assert finds("ジョ", "ジョン・スミス")


@pytest.mark.parametrize(
    "text", ["09012345678", "090-1234-5678", "０９０－１２３４", "5678", "+81 90 1234 5678", "+81-(0)90-1234"]
)
def test_a_telephone_number_is_found_by_its_beginning_its_end_and_from_abroad(text: str) -> None:
    assert finds(text, "佐藤", contact="tel 090-1234-5678 / sato@example.jp")


def test_three_digits_are_no_telephone_number() -> None:
    assert not finds("678", "佐藤", contact="090-1234-5678")


@pytest.mark.parametrize(
    ("hepburn", "kunrei"),
    [
        ("Shinjuku", "sinzyuku"), ("Chiba", "tiba"), ("Tsuchiya", "tutiya"), ("Fujii", "huzii"), ("Ōno", "Ohno"),
        ("Homma", "honma"), ("Kimpara", "kinpara"), ("Jun'ichi", "zyuniti"), ("Bocchan", "botchan"), ("Yūki", "yuuki"),
    ],
)  # fmt: skip
def test_both_romanisations_are_one_spelling(hepburn: str, kunrei: str) -> None:
    assert romanised(hepburn) == romanised(kunrei)


@given(st.text(), st.text(), st.text())
def test_any_card_has_every_key_within_its_limit(name: str, kana: str, contact: str) -> None:
    keys = guest_keys(name, kana, contact)
    assert tuple(keys) == GUEST_KEYS
    assert all(key is None or 0 < len(key) <= KEY_CHARACTERS_MAX for key in keys.values())


@given(st.text(alphabet="あかさたなはまやらわんがざだばぱきゃしゅちょっうお", min_size=2, max_size=12), st.data())
def test_every_beginning_of_a_reading_finds_the_guest(kana: str, data: st.DataObject) -> None:
    beginning = kana[: data.draw(st.integers(1, len(kana)))]
    assert finds(beginning, "漢字", kana)
