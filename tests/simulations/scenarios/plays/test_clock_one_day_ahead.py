from __future__ import annotations

from collections.abc import Callable

from crdt_pms.ledger.matters import Matter
from simulations.scenarios.stage import Performance

Performed = Callable[[str], Performance]


NAME = "clock_one_day_ahead"


def test_a_desk_that_has_heard_the_others_is_right_about_the_time(performed: Performed) -> None:
    for picture in performed(NAME).pictures["heard"].values():
        assert abs(picture.clock_lead_ms) < 1_000


def test_an_alert_names_the_clock_that_was_ahead(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        (alert,) = picture.alerts
        assert alert.matter is Matter.ALERT_STAMP_OUT_OF_BOUND
        assert int(str(alert.details["lead_ms"])) > 20 * 3_600_000


def test_once_it_has_heard_them_the_change_that_was_really_later_is_shown(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        assert picture.stays["mori"].nights == 4
