"""Everything with a fixed set of values has words in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import pytest

from crdt_pms.hotel.business_day import Due
from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.occupancy import Discrepancy, FrontOfficeOccupancy, HousekeepingReservation
from crdt_pms.hotel.odd_terms import Oddity
from crdt_pms.hotel.register import PROFILE_FIELDS
from crdt_pms.hotel.statuses import BOARD_FIELDS, BOARD_TEXT_FIELDS, StayStatus
from crdt_pms.hotel.transaction_codes import PostingKind
from crdt_pms.hotel.words import (
    BOARD_FIELD_WORDS,
    BOARD_VALUE_WORDS,
    DISCREPANCY_WORDS,
    DUE_WORDS,
    FO_OCCUPANCY_WORDS,
    HK_RESERVATION_WORDS,
    ODDITY_WORDS,
    POSTING_KIND_WORDS,
    PROFILE_FIELD_WORDS,
    STAY_STATUS_WORDS,
    WINDOW_STATUS_WORDS,
    Words,
    board_value_words,
    code_words,
    stay_status_words,
)

TABLES: list[tuple[object, type[StrEnum]]] = [
    (STAY_STATUS_WORDS, StayStatus),
    (FO_OCCUPANCY_WORDS, FrontOfficeOccupancy),
    (DISCREPANCY_WORDS, Discrepancy),
    (HK_RESERVATION_WORDS, HousekeepingReservation),
    (DUE_WORDS, Due),
    (WINDOW_STATUS_WORDS, WindowStatus),
    (POSTING_KIND_WORDS, PostingKind),
    (ODDITY_WORDS, Oddity),
]
FIELDS: list[tuple[Mapping[str, Words], Iterable[str]]] = [
    (BOARD_FIELD_WORDS, (*BOARD_FIELDS, *BOARD_TEXT_FIELDS)),
    (PROFILE_FIELD_WORDS, PROFILE_FIELDS),
    *((BOARD_VALUE_WORDS[field], BOARD_FIELDS[field]) for field in BOARD_FIELDS),
]


@pytest.mark.parametrize(("table", "members"), [*TABLES, *FIELDS])
def test_every_member_has_words_of_its_own(table: Mapping[str, Words], members: Iterable[str]) -> None:
    assert set(table) == set(members)
    assert all(not words.ja.isascii() and words.en.isascii() for words in table.values())
    assert len({words.ja for words in table.values()}) == len({words.en for words in table.values()}) == len(table)


def test_words_are_said_in_the_language_asked_for() -> None:
    assert (stay_status_words("in_house").said("ja"), stay_status_words("in_house").said("en")) == (
        "滞在中",
        "In house",
    )


def test_a_word_of_a_newer_version_stands_for_itself() -> None:
    assert stay_status_words("teleported") == Words("teleported", "teleported")
    assert board_value_words("hk_condition", "sparkling") == Words("sparkling", "sparkling")
    assert board_value_words("maintenance_reason", "water") == Words("water", "water")
    assert code_words("spa") == Words("spa", "spa")
    assert code_words("cash") == Words("現金", "Cash")
