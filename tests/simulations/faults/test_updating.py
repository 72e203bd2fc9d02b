"""Terminals are updated one after the other, and somebody raises the level in between."""

from __future__ import annotations

from random import Random

from crdt_pms.desk.actions.levels import RaiseLevel
from simulations.checkers.history import Acted
from simulations.world.plan import MINUTE_MS, WorkKind
from simulations.world.versions import NEXT, NEXT_LEVEL, OLDER
from tests.simulations.faults.small_world import SETTLED_MS, small_plan, small_world

SEED = 2
TERMINALS = 3


def test_programs_of_two_versions_work_side_by_side_until_all_are_updated_and_the_level_is_raised() -> None:
    with small_world(small_plan(TERMINALS)) as small:
        desks = [small.desk(number) for number in range(1, TERMINALS + 1)]
        assert {desk.node.replica.view().ledger.level for desk in desks} == {1}
        small.suffer("schema_skew", *small.everybody, lasts_ms=MINUTE_MS, seed=SEED)
        assert {desk.program.name for desk in desks} == {OLDER.name, NEXT.name}
        for number in range(40):
            small.world.people.work(Random(number), desks[number % TERMINALS], WorkKind.STAFF)
            small.pass_ms(MINUTE_MS // 40)
        small.pass_ms(SETTLED_MS)
        acts = [event for event in small.world.history if isinstance(event, Acted)]
        assert {act.is_of_older for act in acts} == {True, False}
        assert [act.action for act in acts].count(RaiseLevel.name) >= 1
        assert {desk.program.name for desk in desks} == {NEXT.name}
        assert {desk.node.replica.view().ledger.level for desk in desks} == {NEXT_LEVEL}
        assert small.agree()
