"""What every fault is: a way to be drawn for a world, a way to happen, and the counters that show that it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from simulations.world.plan import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Fault, WorldPlan
from simulations.world.world import World

SPANS_MS = (
    (10 * SECOND_MS, 5 * MINUTE_MS),
    (5 * MINUTE_MS, 4 * HOUR_MS),
    (4 * HOUR_MS, 3 * DAY_MS),
    (3 * DAY_MS, 60 * DAY_MS),
)
"""How long a fault may last: a hiccup, a shift, one to three days, two months."""

Draw = Callable[[Random, WorldPlan], Fault | None]
Apply = Callable[[World, Fault], None]


@dataclass(frozen=True, slots=True)
class Knob:
    """One kind of fault.

    `draw` gives one for a world, None when the world has nothing that could suffer it. `apply` lets it begin and arranges for
    its end. `effects` are the counters of a world of which one counts whenever it had an effect.
    """

    name: str
    draw: Draw
    apply: Apply
    effects: Sequence[str]


def span(random: Random, plan: WorldPlan) -> tuple[int, int]:
    """When a fault begins and ends: around some piece of work, for a hiccup, a shift, days or months."""
    fitting = [spans for spans in SPANS_MS if spans[0] < plan.duration_ms]
    shortest, longest = fitting[random.randrange(len(fitting))]
    length = random.randint(shortest, min(longest, plan.duration_ms))
    # Around somebody's work: a hiccup in an idle night shows nothing.
    middle = plan.work[random.randrange(len(plan.work))].at_ms
    begin = min(max(middle - random.randrange(length + 1), 0), plan.duration_ms - 1)
    return begin, min(begin + length, plan.duration_ms)


def terminals(plan: WorldPlan) -> list[int]:
    """The terminals that are switched on."""
    return [number for number in range(1, plan.terminals + 1) if number not in plan.absent]


def nodes(plan: WorldPlan) -> list[int]:
    """All nodes, the relay first."""
    return [*([0] if plan.has_relay else []), *terminals(plan)]


def is_connected(numbers: Sequence[int], links: Sequence[tuple[int, int]]) -> bool:
    """Whether all of them reach each other over those links."""
    reached = [numbers[0]]
    for number in reached:
        reached.extend({end: None for ends in links if number in ends for end in ends if end not in reached})
    return len(reached) == len(numbers)


def pick(random: Random, items: Sequence[int]) -> int:
    """One of them."""
    return items[random.randrange(len(items))]


def counter(name: str) -> str:
    """The counter of a fault that counts itself."""
    return f"fault_{name}"
