"""Payment card numbers must not enter anything that history keeps (PCI DSS 3.2.1, requirement 3).

| text | rule |
|---|---|
| free text: reasons, notes, descriptions, references, names, addresses, sources | no card number, however it is typed |
| telephone numbers (`contact`) | no number *written as* a card's: unbroken, or in a card's own groups of digits |
| member numbers, passport numbers | not checked: such a number may have the length and the check digit of a card's |
| ids and idempotency keys | not checked: made by programs |
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

_RUN: Final = re.compile(r"[0-9]+(?:[ -][0-9]+)*")
_WRITTEN_AS_CARD: Final = re.compile(
    r"(?<![0-9+])(?:[0-9]{13,19}|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}|[0-9]{4}([ -])[0-9]{6}\2[0-9]{4,5})(?![0-9])"
)
_HYPHENS: Final = re.compile("[\u2010-\u2015\u2212\u30fc]")
"""Dashes, the minus sign and the sound mark of kana, which is on the key of the hyphen."""


class _Network(NamedTuple):
    """A range of first digits, and how long the numbers that begin with them are."""

    first: str
    last: str
    lengths: range


_NETWORKS: Final = (
    _Network("2221", "2720", range(16, 17)),
    _Network("300", "305", range(14, 17)),
    _Network("34", "34", range(15, 16)),
    _Network("3528", "3589", range(16, 20)),
    _Network("36", "36", range(14, 20)),
    _Network("37", "37", range(15, 16)),
    _Network("38", "39", range(14, 17)),
    _Network("4", "4", range(13, 20)),
    _Network("50", "50", range(13, 20)),
    _Network("51", "55", range(16, 17)),
    _Network("56", "69", range(13, 20)),
)
"""Mastercard, Diners, American Express, JCB, Visa, Maestro, Discover, UnionPay (ISO/IEC 7812)."""
_DIGITS_MIN: Final = min(network.lengths.start for network in _NETWORKS)
_DIGITS_MAX: Final = max(network.lengths.stop for network in _NETWORKS) - 1


def find_card_number(text: str) -> str | None:
    """The first number of a payment card, in one piece or in groups; None where there is none.

    Such a number has the first digits and the length of a card network, and satisfies the Luhn check. Full-width digits,
    as a Japanese keyboard gives them, are digits too. Other numbers may stand before and after it.
    """
    for run in _RUN.finditer(_plain(text)):
        groups = re.split("[ -]", run.group())
        for begin in range(len(groups)):
            digits = ""
            for group in groups[begin:]:
                digits += group
                if len(digits) > _DIGITS_MAX:
                    break
                if _is_card_number(digits):
                    return digits
    return None


def find_number_written_as_card(text: str) -> str | None:
    """The first number of a payment card that no telephone number is written like: in one piece, or in a card's groups."""
    for match in _WRITTEN_AS_CARD.finditer(_plain(text)):
        digits = re.sub("[ -]", "", match.group())
        if _is_card_number(digits):
            return digits
    return None


def _plain(text: str) -> str:
    return _HYPHENS.sub("-", unicodedata.normalize("NFKC", text))


def _is_card_number(digits: str) -> bool:
    if len(digits) < _DIGITS_MIN or not _is_luhn_valid([int(digit) for digit in digits]):
        return False
    return any(
        network.first <= digits[: len(network.first)] <= network.last and len(digits) in network.lengths
        for network in _NETWORKS
    )


def _is_luhn_valid(digits: list[int]) -> bool:
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if index % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
