"""Rows that many write at once: one register holds dozens of writes that did not know each other."""

from __future__ import annotations

from simulations.campaign.worlds import worlds
from simulations.faults.crowding import KIND
from simulations.world.plan import SECOND_MS, Fault
from simulations.world.world import World
from tests.simulations.faults.small_world import small_plan

WRITES, DESKS = 14, (1, 2, 3)
DOZENS = 24
BEGIN_MS = 70 * SECOND_MS


class MostSiblings:
    """Counts, when all nodes have agreed, the writes that stand against each other in the most crowded register."""

    def __init__(self) -> None:
        self.most = 0

    def begins(self, world: World) -> None:
        pass

    def ends(self, world: World) -> None:
        ledger = world.terminals[0].node.replica.state.ledger
        self.most = max(len(conflict.siblings) for conflict in ledger.conflicts())


def test_a_register_holds_dozens_of_writes_and_every_law_holds() -> None:
    fault = Fault(BEGIN_MS, BEGIN_MS + 20 * SECOND_MS, KIND, DESKS, WRITES, 3)
    siblings = MostSiblings()
    with worlds() as here:
        result = here.run(small_plan(len(DESKS), work=6, faults=[fault]), witness=siblings)
    assert result.findings == []
    assert siblings.most >= DOZENS
