"""Invented guests: who stands at the desk for a booking. The same seed and booking id give the same person everywhere.

Nobody in here exists: names are combined from common ones, telephone numbers end after `0000`, addresses stop at the
city.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from simulations.workloads.names import CITIES, FAMILY_NAMES, GIVEN_NAMES, PHONE_PREFIXES

_Choice = TypeVar("_Choice")


@dataclass(frozen=True, slots=True)
class Guest:
    """A guest as the register asks for one: name and its katakana, a telephone number, prefecture and city."""

    name: str
    kana: str
    contact: str
    address: str

    def profile(self) -> dict[str, str]:
        """The profile fields (`crdt_pms.hotel.register.PROFILE_FIELDS`) that this guest fills."""
        return {"name": self.name, "kana": self.kana, "contact": self.contact, "address": self.address}


def guest_of(booking_id: str, seed: int) -> Guest:
    """The guest of a booking. Two bookings may by chance have guests of one name; they are different people."""
    draws = _Draws(f"{seed}/{booking_id}")
    family, family_kana = draws.one_of(FAMILY_NAMES)
    given, given_kana = draws.one_of(GIVEN_NAMES)
    return Guest(
        name=f"{family} {given}",
        kana=f"{family_kana} {given_kana}",
        contact=f"{draws.one_of(PHONE_PREFIXES)}-0000-{draws.below(10_000):04d}",
        address=draws.one_of(CITIES),
    )


class _Draws:
    """Numbers from a text. Not `random.Random`: its sequence for a text is not promised across versions of Python."""

    def __init__(self, text: str) -> None:
        self._left = int.from_bytes(sha256(text.encode()).digest())

    def below(self, bound: int) -> int:
        self._left, number = divmod(self._left, bound)
        return number

    def one_of(self, choices: tuple[_Choice, ...]) -> _Choice:
        return choices[self.below(len(choices))]
