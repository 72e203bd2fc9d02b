"""Payment card numbers must not enter anything that history keeps (PCI DSS 3.2.1, requirement 3)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_CANDIDATE: Final = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
_HYPHENS: Final = re.compile("[\u2010-\u2015\u2212\u30fc]")
"""Dashes, the minus sign and the sound mark of kana, which is on the key of the hyphen."""


def find_card_number(text: str) -> str | None:
    """The first run of 13 to 19 digits, spaces and hyphens allowed, that satisfies the Luhn check (ISO/IEC 7812-1).

    Full-width digits, as a Japanese keyboard gives them, are digits too.
    """
    plain = _HYPHENS.sub("-", unicodedata.normalize("NFKC", text))
    for match in _CANDIDATE.finditer(plain):
        digits = [int(character) for character in match.group() if character.isdigit()]
        if _is_luhn_valid(digits) and len(set(digits)) > 1:
            return match.group()
    return None


def _is_luhn_valid(digits: list[int]) -> bool:
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if index % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
