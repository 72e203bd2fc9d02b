"""Every fault has an effect in a world that is made for it, and the world gets over it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from crdt_pms.session.limits import PROTOCOL_VERSION_MIN
from simulations.campaign.worlds import Result, Worlds, worlds
from simulations.faults.knobs import KNOBS, PARTITIONS, PENDING
from simulations.world.liar import LIES
from simulations.world.network import Way
from simulations.world.plan import DAY_MS, MINUTE_MS, SECOND_MS, Fault, WorldPlan
from simulations.world.world import World
from tests.simulations.faults.small_world import WORK_EVERY_MS, small_plan

TERMINALS = 3
WORK = 16
BEGINS_MS = MINUTE_MS + 4 * WORK_EVERY_MS
ENDS_MS = BEGINS_MS + 20 * SECOND_MS
OVER_MS = 40 * SECOND_MS
"""Links are made anew, a silent peer is given up, everything arrives."""
LARGE_SHARE = 300


@dataclass(frozen=True)
class Suffered:
    """One fault in the middle of the work: at or between those nodes; `amount` means what its kind says."""

    nodes: tuple[int, ...] = (1,)
    amount: int = 0
    lasts_ms: int = ENDS_MS - BEGINS_MS
    seed: int = 0
    is_encrypted: bool = False

    def of_kind(self, kind: str) -> Fault:
        return Fault(BEGINS_MS, BEGINS_MS + self.lasts_ms, kind, self.nodes, self.amount, self.seed)


RELAY = (0,)
VISIT = Suffered(lasts_ms=4 * SECOND_MS)
SUFFERED = {
    "equivocating_device": [
        replace(VISIT, nodes=(1, 2)),
        replace(VISIT, nodes=(0, 3)),
        Suffered((2, 0), lasts_ms=12 * SECOND_MS),
    ],
    "cut_node": [Suffered(), Suffered(RELAY)],
    "cable_pulled": [Suffered(), Suffered(RELAY)],
    "cut_halves": [Suffered((0, 1)), Suffered((3,))],
    "cut_one_way": [Suffered(amount=0), Suffered(amount=1), Suffered(RELAY, amount=1)],
    "cut_ring": [Suffered((0, 1, 2, 3)), Suffered((2, 0, 1, 3))],
    "cut_bridge": [Suffered((2, 1)), Suffered((0, 1))],
    "flapping": [Suffered(amount=5 * SECOND_MS)],
    "clogging": [Suffered()],
    "half_open": [Suffered(), Suffered(RELAY)],
    "loss": [Suffered(amount=LARGE_SHARE)],
    "delay": [Suffered(amount=8 * SECOND_MS)],
    "duplication": [Suffered(amount=LARGE_SHARE)],
    "reordering": [Suffered(amount=LARGE_SHARE)],
    "corruption": [Suffered(amount=LARGE_SHARE)],
    "kill": [Suffered(), Suffered(RELAY)],
    "many_starts": [Suffered(amount=4)],
    "crash": [Suffered(amount=1), Suffered(amount=2), Suffered(amount=3), Suffered(RELAY, amount=3)],
    "switched_off": [Suffered(), Suffered(RELAY)],
    "power_loss": [Suffered(), Suffered(RELAY)],
    "pause": [Suffered(), Suffered(RELAY)],
    "clock_jump": [Suffered(amount=5 * MINUTE_MS), Suffered(amount=-DAY_MS), Suffered(RELAY, amount=DAY_MS)],
    "clock_strobe": [Suffered(amount=5 * MINUTE_MS)],
    "disk_full": [Suffered(lasts_ms=40 * SECOND_MS), Suffered(RELAY, lasts_ms=40 * SECOND_MS)],
    "io_error": [Suffered(amount=2), Suffered(amount=2, seed=1), Suffered(RELAY, amount=2)],
    "commit_outcome_unknown": [Suffered(RELAY, amount=2, seed=0), Suffered(RELAY, amount=2, seed=1)],
    "database_down": [Suffered(RELAY)],
    "bit_rot": [Suffered(is_encrypted=True), Suffered(RELAY, is_encrypted=True)],
    "restored_backup": [Suffered(), Suffered(RELAY)],
    "log_cut_short": [Suffered(seed=number) for number in range(4)],
    "database_put_back_alone": [Suffered()],
    "witness_spoilt": [Suffered(seed=number) for number in range(3)],
    "lost_disk": [Suffered(), Suffered(RELAY)],
    "cloned_disk": [Suffered((1, 2))],
    "mixed_versions": [Suffered(amount=0), Suffered(amount=1)],
    "forged_entries": [VISIT],
    "mutated_entries": [VISIT],
    "replayed_entries": [VISIT],
    "foreign_client_id": [VISIT],
    "malformed_operation": [VISIT],
    "usurped_property": [VISIT],
    "stranger": [VISIT],
    "schema_skew": [Suffered(amount=0, seed=1), Suffered(amount=1, seed=2)],
    "early_entries": [VISIT],
    "many_writers": [Suffered((1, 2, 3), amount=6)],
    "misbehaving_device": [*(Suffered(seed=number) for number in range(3)), Suffered(RELAY, amount=1)],
    "false_order": [Suffered(at, amount=lie) for lie in range(len(LIES)) for at in ((1,), RELAY)],
    "foreign_board_key": [VISIT],
    "early_deletions": [VISIT],
}
CASES = [
    pytest.param(kind, suffered, id=f"{kind}-{place}")
    for kind in KNOBS
    for place, suffered in enumerate(SUFFERED.get(kind, []))
]


def plan_with(*faults: Fault, is_encrypted: bool = False) -> WorldPlan:
    return small_plan(TERMINALS, work=WORK, faults=faults, is_encrypted=is_encrypted)


@pytest.fixture(scope="module")
def here() -> Iterator[Worlds]:
    with worlds() as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(here: Worlds) -> Result:
    return here.run(plan_with())


def effects(kind: str, counts: Counter[str]) -> int:
    return sum(counts[effect] for effect in KNOBS[kind].effects)


@pytest.mark.parametrize("kind", KNOBS)
def test_every_knob_has_a_small_world_and_no_effect_without_its_fault(undisturbed: Result, kind: str) -> None:
    assert SUFFERED.get(kind), f"give {kind} a world"
    assert effects(kind, undisturbed.counts) == 0


class Afterwards:
    """Looks, before anybody heals the world, for what a fault left behind. See `simulations.world.running.Witness`."""

    def __init__(self, fault: Fault) -> None:
        self._at_ms = fault.until_ms + OVER_MS
        self.left: list[str] = ["nobody looked"]

    def begins(self, world: World) -> None:
        world.at_plan_time(self._at_ms, lambda: self._look(world))

    def ends(self, world: World) -> None:
        pass

    def _look(self, world: World) -> None:
        self.left = [] if world.agree(list(world.machines)) else ["the nodes do not agree"]
        for machine in world.machines.values():
            is_as_before = {
                "process": machine.is_up and not machine.stays_down and not machine.is_paused,
                "clock": machine.clock.skew_ms == 0,
                "version": machine.versions[0] == PROTOCOL_VERSION_MIN,
                "disk": machine.disk.faults.armed == [],
            }
            self.left += [f"{machine.name}: {what}" for what, same in is_as_before.items() if not same]
        for line in world.network.lines.values():
            if line.ways != (Way(line.ways[0].latency_ms), Way(line.ways[1].latency_ms)):
                self.left.append(f"line {line.ends}")


@pytest.mark.parametrize(("kind", "suffered"), CASES)
def test_a_fault_has_an_effect_passes_by_itself_and_the_world_ends_agreed_and_clean(
    here: Worlds, kind: str, suffered: Suffered
) -> None:
    fault = suffered.of_kind(kind)
    afterwards = Afterwards(fault)
    result = here.run(plan_with(fault, is_encrypted=suffered.is_encrypted), witness=afterwards)
    assert result.findings == []
    assert effects(kind, result.counts) > 0
    assert afterwards.left == []
    assert None not in result.agreed_after_ms
    assert len(result.agreed_after_ms) >= 2


def test_faults_of_a_node_that_was_never_switched_on_do_nothing(here: Worlds) -> None:
    faults = [Fault(BEGINS_MS, ENDS_MS, kind, (TERMINALS,), 1) for kind in KNOBS]
    absent = plan_with().without_terminal(TERMINALS)
    assert here.run(replace(absent, faults=tuple(sorted(faults)))).hash == here.run(absent).hash


def test_partitions_are_those_faults_that_keep_frames_from_passing() -> None:
    assert {kind for kind in KNOBS if kind.startswith("cut_")} | {"cable_pulled", "flapping", "clogging"} == PARTITIONS


def test_what_is_pending_is_no_knob_yet() -> None:
    assert not PENDING.keys() & KNOBS.keys()
