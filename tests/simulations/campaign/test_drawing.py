"""Worlds are drawn from their seeds: the same for ever, and together everything that can be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import median

from simulations.campaign.drawing import TERMINALS, draw_plan
from simulations.faults.knob import is_connected, nodes
from simulations.faults.knobs import KNOBS, PARTITIONS
from simulations.world.limits import BOUNDS
from simulations.world.plan import DAY_MS, HOUR_MS, MINUTE_MS, Fault, WorkKind, WorldPlan

SEEDS = range(300)
REPEATABLE = "from simulations.campaign.drawing import draw_plan; print([draw_plan(seed) for seed in range(40)])"


@cache
def plans() -> list[WorldPlan]:
    return [draw_plan(seed) for seed in SEEDS]


def drawn() -> list[tuple[WorldPlan, Fault]]:
    return [(plan, fault) for plan in plans() for fault in plan.faults]


def test_a_seed_draws_the_same_plan_in_every_process() -> None:
    assert [draw_plan(seed) for seed in SEEDS[:40]] == plans()[:40]
    elsewhere = subprocess.run(
        [sys.executable, "-c", REPEATABLE],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        cwd=Path(__file__).parents[3],
        check=True,
        capture_output=True,
        text=True,
    )
    assert elsewhere.stdout.strip() == str(plans()[:40])


def test_another_seed_is_another_world() -> None:
    assert len({repr(replace(plan, seed=0)) for plan in plans()}) == len(SEEDS)


def test_hotels_have_from_two_to_twelve_terminals_with_a_relay_and_without() -> None:
    terminals = Counter(plan.terminals for plan in plans())
    assert set(terminals) == {number for number, _weight in TERMINALS}
    assert (min(terminals), max(terminals)) == (2, 12)
    with_relay = sum(plan.has_relay for plan in plans())
    assert 150 < with_relay < 220


def test_in_some_worlds_queues_and_memories_are_small() -> None:
    # Every world with snapshots draws when they are given instead of entries.
    tight = [names for plan in plans() if (names := set(plan.limits.small) - {"snapshot_instead"})]
    assert 0.03 * len(SEEDS) < len(tight) < 0.15 * len(SEEDS)
    assert {name for names in tight for name in names} == set(BOUNDS) - {"snapshot_instead"}
    assert all(len(names) < len(BOUNDS) for names in tight)


def test_in_some_worlds_the_relay_makes_snapshots_and_no_backup_of_it_is_older_than_it_was_told() -> None:
    retained = [plan for plan in plans() if plan.retention is not None]
    assert 0.2 * len(SEEDS) < len(retained) < 0.5 * len(SEEDS)
    for plan in retained:
        backups = [fault.until_ms - fault.at_ms for fault in plan.faults if fault.kind == "restored_backup"]
        assert plan.retention is not None
        assert all(age <= plan.retention.oldest_backup_ms for age in backups)


def test_worlds_last_from_minutes_to_two_months_and_faults_from_seconds_to_weeks() -> None:
    lengths = [plan.duration_ms for plan in plans()]
    assert min(lengths) < 30 * MINUTE_MS
    assert 40 * DAY_MS < max(lengths) <= 60 * DAY_MS
    assert any(HOUR_MS < length < 12 * HOUR_MS for length in lengths)
    suffered = [fault.until_ms - fault.at_ms for _plan, fault in drawn()]
    assert any(1_000 <= length < MINUTE_MS for length in suffered)
    assert any(length > 20 * DAY_MS for length in suffered)


def test_every_knob_is_drawn() -> None:
    assert {fault.kind for _plan, fault in drawn()} == set(KNOBS)


def test_the_median_world_has_two_partitions_and_three_kinds_of_faults() -> None:
    partitions = [sum(fault.kind in PARTITIONS for fault in plan.faults) for plan in plans()]
    assert median(partitions) >= 2
    assert median(len({fault.kind for fault in plan.faults}) for plan in plans()) >= 3


def test_every_line_is_laid_somewhere_and_only_between_two_nodes_of_the_world() -> None:
    meshes = {len(plan.mesh) for plan in plans() if plan.terminals == 4}
    assert meshes >= {3, 4, 6}
    assert any(not plan.mesh for plan in plans())
    for plan in plans():
        assert is_connected(nodes(plan), plan.links())


def test_a_core_is_some_nodes_that_reach_each_other_without_the_others() -> None:
    for plan in plans():
        assert plan.core
        assert set(plan.core) <= set(nodes(plan))
        assert list(plan.core) == sorted(set(plan.core))
        inner = [ends for ends in plan.links() if set(ends) <= set(plan.core)]
        assert is_connected(plan.core, inner)
        assert any(plan.core)
    assert any(0 in plan.core for plan in plans())
    assert any(len(plan.core) < len(nodes(plan)) for plan in plans())


def test_disks_are_cloned_only_where_somebody_stands_between_the_twins() -> None:
    cloned = [(plan, set(fault.nodes)) for plan, fault in drawn() if fault.kind == "cloned_disk"]
    assert cloned
    for plan, twins in cloned:
        assert is_connected(nodes(plan), [ends for ends in plan.links() if set(ends) != twins])


def test_work_is_done_by_everybody_at_nodes_that_there_are_and_in_time() -> None:
    kinds: Counter[WorkKind] = Counter()
    for plan in plans():
        assert list(plan.work) == sorted(plan.work)
        assert len({work.seed for work in plan.work}) == len(plan.work) >= 40
        for work in plan.work:
            kinds[work.kind] += 1
            assert 0 <= work.at_ms < plan.duration_ms
            assert (work.node == 0) is (work.kind is WorkKind.ORIGIN)
            assert work.node in nodes(plan)
    assert set(kinds) == set(WorkKind)


def test_the_business_days_of_a_world_are_several() -> None:
    for plan in plans():
        assert MINUTE_MS <= plan.property.day_ms <= DAY_MS
        assert plan.duration_ms >= 2 * plan.property.day_ms


def test_clocks_are_wrong_by_little_by_minutes_and_by_a_day_and_the_relays_is_right() -> None:
    assert all(plan.skews_ms[0] == 0 and len(plan.skews_ms) == plan.terminals + 1 for plan in plans())
    skews = [abs(skew) for plan in plans() for skew in plan.skews_ms[1:]]
    assert max(skews) == DAY_MS
    assert any(MINUTE_MS < skew <= 5 * MINUTE_MS for skew in skews)
    assert median(skews) <= 500


def test_some_disks_are_encrypted() -> None:
    assert 20 < sum(plan.is_encrypted for plan in plans()) < 80
