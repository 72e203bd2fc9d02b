"""Plans adjusted for ablations whose safeguard the plain plans need too rarely, or without which they never come to an end."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from relay_server.snapshots import Retention
from simulations.ablations.ablation import Draw
from simulations.world.limits import TIGHT, USUAL
from simulations.world.plan import MINUTE_MS, SECOND_MS, Fault, WorkKind, WorldPlan

_SHARE: Final = 300
"""Thousandths of all frames."""
_STARTS: Final = 160
_VISIT_MS: Final = 10 * SECOND_MS
"""Visits of one intruder at one node come after each other."""
_BRIEF_MS: Final = 10 * MINUTE_MS


def with_bad_lines(plan: WorldPlan) -> WorldPlan:
    """The plan with lines that spoil many frames all the time, of every second node."""
    return _with(plan, [Fault(0, plan.duration_ms, "corruption", (node,), _SHARE) for node in _nodes(plan)[::2]])


def with_bad_minutes(plan: WorldPlan) -> WorldPlan:
    """A brief plan with such lines: without what keeps forged entries out, nodes that differ look for where, for ever."""
    return with_bad_lines(brief(plan))


def with_bad_end(kind: str) -> Draw:
    """Plans in whose last minutes all lines suffer `kind`: what is missed then, nothing later shows."""

    def draw(plan: WorldPlan) -> WorldPlan:
        begin = max(plan.work[-1].at_ms - MINUTE_MS, 0)
        end = min(plan.work[-1].at_ms + MINUTE_MS, plan.duration_ms)
        return _with(plan, [Fault(begin, end, kind, (node,), _SHARE) for node in _nodes(plan)])

    return draw


def with_little_memory(plan: WorldPlan) -> WorldPlan:
    """The plan with nodes that put away whatever comes to rest as soon as they may."""
    return replace(plan, limits=replace(plan.limits, rows_at_hand=TIGHT.rows_at_hand))


def with_schema_skew(plan: WorldPlan) -> WorldPlan:
    """The plan with programs of two versions, of which the older one is updated in the end."""
    others = [fault for fault in plan.faults if fault.kind != "schema_skew"]
    skew = Fault(0, plan.duration_ms // 2, "schema_skew", tuple(_nodes(plan)), 1, plan.seed)
    return _with(replace(plan, faults=tuple(others)), [skew])


def with_rot(plan: WorldPlan) -> WorldPlan:
    """The plan with a disk that rots in the middle of the work."""
    at_ms = plan.work[len(plan.work) // 2].at_ms
    return _with(plan, [Fault(at_ms, at_ms, "bit_rot", (_nodes(plan)[-1],))])


def with_snapshots(plan: WorldPlan) -> WorldPlan:
    """The plan with a relay that makes snapshots often and hands them out soon, and desks that are killed meanwhile."""
    if not plan.has_relay:
        return plan
    restored = [fault.until_ms - fault.at_ms for fault in plan.faults if fault.kind == "restored_backup"]
    every_ms = max(plan.duration_ms // 40, 1)
    retention = Retention(every_ms, max([every_ms, *restored]), entries_min=1, width=16)
    limits = replace(plan.limits, snapshot_instead=1, superseded_kept=TIGHT.superseded_kept)
    times = [plan.work[len(plan.work) * eighth // 8].at_ms for eighth in (5, 7)]
    kills = [Fault(at_ms, at_ms + SECOND_MS, "kill", (node,), 0, at_ms) for at_ms in times for node in _nodes(plan)]
    return _with(replace(plan, retention=retention, limits=limits), kills)


def with_backup_of_relay(plan: WorldPlan) -> WorldPlan:
    """The plan with such a relay, whose database is put back to a backup of the middle of the work."""
    plan = with_snapshots(plan)
    if plan.retention is None:
        return plan
    times = [plan.work[len(plan.work) * eighth // 8].at_ms for eighth in (3, 6)]
    restored = Fault(times[0], times[1], "restored_backup", (0,), 0, plan.seed)
    retention = replace(plan.retention, oldest_backup_ms=max(plan.retention.oldest_backup_ms, times[1] - times[0]))
    return _with(replace(plan, retention=retention), [restored])


def with_power_cuts_at_relay(plan: WorldPlan) -> WorldPlan:
    """The plan with a relay that loses power three times in the midst of the work."""
    times = [plan.work[len(plan.work) * quarter // 4].at_ms + SECOND_MS for quarter in (1, 2, 3)]
    cuts = [Fault(at_ms, at_ms, "power_loss", (0,), 0, seed) for seed, at_ms in enumerate(times)]
    return _with(plan, cuts) if plan.has_relay else plan


def with_lost_queues(plan: WorldPlan) -> WorldPlan:
    """The plan with a relay that loses power while its database does not answer: what it had queued is gone."""
    times = [plan.work[len(plan.work) * eighth // 8].at_ms for eighth in range(1, 8)]
    downs = [Fault(at_ms, at_ms + MINUTE_MS, "database_down", (0,)) for at_ms in times]
    cuts = [Fault(at_ms + MINUTE_MS - SECOND_MS, at_ms + MINUTE_MS, "power_loss", (0,), 0, at_ms) for at_ms in times]
    return _with(plan, [*downs, *cuts]) if plan.has_relay else plan


def with_restored_relay(plan: WorldPlan) -> WorldPlan:
    """The plan with a relay whose database is put back twice, in the midst of the work, to a backup of not long before."""
    # Snapshots would have to be older than those backups.
    plan = replace(plan, retention=None)
    times = [plan.work[len(plan.work) * eighth // 8].at_ms for eighth in (1, 3, 4, 6)]
    restored = [Fault(begin, end, "restored_backup", (0,), 1) for begin, end in (times[:2], times[2:])]
    return _with(plan, restored) if plan.has_relay else plan


def with_lost_answers(plan: WorldPlan) -> WorldPlan:
    """The plan with a relay whose database loses some commits in the midst of the work, and does not say so."""
    times = [plan.work[len(plan.work) * eighth // 8].at_ms for eighth in range(1, 8)]
    lost = [Fault(at_ms, at_ms, "commit_outcome_unknown", (0,), 3, 1) for at_ms in times]
    return _with(plan, lost) if plan.has_relay else plan


def tight(plan: WorldPlan) -> WorldPlan:
    """The plan with queues and memories so small that they get full."""
    return replace(plan, limits=TIGHT)


def with_full_queues(plan: WorldPlan) -> WorldPlan:
    """Such a plan with a relay whose database does not answer for some of the work: what comes meanwhile has to wait."""
    times = [plan.work[len(plan.work) * quarter // 4].at_ms for quarter in (1, 2, 3)]
    downs = [Fault(at_ms, at_ms + _BRIEF_MS, "database_down", (0,)) for at_ms in times]
    return _with(tight(plan), downs) if plan.has_relay else plan


def with_many_starts(plan: WorldPlan) -> WorldPlan:
    """The plan with small updates, and a terminal that is started over and over while everybody writes of one room."""
    begin, end = plan.work[0].at_ms, plan.work[-1].at_ms
    small = replace(plan, limits=replace(USUAL, update_bytes=TIGHT.update_bytes))
    return _with(small, [Fault(begin, max(end, begin + 60 * MINUTE_MS), "many_starts", (1,), _STARTS, 1)])


def with_visits(kind: str) -> Draw:
    """Plans with somebody who comes to each node, in the midst of the work, and does there what `kind` says."""

    def draw(plan: WorldPlan) -> WorldPlan:
        at_ms = plan.work[len(plan.work) // 2].at_ms
        return _with(plan, [Fault(at_ms, at_ms + SECOND_MS, kind, (node,), 0, node) for node in _nodes(plan)])

    return draw


def with_misbehaving_devices(plan: WorldPlan) -> WorldPlan:
    """The plan with a device that comes to each node, in the midst of the work, where few journals may be opened at once."""
    few = replace(USUAL, journals_opened_at_once=TIGHT.journals_opened_at_once)
    return with_visits("misbehaving_device")(replace(plan, limits=few))


def with_forked_journals(plan: WorldPlan) -> WorldPlan:
    """The plan with a device that shows each two nodes, in the midst of the work, another end of one journal."""
    at_ms = plan.work[len(plan.work) // 2].at_ms
    pairs = itertools.pairwise(_nodes(plan))
    forks = [Fault(at_ms, at_ms + 4 * SECOND_MS, "equivocating_device", pair, 0, at) for at, pair in enumerate(pairs)]
    return _with(plan, forks)


def with_restored_terminal(plan: WorldPlan) -> WorldPlan:
    """The plan with a terminal whose disk is put back, in the midst of the work, to a backup from its beginning."""
    begin, end = (plan.work[len(plan.work) * quarter // 4].at_ms for quarter in (1, 2))
    return _with(plan, [Fault(begin, end, "restored_backup", (1,), 1)])


def with_logs_cut(plan: WorldPlan) -> WorldPlan:
    """The logs of terminals lose their ends, each soon after somebody worked there."""
    cuts = [
        Fault(work.at_ms + SECOND_MS, work.at_ms + SECOND_MS, "log_cut_short", (work.node,), seed=work.seed)
        for work in plan.work[:: max(len(plan.work) // 8, 1)]
        if work.node
    ]
    return _with(plan, cuts)


def with_failing_disks(plan: WorldPlan) -> WorldPlan:
    """The plan with disks of terminals that do not take one transaction each, late in the work."""
    at_ms = plan.work[len(plan.work) * 4 // 5].at_ms
    failing = [Fault(at_ms, at_ms, "io_error", (node,), 1) for node in range(1, plan.terminals + 1)]
    return _with(plan, failing)


def with_lies(lies: Sequence[int], *, after_backup: bool = False) -> Draw:
    """Plans in which somebody tells every node those lies about the committed order, often while the work goes on.

    `after_backup`: between listening and lying the relay's database is put back to a backup, and everybody finds out.
    """

    def draw(plan: WorldPlan) -> WorldPlan:
        if not plan.has_relay:
            return plan
        times = [plan.work[len(plan.work) * eighth // 8].at_ms + SECOND_MS for eighth in range(1, 8)]
        told = [
            Fault(max(at_ms - MINUTE_MS, 0), at_ms + place * _VISIT_MS, "false_order", (node,), lie, at_ms)
            for at_ms in times
            for node in _nodes(plan)
            for place, lie in enumerate(lies)
        ]
        if not after_backup:
            return _with(plan, told)
        begin, middle, end = times[0], times[3], times[6]
        late = [Fault(middle - SECOND_MS, end, "false_order", (0,), lie, end) for lie in lies]
        return _with(plan, [Fault(begin, middle, "restored_backup", (0,), 1), *late])

    return draw


def with_managers(plan: WorldPlan) -> WorldPlan:
    """The plan with a manager at every second piece of work: what is open is decided while others work on."""
    decided = (replace(one, kind=WorkKind.MANAGER) for one in plan.work[1::2] if one.kind is WorkKind.STAFF)
    kept = (one for place, one in enumerate(plan.work) if place % 2 == 0 or one.kind is not WorkKind.STAFF)
    return replace(plan, work=tuple(sorted((*kept, *decided))))


def brief(plan: WorldPlan) -> WorldPlan:
    """The first minutes of work and the faults of that time: nodes that never come to rest do so for minutes, not days."""
    end = plan.work[0].at_ms + _BRIEF_MS
    work = tuple(one for one in plan.work if one.at_ms < end)
    faults = tuple(replace(one, until_ms=min(one.until_ms, end)) for one in plan.faults if one.at_ms < end)
    return replace(plan, work=work, faults=faults, duration_ms=end)


def _nodes(plan: WorldPlan) -> list[int]:
    return list(range(0 if plan.has_relay else 1, plan.terminals + 1))


def _with(plan: WorldPlan, faults: Sequence[Fault]) -> WorldPlan:
    return replace(plan, faults=tuple(sorted((*plan.faults, *faults))))
