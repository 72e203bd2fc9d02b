"""What a bad line does to frames: it loses, delays, doubles, swaps and spoils them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from simulations.faults.knob import Knob, nodes, pick, span
from simulations.world.network import Way
from simulations.world.plan import SECOND_MS, Fault, WorldPlan
from simulations.world.world import World

_SHARES = (20, 100, 300)
"""Thousandths of all frames."""
_DELAYS_MS = (300, 2 * SECOND_MS, 8 * SECOND_MS)


def _knob(kind: str, field: str, amounts: tuple[int, ...], *, most_ms: int) -> Knob:
    def draw(random: Random, plan: WorldPlan) -> Fault | None:
        begin, end = span(random, plan)
        # A line that is bad for days would keep nodes from ever agreeing and hide every other fault.
        end = min(end, begin + most_ms)
        return Fault(begin, end, kind, (pick(random, nodes(plan)),), amounts[random.randrange(len(amounts))])

    return Knob(kind, draw, _changing(field), [kind])


def _changing(field: str) -> Callable[[World, Fault], None]:
    def apply(world: World, fault: Fault) -> None:
        ways: list[Way] = [way for line in world.network.of(fault.nodes[0]) for way in line.ways]
        for way in ways:
            setattr(way, field, getattr(way, field) + fault.amount)

        def end() -> None:
            for way in ways:
                setattr(way, field, getattr(way, field) - fault.amount)

        world.after_fault(fault, end)
        world.tell(f"{fault.kind} on the lines of {world.names[fault.nodes[0]]}")

    return apply


KNOBS = (
    _knob("loss", "loss", _SHARES, most_ms=40 * SECOND_MS),
    _knob("delay", "delay_ms", _DELAYS_MS, most_ms=600 * SECOND_MS),
    _knob("duplication", "duplication", _SHARES, most_ms=40 * SECOND_MS),
    _knob("reordering", "reordering", _SHARES, most_ms=40 * SECOND_MS),
    _knob("corruption", "corruption", _SHARES, most_ms=40 * SECOND_MS),
)
