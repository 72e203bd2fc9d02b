"""Disks that are full, fail, rot, are put back to an older copy or cloned; a database that is down or does not answer."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from simulations.faults.knob import Knob, counter, is_connected, nodes, pick, span, terminals
from simulations.world.disk_faults import Fault as DiskFault
from simulations.world.plan import MINUTE_MS, Fault, WorldPlan
from simulations.world.relay import Relay
from simulations.world.terminal import Terminal
from simulations.world.world import World

_LASTS_MAX_MS = 2 * MINUTE_MS
_TRIED_AGAIN = frozenset({"disk_full"})
"""Faults during which links are made and given up every few seconds: longer ones would show nothing more."""

_CUT_OFF_SHARE: Final = 0.25
"""How much of the rot is a file that lost its end, as after a repair of the file system."""


def _at(kind: str, among: Callable[[WorldPlan], list[int]]) -> Callable[[Random, WorldPlan], Fault | None]:
    def draw(random: Random, plan: WorldPlan) -> Fault | None:
        begin, end = span(random, plan)
        candidates = among(plan)
        end = min(end, begin + _LASTS_MAX_MS) if kind in _TRIED_AGAIN else end
        if not candidates:
            return None
        return Fault(begin, end, kind, (pick(random, candidates),), random.randint(1, 4), random.getrandbits(32))

    return draw


def _relay_only(plan: WorldPlan) -> list[int]:
    return [0] if plan.has_relay else []


def _encrypted(plan: WorldPlan) -> list[int]:
    """Plain SQLite cannot notice a flipped bit; the pages of an encrypted file carry a code."""
    return nodes(plan) if plan.is_encrypted else []


def _fill(world: World, fault: Fault) -> None:
    machine = world.machines[fault.nodes[0]]
    machine.tell("its disk is full")
    machine.disk.fill()

    def make_room() -> None:
        machine.tell("its disk has room again")
        machine.disk.make_room()
        world.disk_works(machine)

    world.after_fault(fault, make_room)


def _fail_writes(world: World, fault: Fault) -> None:
    """Of the database, or of the witness beside it where there is one."""
    machine = world.machines[fault.nodes[0]]
    is_of_witness = isinstance(machine, Terminal) and fault.seed % 2
    machine.disk.faults.fail_next(DiskFault.NOT_WITNESSED if is_of_witness else DiskFault.FAILING, fault.amount)


def _lose_answers(world: World, fault: Fault) -> None:
    """Of the relay's next transactions, or of those of the next requests of other systems."""
    faults = world.machines[0].disk.faults
    kind = (DiskFault.OUTCOME_UNKNOWN_KEPT, DiskFault.OUTCOME_UNKNOWN_LOST)[fault.seed % 2]
    if fault.seed % 4 > 1:
        faults.waits_for_origin.extend([kind] * fault.amount)
    else:
        faults.fail_next(kind, fault.amount)


def _database_down(world: World, fault: Fault) -> None:
    machine = world.machines[0]
    machine.tell("its database is down")
    machine.disk.faults.set_unavailable(is_unavailable=True)

    def answer() -> None:
        machine.tell("its database answers again")
        machine.disk.faults.set_unavailable(is_unavailable=False)
        world.disk_works(machine)

    world.after_fault(fault, answer)


def _rot(world: World, fault: Fault) -> None:
    machine = world.machines[fault.nodes[0]]
    machine.kill()
    if machine.disk.is_open or machine.disk.is_cut_to_nothing:
        return
    world.count(counter(fault.kind))
    random = world.random("rot", fault.seed)
    damage = machine.disk.cut_off if random.random() < _CUT_OFF_SHARE else machine.disk.rot
    machine.is_rewound = True
    machine.tell(f"its disk rots: {damage(random)}")


def _restore(world: World, fault: Fault) -> None:
    """A backup is taken when the fault begins, and put back when it ends."""
    machine = world.machines[fault.nodes[0]]
    copy = machine.disk.copy()

    def put_back() -> None:
        world.count(counter(fault.kind))
        if isinstance(machine, Relay):
            machine.put_back(copy)
            return
        machine.kill()
        machine.tell("its disk is put back to a backup")
        machine.disk.restore(copy)
        machine.is_rewound = machine.is_replaced = True

    world.at_plan_time(fault.until_ms, put_back)


