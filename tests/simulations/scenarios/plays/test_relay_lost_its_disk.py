from __future__ import annotations

from collections.abc import Callable

from simulations.scenarios.stage import Performance

Performed = Callable[[str], Performance]


NAME = "relay_lost_its_disk"


def test_headquarters_gets_everything_back_from_the_desks(performed: Performed) -> None:
    performance = performed(NAME)
    before, without, after = performance.committed
    assert without == 0
    assert after == before + 2


def test_the_desks_lose_nothing_and_nothing_stays_tentative(performed: Performed) -> None:
    performance = performed(NAME)
    for number, picture in performance.pictures["after"].items():
        assert picture.stays == performance.pictures["without"][number].stays
        assert picture.tentative == 0
        assert picture.alerts == ()
