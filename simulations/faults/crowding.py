"""Rows that many write at once: everybody is cut apart and works on one stay, so that a register holds dozens of writes."""

from __future__ import annotations

from random import Random
from typing import Final

from simulations.faults.knob import Knob, counter, span, terminals
from simulations.world.plan import MINUTE_MS, SECOND_MS, Fault, WorldPlan
from simulations.world.terminal import Terminal
from simulations.world.world import World

KIND: Final = "many_writers"
_WRITES_EACH: Final = (6, 20)
_LASTS_MIN_MS: Final = MINUTE_MS
_LASTS_MAX_MS: Final = 30 * MINUTE_MS


def _draw(random: Random, plan: WorldPlan) -> Fault | None:
    begin, end = span(random, plan)
    end = min(max(end, begin + _LASTS_MIN_MS), begin + _LASTS_MAX_MS)
    return Fault(begin, end, KIND, tuple(terminals(plan)), random.randint(*_WRITES_EACH), random.getrandbits(32))


def _crowd(world: World, fault: Fault) -> None:
    """Every line is cut while it lasts; everybody writes `amount` times, and what they know of each other comes afterwards."""
    cut = [(line, end) for line in world.network.lines.values() for end in line.ends]
    for line, end in cut:
        world.network.cut(line, end)
    world.tell(f"{KIND}: everybody is cut apart and works on one stay")
    step_ms = max((fault.until_ms - fault.at_ms) // (fault.amount + 1), SECOND_MS)
    for number in range(fault.amount):
        for node in fault.nodes:
            world.at_plan_time(
                fault.at_ms + (number + 1) * step_ms, lambda node=node, number=number: write(node, number)
            )

    def write(node: int, number: int) -> None:
        terminal = world.machines[node]
        if isinstance(terminal, Terminal) and terminal.is_up:
            world.people.crowd(world.random("crowd", fault.seed, node, number), terminal)

    def mend() -> None:
        for line, end in cut:
            world.network.mend(line, end)
        world.count(counter(KIND))

    world.after_fault(fault, mend)


KNOBS = (Knob(KIND, _draw, _crowd, [counter(KIND)]),)
