"""One watched world for all tests of reports: the double payment, and afterwards everything that a timeline can tell apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from simulations.scenarios.catalogue import SCENARIOS
from simulations.scenarios.script import Script, milliseconds_of
from simulations.scenarios.stage import Stage
from simulations.world.hotel import Hotel
from simulations.world.plan import HOUR_MS, START_MS, Fault, WorldPlan
from simulations.world.running import run_world
from simulations.world.timeline import Timeline
from simulations.world.trace import Trace
from simulations.world.world import Outcome, World

AFTERWARDS = (
    ("kill", "1 22:00", "1 22:00", (1,), 0),
    ("pause", "1 22:10", "1 22:11", (1,), 0),
    ("switched_off", "1 22:20", "1 22:30", (2,), 0),
    ("cut_one_way", "1 22:40", "1 22:50", (2,), 0),
    ("clock_jump", "1 23:00", "1 23:10", (1,), HOUR_MS),
)


@dataclass
class Counting(Timeline):
    """A timeline that also remembers what each desk itself says that it has not heard to be committed."""

    tentative: dict[str, int] = field(default_factory=dict[str, int])

    def ends(self, world: World) -> None:
        """See `Timeline`."""
        super().ends(world)
        self.tentative = {one.name: one.node.replica.tentative_count() for one in world.terminals}


@dataclass(frozen=True)
class Watched:
    """A finished world and what was seen of it."""

    plan: WorldPlan
    outcome: Outcome
    trace: Trace
    timeline: Counting


def busy_script() -> Script:
    """Two settlements, and then one fault after the other."""
    script = SCENARIOS["double_payment"]()
    script.faults += [
        Fault(milliseconds_of(begin), milliseconds_of(end), kind, nodes, amount)
        for kind, begin, end, nodes, amount in AFTERWARDS
    ]
    return script


def watch(script: Script, folder: Path, *, is_watched: bool = True) -> Watched:
    """Let a script happen, watched or not."""
    plan, trace, timeline = script.plan(), Trace(START_MS), Counting()
    hotel = Hotel(plan, bookings=())
    witness = timeline if is_watched else None
    outcome = run_world(plan, hotel, folder / "world", trace, Stage(script).begin, witness)
    return Watched(plan, outcome, trace, timeline)


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """The busy script, watched."""
    return watch(busy_script(), tmp_path_factory.mktemp("watched"))
