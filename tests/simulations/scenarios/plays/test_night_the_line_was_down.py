from __future__ import annotations

from collections.abc import Callable

from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.matters import Matter
from simulations.scenarios.stage import Performance

Performed = Callable[[str], Performance]


NAME = "night_the_line_was_down"


def test_every_desk_works_alone_and_says_what_headquarters_has_not(performed: Performed) -> None:
    alone = performed(NAME).pictures["alone"]
    assert all(picture.tentative > 0 for picture in alone.values())
    assert {picture.business_date for picture in alone.values()} == {"2026-07-02"}
    assert [number for number, picture in alone.items() if "kato" in picture.stays] == [3]


def test_a_night_that_two_desks_charged_is_charged_once(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        # Two nights at 12,000, paid in cash at desk-1; dinner came in from the spa wing after she had left.
        assert picture.stays["hayashi"].balance_minor == 4_800
        assert picture.stays["mori"].balance_minor == 12_000


def test_a_guest_whom_two_audits_took_for_absent_is_in_house(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        assert picture.stays["mori"].status is StayStatus.IN_HOUSE
        assert picture.stays["mori"].room_shown == "203"


def test_of_two_changes_of_one_booking_both_can_be_read(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        (conflict,) = picture.standing(Matter.CONFLICT_TERMS)
        assert sorted((option.value["nights"], option.is_shown) for option in conflict.options) == [
            (2, False),
            (3, True),
        ]


def test_when_the_line_is_back_nothing_stays_tentative(performed: Performed) -> None:
    assert [picture.tentative for picture in performed(NAME).pictures["together"].values()] == [0, 0, 0]
