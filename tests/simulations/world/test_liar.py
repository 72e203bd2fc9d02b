"""Who lies about the committed order loses its session; nobody believes it, forgets anything, or renews a generation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crdt_pms.session.errors import OrderUnproven
from simulations.world.hotel import TERMINALS_MAX
from simulations.world.liar import LIES, Liar, Lie
from tests.simulations.faults.small_world import SmallWorld, small_plan, small_world

VICTIMS = [0, 1]
REFUSED = {
    "a position that nothing reaches": {OrderUnproven.reason},
    "a generation of its own": {OrderUnproven.reason},
    "another digest under the relay's signature": {OrderUnproven.reason},
    "other runs than the relay signed": set[str](),
    "an order of its own": {OrderUnproven.reason},
    "an old end once more": set[str](),
}
"""Why the session ends. Old pieces and old ends are genuine, and say nothing new."""


@pytest.fixture
def small() -> Iterator[SmallWorld]:
    """Three desks and a relay that hold some work."""
    with small_world(small_plan(3)) as running:
        running.book(1, 3)
        running.book(2)
        running.pass_ms()
        yield running


def reasons(small: SmallWorld) -> set[str]:
    """Why links ended so far."""
    return {name.removeprefix("link_ended_") for name in small.world.counts if name.startswith("link_ended_")}


def liar_in(small: SmallWorld, lie: Lie) -> Liar:
    """One that has listened at the relay."""
    liar = Liar(small.world.hotel.device(TERMINALS_MAX), small.world.random("liar", 1), lie)
    liar.listen(small.relay)
    small.pass_ms()
    assert liar.heard
    return liar


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.name)
def test_a_lie_ends_the_session_in_which_it_is_told_and_changes_nothing(
    small: SmallWorld, lie: Lie, victim: int
) -> None:
    liar = liar_in(small, lie)
    before = [machine.node.order_end() for machine in small.world.machines.values()]
    liar.strike(small.world.machines[victim])
    small.pass_ms()
    assert liar.visit is not None
    assert reasons(small) == REFUSED[lie.name]
    assert [machine.node.order_end() for machine in small.world.machines.values()] == before
    assert small.world.counts["generation_renewed"] == 0
    assert small.agree()
