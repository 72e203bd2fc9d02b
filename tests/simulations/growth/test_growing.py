"""A hotel that grows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from crdt_pms.ledger.matters import Matter
from crdt_pms.runtime.clocks import HandedClock
from simulations.growth.desk import Desk
from simulations.growth.growing import Growing
from simulations.growth.hotel import Files, Size, definition_of, moment_ms
from simulations.growth.relay import Relay

SIZE = Size(rooms=24, stays_a_day=8)
DAYS = 6


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Growing, Files]:
    files = Files(tmp_path_factory.mktemp("growth") / "hotel")
    files.folder.mkdir()
    hotel = Growing(files, SIZE, seed=1)
    hotel.grow(DAYS, keep_at=3)
    return hotel, files


@pytest.fixture
def desk(grown: tuple[Growing, Files], tmp_path: Path) -> Iterator[Desk]:
    copy = grown[1].copy_to(tmp_path / "copy")
    desk = Desk(definition_of(SIZE), 1, copy.desk, HandedClock(moment_ms(DAYS, 7)), Random(1))
    yield desk
    desk.close()


def test_nothing_that_the_staff_ask_for_is_refused(grown: tuple[Growing, Files]) -> None:
    assert not grown[0].staff.refused


def test_eight_journals_are_begun_a_day(desk: Desk) -> None:
    # On the first days there are no guests yet who leave or stay: those runs write nothing.
    assert 8 * (DAYS - 2) < len(desk.node.replica.vector) <= 8 * DAYS + 1


def test_the_business_date_is_that_of_the_day(desk: Desk) -> None:
    assert desk.view.business_date == "2024-01-07"


def test_the_relay_has_committed_all_that_the_desk_holds(
    grown: tuple[Growing, Files], desk: Desk, tmp_path: Path
) -> None:
    files = grown[1].copy_to(tmp_path / "relay-copy")
    relay = Relay(definition_of(SIZE), files.relay, HandedClock(moment_ms(DAYS, 7)), Random(2))
    assert relay.through == desk.node.replica.last_position == desk.node.replica.standing.through
    relay.close()


def test_alerts_stay_open(desk: Desk) -> None:
    alerts = {alert.matter for alert in desk.node.replica.alerts()}
    assert {Matter.ALERT_STAY_CHANGED_APART, Matter.ALERT_SETTLEMENT_OVER_BALANCE} <= alerts


def test_the_file_of_the_day_that_was_asked_for_is_kept(grown: tuple[Growing, Files], tmp_path: Path) -> None:
    former = grown[1].copy_to(tmp_path / "former").former
    desk = Desk(definition_of(SIZE), 1, former, HandedClock(moment_ms(3, 7)), Random(1))
    assert desk.view.business_date == "2024-01-04"
    desk.close()
