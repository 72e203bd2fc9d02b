"""Keys by which a guest is found, and what a search asks of them.

A key is a text without those differences that people do not mean: width, case, hiragana or katakana, spaces and signs,
long vowels, the spellings of Hepburn and Kunrei. A search compares the beginning of a key, so each key is one range of an
index. The order of family name and given name differs from card to card; the `given_…` keys begin with the last word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

import jaconv

GUEST_KEYS: Final = (
    "name_key", "given_name_key", "kana_key", "given_kana_key", "romaji_key", "given_romaji_key", "phone_key", "phone_end_key",
)  # fmt: skip
"""The columns of a guest's keys. `phone_end_key` has the digits of the telephone number from the last to the first."""
KEY_CHARACTERS_MAX: Final = 100
PHONE_DIGITS_MIN: Final = 4
"""A search for fewer digits is none for a telephone number: guests give the last four."""

_SIGNS: Final = re.compile(r"[\W_]+")
_BETWEEN_WORDS: Final = re.compile(r"[\s・,、]+")
_KANA: Final = re.compile(r"[ぁ-ゖ]+")
_PHONE: Final = re.compile(r"\+?\(?\d[\d\s()./-]{5,}")
_ONE_SPELLING: Final = tuple(
    (re.compile(pattern), spelt)
    for pattern, spelt in (
        (r"sh(?=[aueo])", "sy"), (r"sh", "s"), (r"ch(?=[aueo])", "ty"), (r"ch", "t"), (r"ct", "tt"), (r"ts", "t"),
        (r"jy|j(?=[aueo])", "zy"), (r"j", "z"), (r"d(?=z)", ""), (r"du", "zu"), (r"di", "zi"), (r"f(?=u|$)", "h"),
        (r"m(?=[bpm])", "n"), (r"oh(?![aiueoy])", "o"), (r"o[ou]+", "o"), (r"([aiue])\1+", r"\1"),
    )
)  # fmt: skip
"""Applied in this order. A search that stops within a syllable is to find what goes on with it."""


def guest_keys(name: str, kana: str, contact: str) -> dict[str, str | None]:
    """Every key of a guest's card, by column; None where the card gives none.

    A name in kana or Latin letters is its own reading. Names in kanji are read by the kana of the card only.
    """
    read = kana if folded(kana) else name
    phone = telephone(contact)
    keys = {
        "name_key": folded(name),
        "given_name_key": folded(_last_word_first(name)),
        "kana_key": _in_kana(read),
        "given_kana_key": _in_kana(_last_word_first(read)),
        "romaji_key": romanised(read),
        "given_romaji_key": romanised(_last_word_first(read)),
        "phone_key": phone,
        "phone_end_key": phone[::-1],
    }
    return {column: key or None for column, key in keys.items()}


def searched_keys(text: str) -> Mapping[str, str]:
    """How the keys of a guest begin that a search for this text finds, by column. One key that begins so is enough."""
    name, kana, romaji, phone = folded(text), _in_kana(text), romanised(text), _digits(text)
    found = {
        "name_key": name, "given_name_key": name, "kana_key": kana, "given_kana_key": kana,
        "romaji_key": romaji, "given_romaji_key": romaji,
    }  # fmt: skip
    if len(phone) >= PHONE_DIGITS_MIN:
        found |= {"phone_key": phone, "phone_end_key": phone[::-1]}
    return {column: key for column, key in found.items() if key}


def folded(text: str) -> str:
    """The text without differences of width and case, in hiragana, without spaces and signs."""
    plain = jaconv.kata2hira(unicodedata.normalize("NFKC", text).casefold())
    return _SIGNS.sub("", plain).replace("ー", "")[:KEY_CHARACTERS_MAX]


def romanised(text: str) -> str:
    """Words in kana or Latin letters in one spelling; empty when other letters are among them."""
    letters = unicodedata.normalize("NFKD", jaconv.kana2alphabet(folded(text)))
    plain = "".join(one for one in letters if not unicodedata.combining(one))
    if not plain.isascii() or not plain.isalpha():
        return ""
    for pattern, spelt in _ONE_SPELLING:
        plain = pattern.sub(spelt, plain)
    return plain[:KEY_CHARACTERS_MAX]


def telephone(contact: str) -> str:
    """The digits of the first telephone number of a text, with the leading 0 of Japan; empty when there is none."""
    found = _PHONE.search(unicodedata.normalize("NFKC", contact))
    return "" if found is None else _digits(found.group())


def _digits(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = "".join(one for one in plain if one in "0123456789")
    if re.match(r"\(?\+\(?81", plain):
        digits = "0" + digits[2:].removeprefix("0")
    return digits[:KEY_CHARACTERS_MAX]


def _in_kana(text: str) -> str:
    plain = folded(text)
    return plain if _KANA.fullmatch(plain) else ""


def _last_word_first(text: str) -> str:
    words = [word for word in _BETWEEN_WORDS.split(unicodedata.normalize("NFKC", text).strip()) if word]
    return " ".join(words[-1:] + words[:-1]) if len(words) > 1 else ""
