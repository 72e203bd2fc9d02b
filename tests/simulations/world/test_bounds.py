"""A bound counts as met when something in the world was stopped by it, and only then."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from simulations.campaign.drawing import draw_plan
from simulations.campaign.worlds import worlds
from simulations.world.bounds import counter_of
from simulations.world.limits import BOUNDS, USUAL, draw_limits

SEEDS = range(6)
MET_SOON = {"sent_at_once", "frames_under_way", "entries_at_hand", "superseded_kept", "notes_held", "context_journals"}


@pytest.fixture(scope="module")
def met() -> Counter[str]:
    """In how many of a few worlds in which everything is small each bound was met."""
    found: Counter[str] = Counter()
    with worlds() as here:
        for seed in SEEDS:
            result = here.run(replace(draw_plan(seed), limits=draw_limits(Random(seed), share=0.7)))
            assert result.findings == []
            found.update({name: result.counts[counter_of(name)] for name in BOUNDS})
    return found


def test_small_bounds_are_met_in_small_worlds(met: Counter[str]) -> None:
    assert {name for name in MET_SOON if not met[name]} == set()


def test_the_bounds_of_the_product_are_not_told_as_met() -> None:
    with worlds() as here:
        result = here.run(replace(draw_plan(1), limits=USUAL))
    assert not [name for name in result.counts if name.startswith(counter_of(""))]
