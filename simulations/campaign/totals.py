"""What a campaign of worlds amounts to: counts, knobs without effect, conflicts and alerts that never came about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from crdt_pms.ledger.matters import Matter
from simulations.campaign.worlds import Result
from simulations.faults.knobs import KNOBS
from simulations.world.bounds import counter_of
from simulations.world.limits import BOUNDS

WORLDS_FOR_EVERYTHING: Final = 500
"""In so many worlds everything must have happened at least once."""
RARE: Final = (Matter.CONFLICT_POSTING_DECISION.value,)
"""Two managers must decide otherwise about one posting while they are apart, which took none of 2,000 worlds:
`tests/simulations/world/test_staff.py` lets them."""
ACTIONS_OF_MEDIAN_WORLD: Final = 60


@dataclass
class Totals:
    """The sum of many worlds."""

    worlds: int = 0
    counts: Counter[str] = field(default_factory=Counter[str])
    failed: list[Result] = field(default_factory=list[Result])
    actions: list[int] = field(default_factory=list[int])
    agreed_after_ms: list[int] = field(default_factory=list[int])

    def add(self, results: Iterable[Result]) -> None:
        """Take in the results of some worlds."""
        for result in results:
            self.worlds += 1
            self.counts.update(result.counts)
            self.actions.append(result.counts["actions"])
            self.agreed_after_ms.extend(took for took in result.agreed_after_ms if took is not None)
            if result.findings:
                self.failed.append(result)

    @property
    def actions_of_median_world(self) -> float:
        """How many actions of staff were accepted in the world in the middle."""
        return median(self.actions) if self.actions else 0

    @property
    def faults(self) -> Mapping[str, int]:
        """How often each knob had an effect."""
        return {name: sum(self.counts[effect] for effect in knob.effects) for name, knob in sorted(KNOBS.items())}

    @property
    def matters(self) -> Mapping[str, int]:
        """In how many nodes' final tables each kind of conflict and alert stood."""
        return {matter.value: self.counts[matter.value] for matter in Matter}

    @property
    def bounds(self) -> Mapping[str, int]:
        """In how many worlds in which it was small each bound was met."""
        return {name: self.counts[counter_of(name)] for name in BOUNDS}

    @property
    def silent(self) -> list[str]:
        """Knobs without any effect, conflicts and alerts that never came about, bounds that were never met."""
        counted = {**self.faults, **self.matters, **self.bounds}
        return [name for name, times in counted.items() if not times and name not in RARE]
