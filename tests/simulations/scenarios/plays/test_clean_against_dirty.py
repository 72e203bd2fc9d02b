from __future__ import annotations

from collections.abc import Callable

from crdt_pms.hotel.statuses import HousekeepingCondition
from crdt_pms.ledger.matters import Matter
from simulations.scenarios.stage import Performance

Performed = Callable[[str], Performance]


NAME = "clean_against_dirty"


def test_the_newest_report_is_shown_and_the_other_one_stays_readable(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        assert picture.rooms["203"].hk_condition is HousekeepingCondition.DIRTY
        (conflict,) = picture.standing(Matter.CONFLICT_ROOM_STATUS)
        assert sorted((option.value["value"], option.is_shown) for option in conflict.options) == [
            ("clean", False),
            ("dirty", True),
        ]


def test_what_both_report_alike_is_no_conflict(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        assert picture.rooms["204"].hk_condition is HousekeepingCondition.CLEAN
        assert picture.rooms["204"].contested == ()


def test_the_next_report_ends_it(performed: Performed) -> None:
    for picture in performed(NAME).pictures["seen"].values():
        assert picture.rooms["203"].hk_condition is HousekeepingCondition.CLEAN
        assert picture.standing(Matter.CONFLICT_ROOM_STATUS) == []
