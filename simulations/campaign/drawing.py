"""Draws a world from its seed (swarm testing: every world leaves something out and goes deeper into the rest)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final, TypeVar

from relay_server.snapshots import Retention
from simulations.faults.knobs import KNOBS, PARTITIONS
from simulations.world.limits import USUAL, Limits, draw_limits
from simulations.world.plan import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    SECOND_MS,
    Fault,
    Property,
    Work,
    WorkKind,
    WorldPlan,
)

TERMINALS: Final = ((2, 48), (3, 35), (4, 9), (5, 3), (6, 2), (8, 2), (12, 1))
"""How many terminals, and how many worlds of a hundred have so many."""
DURATIONS_MS: Final = (
    ((10 * MINUTE_MS, 4 * HOUR_MS), 30),
    ((4 * HOUR_MS, DAY_MS), 35),
    ((DAY_MS, 3 * DAY_MS), 20),
    ((3 * DAY_MS, 60 * DAY_MS), 15),
)
WORK: Final = (66, 76)
WORK_OF_MANY: Final = (40, 52)
MANY_TERMINALS: Final = 4
"""So many terminals make worlds in which everything happens many times over with less work."""
AT_ONCE_MS: Final = 40
"""What several people do within so short a time meets on the way."""
KNOB_SHARE: Final = 0.35
PARTITIONS_EACH: Final = (2, 3)
FAULTS: Final = (3, 7)
TIGHT_SHARE: Final = 0.08
EQUIVOCATING: Final = "equivocating_device"
EQUIVOCATING_SHARE: Final = 0.03
SNAPSHOTS_SHARE: Final = 0.6
RESTORED_BACKUP: Final = "restored_backup"
_Choice = TypeVar("_Choice")


def draw_plan(seed: int) -> WorldPlan:
    """The world of a seed. The same for ever, as long as this code does not change."""
    random = Random(f"world/{seed}")
    terminals = _weighted(random, TERMINALS)
    has_relay = random.random() < 0.6
    duration_ms = random.randint(*_weighted(random, DURATIONS_MS))
    plan = WorldPlan(
        seed=seed,
        property=_property(random, duration_ms),
        terminals=terminals,
        has_relay=has_relay,
        mesh=_mesh(random, terminals, has_relay=has_relay),
        latency_ms=(random.randint(1, 8), random.randint(15, 250)),
        duration_ms=duration_ms,
        work=(),
        faults=(),
        mix_seed=random.getrandbits(32),
        skews_ms=tuple(_skew(random) if number else 0 for number in range(terminals + 1)),
        is_encrypted=random.random() < 0.15,
        core=(),
    )
    plan = replace(plan, work=_work(random, plan), limits=_limits(seed))
    plan = replace(plan, faults=_faults(random, plan), core=_core(random, plan))
    plan = replace(plan, faults=tuple(sorted([*plan.faults, *_equivocation(plan)])))
    return _with_snapshots(plan)


def _with_snapshots(plan: WorldPlan) -> WorldPlan:
    """In some worlds the relay makes snapshots, and the oldest backup is minutes old. Nothing else of a plan depends on this.

    A backup of the relay is never older than the relay was told.
    """
    random = Random(f"snapshots/{plan.seed}")
    kinds = {fault.kind for fault in plan.faults}
    # A fork that is found out after the retention may have been judged by a snapshot already (ADR 35).
    if not plan.has_relay or random.random() >= SNAPSHOTS_SHARE or EQUIVOCATING in kinds:
        return plan
    backups_ms = [fault.until_ms - fault.at_ms for fault in plan.faults if fault.kind == RESTORED_BACKUP]
    every_ms = plan.duration_ms // random.choice((8, 20, 60))
    retention = Retention(
        every_ms=max(every_ms, 1),
        oldest_backup_ms=max([every_ms * random.randint(1, 4), *backups_ms]),
        entries_min=random.choice((1, 5, 20)),
        width=random.choice((4, 16, 64)),
    )
    instead = random.choice((1, 8, plan.limits.snapshot_instead))
    return replace(plan, retention=retention, limits=replace(plan.limits, snapshot_instead=instead))


def _property(random: Random, duration_ms: int) -> Property:
    rooms = random.choice((6, 8, 12, 20, 40))
    # Three business days at least, so that guests arrive and leave.
    day_ms = min(DAY_MS, max(duration_ms // random.randint(3, 6), MINUTE_MS))
    return Property(random.choice(("city", "resort")), rooms, random.randrange(4), day_ms)


def _limits(seed: int) -> Limits:
    """In some worlds queues and memories are so small that they get full. Nothing else of a plan depends on this draw."""
    random = Random(f"limits/{seed}")
    return draw_limits(random) if random.random() < TIGHT_SHARE else USUAL


def _mesh(random: Random, terminals: int, *, has_relay: bool) -> tuple[tuple[int, int], ...]:
    numbers = list(range(1, terminals + 1))
    shapes = ["full", "full", "ring", "star", "chain", *(["none"] if has_relay else [])]
    match random.choice(shapes):
        case "none":
            pairs: list[tuple[int, int]] = []
        case "ring" if terminals > 2:
            pairs = [*itertools.pairwise(numbers), (1, terminals)]
        case "star":
            pairs = [(1, number) for number in numbers[1:]]
        case "chain":
            pairs = list(itertools.pairwise(numbers))
        case _:
            pairs = [(one, other) for one in numbers for other in numbers[one:]]
    return tuple(sorted(pairs))


def _skew(random: Random) -> int:
    draw = random.random()
    if draw < 0.6:
        return random.randint(-500, 500)
    return random.randint(-5 * MINUTE_MS, 5 * MINUTE_MS) if draw < 0.95 else random.choice((-DAY_MS, DAY_MS))


def _work(random: Random, plan: WorldPlan) -> tuple[Work, ...]:
    """Bursts: the night shift, the morning's departures, the queue at 23:00; within one, something every few seconds."""
    amount = random.randint(*(WORK if plan.terminals < MANY_TERMINALS else WORK_OF_MANY))
    bursts = sorted(random.randrange(plan.duration_ms) for _burst in range(random.randint(2, 8)))
    pause_ms = random.choice((2 * SECOND_MS, 20 * SECOND_MS, 2 * MINUTE_MS))
    at_once = random.choice((1, 4, 8))
    work: list[Work] = []
    moment = 0
    for number in range(amount):
        if number % at_once == 0:
            moment = bursts[number * len(bursts) // amount] + random.randrange(pause_ms * amount // len(bursts))
        at_ms = min(moment + random.randrange(AT_ONCE_MS), plan.duration_ms - 1)
        draw = random.random()
        if plan.has_relay and draw < 0.08:
            work.append(Work(at_ms, 0, WorkKind.ORIGIN, number))
        else:
            kind = WorkKind.MANAGER if draw > 0.95 else WorkKind.STAFF
            work.append(Work(at_ms, random.randint(1, plan.terminals), kind, number))
    return tuple(sorted(work))


def _faults(random: Random, plan: WorldPlan) -> tuple[Fault, ...]:
    usual = [name for name in KNOBS if name != EQUIVOCATING]
    enabled = [name for name in usual if random.random() < KNOB_SHARE] or usual
    partitions = [name for name in KNOBS if name in PARTITIONS]
    wanted = [random.choice(partitions) for _partition in range(random.randint(*PARTITIONS_EACH))]
    wanted += [random.choice(enabled) for _fault in range(random.randint(*FAULTS))]
    drawn = (KNOBS[name].draw(random, plan) for name in wanted)
    return tuple(sorted(fault for fault in drawn if fault is not None))


def _equivocation(plan: WorldPlan) -> Sequence[Fault]:
    """In some worlds a device forks its journal. Nothing else of a plan depends on this draw."""
    random = Random(f"equivocation/{plan.seed}")
    fault = KNOBS[EQUIVOCATING].draw(random, plan) if random.random() < EQUIVOCATING_SHARE else None
    return () if fault is None else (fault,)


def _core(random: Random, plan: WorldPlan) -> tuple[int, ...]:
    """Some nodes that reach each other without the others: grown along lines from one of them."""
    lines = plan.links()
    core = [random.randint(1, plan.terminals)]
    wanted = random.randint(2, max(plan.terminals, 2))
    while len(core) < wanted:
        near = sorted({b for a, b in lines if a in core} | {a for a, b in lines if b in core})
        fresh = [number for number in near if number not in core]
        if not fresh:
            break
        core.append(fresh[random.randrange(len(fresh))])
    return tuple(sorted(core))


def _weighted(random: Random, choices: Sequence[tuple[_Choice, int]]) -> _Choice:
    draw = random.randrange(sum(weight for _choice, weight in choices))
    for choice, weight in choices:
        draw -= weight
        if draw < 0:
            return choice
    raise AssertionError("weights sum up")
