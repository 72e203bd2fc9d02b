from __future__ import annotations

from collections.abc import Callable

from simulations.scenarios.plays.flapping_wifi import DRINKS
from simulations.scenarios.props import RATE_MINOR
from simulations.scenarios.stage import Performance

Performed = Callable[[str], Performance]


NAME = "flapping_wifi"


def test_every_slip_is_on_the_bill_once_although_two_desks_sent_it(performed: Performed) -> None:
    performance = performed(NAME)
    assert performance.outcome.counts["fault_flapping"] > 3
    assert performance.outcome.counts["action_post_charge"] == 2 * DRINKS
    for picture in performance.pictures["after"].values():
        assert picture.stays["hayashi"].balance_minor == RATE_MINOR + (DRINKS - 1) * 700


def test_nothing_is_left_to_decide(performed: Performed) -> None:
    for picture in performed(NAME).pictures["after"].values():
        assert (picture.conflicts, picture.alerts, picture.tentative) == ((), (), 0)
