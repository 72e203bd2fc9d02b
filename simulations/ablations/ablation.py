"""What an ablation is: one safeguard taken out of the product, and the checker that must notice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from simulations.world.plan import WorldPlan

Patch = Callable[[], AbstractContextManager[None]]
Draw = Callable[[WorldPlan], WorldPlan]


def unchanged(plan: WorldPlan) -> WorldPlan:
    """The plan as it was drawn."""
    return plan


@dataclass(frozen=True, slots=True)
class Ablation:
    """One safeguard that can be switched off.

    `removes` says in words which one, and where in the product it is. `checker` is the name of the checker
    (`simulations.checkers.judging.CHECKERS`) that must find something in the worlds of a few seeds while `patch` is in force;
    `seed` is a recorded one in which it does, None before there is one. A patch keeps nothing from one use to the next.

    `draw` adjusts the plans where the plain ones need the safeguard too rarely. `provokes` makes happen what no fault of the
    worlds does yet; with it and without `patch` every world must be clean.
    """

    name: str
    removes: str
    checker: str
    patch: Patch
    seed: int | None = None
    draw: Draw = unchanged
    provokes: Patch = nullcontext
    escapes: tuple[type[Exception], ...] = ()
    """What the product may raise without the safeguard so that nobody handles it: that counts as found too."""
