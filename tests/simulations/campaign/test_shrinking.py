"""A failing world is reduced until nothing more can be left out, and it still fails for the same reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from simulations.ablations.catalogue import ABLATIONS
from simulations.campaign.shrinking import RUNS_MAX, shrink
from simulations.campaign.worlds import Result, Worlds, worlds
from simulations.checkers.judging import Finding
from simulations.world.plan import MINUTE_MS, Fault, WorldPlan
from tests.simulations.faults.small_world import small_plan

TERMINALS, WORK, FAULTS = 3, 8, 5
ABLATION = "naming"


class Judged:
    """In the place of running worlds: says of a plan by itself what would be found in it."""

    def __init__(self, fails: Callable[[WorldPlan], str | None]) -> None:
        self._fails = fails
        self.runs = 0

    def run(self, plan: WorldPlan) -> Result:
        self.runs += 1
        checker = self._fails(plan)
        return Result(plan.seed, "", [] if checker is None else [Finding(checker, 1, "", "")], Counter())


def crowded() -> WorldPlan:
    faults = [Fault(MINUTE_MS + at, MINUTE_MS + at, "kill", (1 + at % TERMINALS,)) for at in range(FAULTS)]
    return small_plan(TERMINALS, work=WORK, faults=faults)


def shrunk(plan: WorldPlan, judged: Judged) -> tuple[WorldPlan, Result, Sequence[WorldPlan]]:
    seen: list[WorldPlan] = []
    here = cast(Worlds, judged)
    return (*shrink(plan, here, here.run(plan), seen.append), seen)


@given(st.sets(st.integers(0, WORK - 1), max_size=3), st.sets(st.integers(0, FAULTS - 1), max_size=3))
def test_what_a_failure_needs_is_kept_and_everything_else_left_out(work: set[int], faults: set[int]) -> None:
    plan = crowded()
    needed = {plan.work[place] for place in work} | {plan.faults[place] for place in faults}
    judged = Judged(lambda smaller: "money" if needed <= {*smaller.work, *smaller.faults} else None)
    smallest, result, seen = shrunk(plan, judged)
    assert {*smallest.work, *smallest.faults} == needed
    assert [finding.checker for finding in result.findings] == ["money"]
    assert TERMINALS - len(smallest.absent) >= 2
    assert seen == [] or seen[-1] == smallest


def test_a_world_that_fails_for_another_reason_is_not_the_same_failure() -> None:
    plan = crowded()
    judged = Judged(lambda smaller: "money" if len(smaller.faults) > 2 else "liveness")
    smallest, result, _seen = shrunk(plan, judged)
    assert len(smallest.faults) == 3
    assert [finding.checker for finding in result.findings] == ["money"]


def test_a_terminal_that_is_not_needed_is_left_out_but_never_the_last_two() -> None:
    smallest, _result, _seen = shrunk(crowded(), Judged(lambda _smaller: "money"))
    assert len(smallest.absent) == TERMINALS - 2
    assert (smallest.work, smallest.faults) == ((), ())
    assert smallest.core


def test_reducing_comes_to_an_end() -> None:
    plan = small_plan(2, work=2_000)
    judged = Judged(lambda smaller: "money" if len(smaller.work) == 2_000 else None)
    smallest, _result, _seen = shrunk(plan, judged)
    assert smallest.work == plan.work
    assert judged.runs <= RUNS_MAX + 1


@contextmanager
def without_safeguard() -> Iterator[Worlds]:
    ablation = ABLATIONS[ABLATION]
    with worlds() as here, ablation.provokes(), ablation.patch():
        yield here


def test_a_world_without_a_safeguard_is_reduced_and_its_checker_still_notices() -> None:
    plan = crowded()
    with worlds() as here:
        assert here.run(plan).findings == []
    with without_safeguard() as here:
        failed = here.run(plan)
        named = [finding for finding in failed.findings if finding.checker == ABLATIONS[ABLATION].checker]
        assert named
        smallest, result = shrink(plan, here, replace(failed, findings=named), lambda _plan: None)
        assert result == here.run(smallest)
    assert ABLATIONS[ABLATION].checker in {finding.checker for finding in result.findings}
    assert smallest.faults == ()
    assert 0 < len(smallest.work) <= 2
    assert len(smallest.absent) == 1
