"""Programs of different versions: terminals are updated one after the other, and the level is raised in between."""

from __future__ import annotations

from random import Random
from typing import Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.levels import RaiseLevel
from crdt_pms.desk.view import DeskView
from simulations.faults.knob import Knob, counter, nodes, span
from simulations.world.machine import Machine
from simulations.world.plan import Fault, WorldPlan
from simulations.world.terminal import Terminal
from simulations.world.versions import CURRENT, NEXT, NEXT_LEVEL, OLDER
from simulations.world.world import World

OLDER_SHARE: Final = 0.6
RAISES: Final = 3
"""How often a manager thinks of raising the level; at two desks that are cut apart it may happen twice."""


def _draw(random: Random, plan: WorldPlan) -> Fault | None:
    _begin, end = span(random, plan)
    return Fault(
        0,
        max(end, plan.duration_ms // 2),
        "schema_skew",
        tuple(nodes(plan)),
        random.randrange(2),
        random.getrandbits(32),
    )


def _skew(world: World, fault: Fault) -> None:
    """Some programs are of the next version from the beginning, the relay's first; the others are updated meanwhile.

    With an `amount` the others are updated only when the whole hotel is healed: its core must agree across versions.
    """
    if any(machine.program is not CURRENT for machine in world.machines.values()):
        return
    random = world.random("schema_skew", fault.seed)
    world.count(counter(fault.kind))
    for machine in world.machines.values():
        is_older = isinstance(machine, Terminal) and random.random() < OLDER_SHARE
        machine.update(OLDER if is_older else NEXT)
        if is_older and not fault.amount:
            world.at_plan_time(
                random.randint(fault.at_ms, fault.until_ms), lambda machine=machine: _update(world, machine)
            )
    for _time in range(RAISES):
        terminal = world.terminals[random.randrange(len(world.terminals))]
        early = fault.at_ms + random.randrange(1 + (fault.until_ms - fault.at_ms) // 3)
        world.at_plan_time(early, lambda desk=terminal: _raise(world, desk))
    world.before_all_is_healed.append(lambda: [_update(world, machine) for machine in world.machines.values()])


def _update(world: World, machine: Machine) -> None:
    if machine.program is not NEXT:
        world.count("updated")
        machine.update(NEXT)


def _raise(world: World, desk: Terminal) -> None:
    def choose(view: DeskView, now_ms: int, terminal: Terminal) -> Action | None:  # noqa: ARG001
        return RaiseLevel(NEXT_LEVEL) if terminal.program is NEXT and view.is_administrator else None

    desk.act(choose, world.hotel.manager)


KNOBS = (Knob("schema_skew", _draw, _skew, [counter("schema_skew")]),)
