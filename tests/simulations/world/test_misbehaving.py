"""A device that misbehaves within its rights changes what is shown, is told of, and is in nobody's way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from unittest.mock import patch

import pytest

from simulations.campaign.worlds import Worlds, worlds
from simulations.faults.knob import counter
from simulations.world import misbehaving
from simulations.world.limits import TIGHT, USUAL, Limits
from simulations.world.plan import MINUTE_MS, Fault
from tests.simulations.faults.small_world import small_plan

KIND = "misbehaving_device"


@pytest.fixture(scope="module")
def here() -> Iterator[Worlds]:
    with worlds() as running:
        yield running


def after(
    here: Worlds, kind: Callable[..., object], *, killed: bool = False, at: int = 1, limits: Limits = USUAL
) -> Counter[str]:
    """What is counted in a world in which people work on while the device is there; no law is broken in it."""
    fault = Fault(MINUTE_MS, 2 * MINUTE_MS, KIND, (at,), int(killed), 7)
    with patch.object(misbehaving, "KINDS", (kind,)):
        result = here.run(replace(small_plan(2, work=12, faults=[fault]), limits=limits))
    assert result.findings == []
    assert result.counts[counter(KIND)] == 1
    return result.counts


@pytest.mark.parametrize("kind", misbehaving.KINDS)
@pytest.mark.parametrize("killed", [False, True])
def test_whatever_it_does_every_law_holds(here: Worlds, kind: Callable[..., object], killed: bool) -> None:
    after(here, kind, killed=killed)


@pytest.mark.parametrize("kind", misbehaving.KINDS)
def test_it_cannot_bring_more_at_once_than_its_readers_allow(here: Worlds, kind: Callable[..., object]) -> None:
    after(here, kind, at=0, limits=TIGHT)


@pytest.mark.parametrize(
    ("kind", "matter"),
    [
        (misbehaving.date_ahead, "alert_business_date_ahead"),
        (misbehaving.say_no_word, "alert_value_without_meaning"),
        (misbehaving.move_in, "alert_stay_incomplete"),
        (misbehaving.crowd_a_row, "conflict_terms"),
    ],
)
def test_what_it_wrote_is_told_at_every_desk(here: Worlds, kind: Callable[..., object], matter: str) -> None:
    assert after(here, kind)[matter] >= 2


def test_the_journals_that_it_opens_come_one_by_one_and_all_of_them(here: Worlds) -> None:
    few = replace(USUAL, journals_opened_at_once=TIGHT.journals_opened_at_once)
    counts = after(here, misbehaving.open_journals, limits=few)
    assert counts["bound_journals_opened_at_once"] == 1