def _cut_log_short(world: World, fault: Fault) -> None:
    """The log of a process that was killed ends earlier than it did: what it had told others is not there any more."""
    machine = world.machines[fault.nodes[0]]
    machine.kill()
    if machine.disk.is_open:
        return
    words = machine.disk.cut_log_short(world.random("cut", fault.seed))
    if words is not None:
        world.count(counter(fault.kind))
        machine.is_rewound = True
        machine.tell(f"its disk loses the end of its log: {words}")


def _put_back_alone(world: World, fault: Fault) -> None:
    """A backup of the database is taken when the fault begins, and put back beside the witness of then when it ends."""
    machine = world.machines[fault.nodes[0]]
    copy = machine.disk.copy()

    def put_back() -> None:
        machine.kill()
        if machine.is_rewound or machine.disk.is_open:
            return
        world.count(counter(fault.kind))
        machine.tell("its database is put back to a backup, and not its witness")
        machine.disk.put_back_alone(copy)
        machine.is_rewound = True

    world.at_plan_time(fault.until_ms, put_back)


def _spoil_witness(world: World, fault: Fault) -> None:
    machine = world.machines[fault.nodes[0]]
    machine.kill()
    if machine.disk.is_open:
        return
    words = machine.disk.spoil_witness(world.random("witness", fault.seed))
    if words is not None:
        world.count(counter(fault.kind))
        machine.tell(words)


def _lose_disk(world: World, fault: Fault) -> None:
    machine = world.machines[fault.nodes[0]]
    world.count(counter(fault.kind))
    machine.tell("loses its disk")
    machine.kill()
    machine.replace_disk()


def _clone(world: World, fault: Fault) -> None:
    """The disk of one terminal is copied to the machine of another, which comes up as the first one's twin."""
    original, twin = (world.machines[number] for number in fault.nodes)
    if not isinstance(original, Terminal) or not isinstance(twin, Terminal):
        raise TypeError("only a terminal is cloned")
    if len({machine.device for machine in world.terminals}) < len(world.terminals):
        # Two pairs of twins could stand between each other.
        return
    world.count(counter(fault.kind))
    original.tell(f"its disk is cloned to {twin.name}")
    twin.become_clone_of(original)


def _draw_clone(random: Random, plan: WorldPlan) -> Fault | None:
    begin, end = span(random, plan)
    candidates = terminals(plan)
    if len(candidates) < 3:
        return None
    original, twin = random.sample(candidates, 2)
    # Twins do not talk to each other: somebody else must be between them.
    pair = (min(original, twin), max(original, twin))
    links = [ends for ends in plan.links() if ends != pair]
    return Fault(begin, end, "cloned_disk", (original, twin)) if is_connected(nodes(plan), links) else None


KNOBS = (
    Knob("disk_full", _at("disk_full", nodes), _fill, ["disk_filled"]),
    Knob("io_error", _at("io_error", nodes), _fail_writes, ["disk_failing", "disk_not_witnessed"]),
    Knob(
        "commit_outcome_unknown",
        _at("commit_outcome_unknown", _relay_only),
        _lose_answers,
        ["disk_outcome_unknown_kept", "disk_outcome_unknown_lost"],
    ),
    Knob("database_down", _at("database_down", _relay_only), _database_down, ["disk_unavailable"]),
    Knob("bit_rot", _at("bit_rot", _encrypted), _rot, [counter("bit_rot")]),
    Knob("restored_backup", _at("restored_backup", nodes), _restore, [counter("restored_backup")]),
    Knob("log_cut_short", _at("log_cut_short", terminals), _cut_log_short, [counter("log_cut_short")]),
    Knob(
        "database_put_back_alone",
        _at("database_put_back_alone", terminals),
        _put_back_alone,
        [counter("database_put_back_alone")],
    ),
    Knob("witness_spoilt", _at("witness_spoilt", terminals), _spoil_witness, [counter("witness_spoilt")]),
    Knob("lost_disk", _at("lost_disk", nodes), _lose_disk, [counter("lost_disk")]),
    Knob("cloned_disk", _draw_clone, _clone, [counter("cloned_disk")]),
)
