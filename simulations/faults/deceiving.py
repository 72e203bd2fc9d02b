"""Peers that are of another version."""

from __future__ import annotations

from random import Random

from simulations.faults.knob import Knob, counter, pick, span, terminals
from simulations.world.plan import MINUTE_MS, Fault, WorldPlan
from simulations.world.world import World

_LASTS_MAX_MS = 2 * MINUTE_MS


def _draw_versions(random: Random, plan: WorldPlan) -> Fault | None:
    begin, end = span(random, plan)
    return Fault(
        begin, min(end, begin + _LASTS_MAX_MS), "mixed_versions", (pick(random, terminals(plan)),), random.randrange(2)
    )


def _mix_versions(world: World, fault: Fault) -> None:
    """One terminal is updated: to a program that still speaks the old version, or to one that does not."""
    machine = world.machines[fault.nodes[0]]
    world.count(counter(fault.kind))

    def update(versions: tuple[int, int]) -> None:
        machine.kill()
        machine.versions = versions
        machine.tell(f"is updated and speaks protocol versions {versions[0]} to {versions[1]}")

    update((1, 2) if fault.amount else (2, 2))
    world.after_fault(fault, lambda: update((1, 2)))


KNOBS = (Knob("mixed_versions", _draw_versions, _mix_versions, [counter("mixed_versions")]),)
