"""Runs worlds from which a safeguard was taken, until the checker that is to notice reports something."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from simulations.ablations.ablation import Ablation
from simulations.campaign.drawing import draw_plan
from simulations.checkers.judging import Finding
from simulations.faults.knobs import apply
from simulations.world.hotel import Hotel
from simulations.world.plan import START_MS
from simulations.world.running import run_world
from simulations.world.trace import Trace
from simulations.world.world import Outcome


class Found(NamedTuple):
    """The first seed whose world showed that the safeguard is missing, and what the named checker said."""

    seed: int
    findings: Sequence[Finding]


class Worlds:
    """Runs the worlds of ablations one after the other in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """`folder` must exist; disks are removed with their worlds."""
        self._folder = folder

    def ablated(self, ablation: Ablation, seed: int) -> Outcome:
        """The world of that seed without the safeguard. What the product then raises escapes."""
        with ablation.provokes(), ablation.patch():
            return self._run(ablation, seed)

    def whole(self, ablation: Ablation, seed: int) -> Outcome:
        """The same world with the safeguard: it must be clean."""
        with ablation.provokes():
            return self._run(ablation, seed)

    def find(self, ablation: Ablation, seeds: Iterable[int]) -> Found | None:
        """The first of the seeds in which the ablation's checker finds something; None when it does in none.

        A world in which the product without its safeguard raises what nobody handles shows nothing: checkers are to notice. Nor
        does one in which the checker finds something with the safeguard too.
        """
        for seed in seeds:
            try:
                findings = self.violations(ablation, seed)
                is_needed = bool(findings) and not of_checker(ablation, self.whole(ablation, seed))
            except Exception:  # noqa: BLE001 - a product without a safeguard may fail in any way
                continue
            if is_needed:
                return Found(seed, findings)
        return None

    def violations(self, ablation: Ablation, seed: int) -> Sequence[Finding]:
        """What shows in the world of that seed that the safeguard is missing."""
        try:
            return of_checker(ablation, self.ablated(ablation, seed))
        except ablation.escapes as error:
            return [Finding(ablation.checker, 0, "", f"the product raised {type(error).__name__}: {error}")]

    def _run(self, ablation: Ablation, seed: int) -> Outcome:
        plan = ablation.draw(draw_plan(seed))
        folder = self._folder / f"world-{seed}"
        shutil.rmtree(folder, ignore_errors=True)
        return run_world(plan, Hotel(plan), folder, Trace(START_MS, keeps_lines=False), apply)


def of_checker(ablation: Ablation, outcome: Outcome) -> Sequence[Finding]:
    """What the checker that is to notice found."""
    return [finding for finding in outcome.findings if finding.checker == ablation.checker]
