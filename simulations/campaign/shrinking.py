"""Reduces a failing world: fewer terminals, faults and actions, as long as the same checker still finds something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from simulations.campaign.worlds import Result, Worlds
from simulations.world.plan import WorldPlan

RUNS_MAX: Final = 400

Progress = Callable[[WorldPlan], None]


def shrink(plan: WorldPlan, worlds: Worlds, failed: Result, progress: Progress) -> tuple[WorldPlan, Result]:
    """The smallest world found in which one of the checkers that `failed` names still finds something, and its result."""
    wanted = {finding.checker for finding in failed.findings}
    runs = 0
    while True:
        for smaller in _smaller(plan):
            runs += 1
            if runs > RUNS_MAX:
                return plan, failed
            result = worlds.run(smaller)
            if wanted & {finding.checker for finding in result.findings}:
                plan, failed = smaller, result
                progress(plan)
                break
        else:
            return plan, failed


def _smaller(plan: WorldPlan) -> Iterator[WorldPlan]:
    """Worlds with less in them, those that lack most first."""
    standing = [number for number in range(1, plan.terminals + 1) if number not in plan.absent]
    if len(standing) > 2:
        for number in standing:
            smaller = plan.without_terminal(number)
            if smaller.core:
                yield smaller
    for places in _pieces(len(plan.faults)):
        yield plan.without_faults(places)
    for places in _pieces(len(plan.work)):
        yield plan.without_work(places)


def _pieces(amount: int) -> Iterator[frozenset[int]]:
    """Halves, quarters, … of the places from 0 to `amount`, then each alone."""
    size = max(amount // 2, 1) if amount else 0
    while size:
        for first in range(0, amount, size):
            yield frozenset(range(first, min(first + size, amount)))
        size //= 2
