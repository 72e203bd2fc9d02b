"""Peers that are of another version, or mean harm."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from crdt_pms.session.limits import PROTOCOL_VERSION_MAX, PROTOCOL_VERSION_MIN
from simulations.faults.knob import Knob, counter, nodes, pick, span, terminals
from simulations.world.hotel import TERMINALS_MAX, enrolled_device
from simulations.world.intruder import (
    INTRUDER,
    Attack,
    Intruder,
    delete_ahead,
    forge,
    impersonate,
    mutate,
    replay,
    run_ahead,
    talk_nonsense,
    usurp,
    write_for_others,
)
from simulations.world.liar import LIES, Liar
from simulations.world.misbehaving import equivocate, misbehave
from simulations.world.plan import MINUTE_MS, SECOND_MS, Fault, WorldPlan
from simulations.world.world import World

_LASTS_MAX_MS = 2 * MINUTE_MS
_VISIT_MS = 4_000


def _draw_versions(random: Random, plan: WorldPlan) -> Fault | None:
    begin, end = span(random, plan)
    return Fault(
        begin, min(end, begin + _LASTS_MAX_MS), "mixed_versions", (pick(random, terminals(plan)),), random.randrange(2)
    )


def _mix_versions(world: World, fault: Fault) -> None:
    """One terminal is updated: to a program that still speaks the old version, or to one that does not."""
    machine = world.machines[fault.nodes[0]]
    world.count(counter(fault.kind))

    def update(versions: tuple[int, int]) -> None:
        machine.kill()
        machine.versions = versions
        machine.tell(f"is updated and speaks protocol versions {versions[0]} to {versions[1]}")

    present, following = PROTOCOL_VERSION_MIN, PROTOCOL_VERSION_MAX + 1
    update((present, following) if fault.amount else (following, following))
    world.after_fault(fault, lambda: update((present, following)))


def _misbehave(world: World, fault: Fault) -> None:
    """A device of the hotel comes, again and again while it lasts; its victim may be started anew in between."""
    victim = world.machines[fault.nodes[0]]
    device = enrolled_device(victim.definition.property_id, TERMINALS_MAX)
    if not victim.is_up:
        return
    stays_ms, number = fault.until_ms - fault.at_ms, INTRUDER - 1 - fault.seed
    visitor = Intruder(victim, device, misbehave, world.random("intruder", fault.seed), stays_ms, number)
    victim.tell("misbehaving_device: somebody connects")
    visitor.visit()
    if fault.amount:
        world.at_plan_time(fault.at_ms + stays_ms // 2, victim.kill)
    world.after_fault(fault, lambda: world.count(counter(fault.kind)) if visitor.was_heard else None)


def _draw_misbehaving(random: Random, plan: WorldPlan) -> Fault | None:
    if plan.terminals == TERMINALS_MAX:
        return None
    begin, _end = span(random, plan)
    end = begin + random.randint(_VISIT_MS, _LASTS_MAX_MS)
    return Fault(
        begin, end, "misbehaving_device", (pick(random, nodes(plan)),), random.randrange(2), random.getrandbits(32)
    )


def _draw_equivocating(random: Random, plan: WorldPlan) -> Fault | None:
    numbers = nodes(plan)
    if plan.terminals == TERMINALS_MAX or len(numbers) < 2:
        return None
    begin, _end = span(random, plan)
    one, other = random.sample(numbers, 2)
    apart_ms = random.choice((0, 0, random.randint(0, _LASTS_MAX_MS)))
    return Fault(begin, begin + _VISIT_MS + apart_ms, "equivocating_device", (one, other), 0, random.getrandbits(32))


def _equivocate(world: World, fault: Fault) -> None:
    """A device of the hotel shows two nodes another end of one journal: at a time, or one after the other."""
    victims = [world.machines[number] for number in fault.nodes]
    if not all(victim.is_up for victim in victims):
        return
    device = enrolled_device(victims[0].definition.property_id, TERMINALS_MAX)
    random = world.random("intruder", fault.seed)
    number = INTRUDER - 1 - fault.seed
    second_leaves_ms = fault.until_ms - fault.at_ms - SECOND_MS
    first = Intruder(victims[0], device, misbehave, random, number=number)
    second = Intruder(victims[1], device, misbehave, random, second_leaves_ms, number - 1)
    equivocate(first, second)
    first.visit()
    victims[0].tell("equivocating_device: somebody connects")

    def strike() -> None:
        if victims[1].is_up:
            victims[1].tell("equivocating_device: somebody connects")
            second.visit()

    world.at_plan_time(fault.until_ms - _VISIT_MS, strike)
    world.after_fault(fault, lambda: world.count(counter(fault.kind)) if first.was_heard and second.was_heard else None)


def _intrude(attack: Attack, *, is_enrolled: bool = True) -> Callable[[World, Fault], None]:
    def apply(world: World, fault: Fault) -> None:
        victim = world.machines[fault.nodes[0]]
        if not victim.is_up:
            return
        # The key of a terminal that was stolen before it was ever switched on, or of a device that nobody knows.
        number = TERMINALS_MAX if is_enrolled else TERMINALS_MAX + 1
        device = enrolled_device(victim.definition.property_id, number)
        intruder = Intruder(victim, device, attack, world.random("intruder", fault.seed))
        victim.tell(f"{fault.kind}: somebody connects")
        intruder.visit()
        world.after_fault(
            fault, lambda: world.count(counter(fault.kind)) if intruder.was_heard is is_enrolled else None
        )

    return apply


def _draw_lie(random: Random, plan: WorldPlan) -> Fault | None:
    if plan.terminals == TERMINALS_MAX or not plan.has_relay:
        return None
    begin, end = span(random, plan)
    lie = random.randrange(len(LIES))
    return Fault(begin, end, "false_order", (pick(random, nodes(plan)),), lie, random.getrandbits(32))


def _lie(world: World, fault: Fault) -> None:
    """Somebody listens at the relay when the fault begins, and lies to a node when it ends."""
    relay, victim = world.machines[0], world.machines[fault.nodes[0]]
    device = enrolled_device(victim.definition.property_id, TERMINALS_MAX)
    liar = Liar(device, world.random("liar", fault.seed), LIES[fault.amount])
    if relay.is_up:
        liar.listen(relay)

    def strike() -> None:
        if victim.is_up:
            victim.tell(f"{fault.kind}: somebody connects and tells {liar.lie.name}")
            liar.strike(victim)
            world.time.after(_VISIT_MS, note)
        if relay.is_up and victim is not relay:
            liar.listen(relay)

    def note() -> None:
        if liar.visit is not None and (liar.visit.was_heard or liar.visit.was_shown_out):
            world.count(counter(fault.kind))

    world.after_fault(fault, strike)


def _draw_intruder(kind: str) -> Callable[[Random, WorldPlan], Fault | None]:
    def draw(random: Random, plan: WorldPlan) -> Fault | None:
        if plan.terminals == TERMINALS_MAX:
            return None
        begin, _end = span(random, plan)
        return Fault(begin, begin + _VISIT_MS, kind, (pick(random, nodes(plan)),), 0, random.getrandbits(32))

    return draw


def _intruder(kind: str, attack: Attack, *, is_enrolled: bool = True) -> Knob:
    return Knob(kind, _draw_intruder(kind), _intrude(attack, is_enrolled=is_enrolled), [counter(kind)])


KNOBS = (
    Knob("mixed_versions", _draw_versions, _mix_versions, [counter("mixed_versions")]),
    _intruder("forged_entries", forge),
    _intruder("mutated_entries", mutate),
    _intruder("replayed_entries", replay),
    _intruder("foreign_client_id", impersonate),
    _intruder("malformed_operation", talk_nonsense),
    _intruder("stranger", forge, is_enrolled=False),
    _intruder("early_entries", run_ahead),
    Knob("misbehaving_device", _draw_misbehaving, _misbehave, [counter("misbehaving_device")]),
    Knob("equivocating_device", _draw_equivocating, _equivocate, [counter("equivocating_device")]),
    Knob("false_order", _draw_lie, _lie, [counter("false_order")]),
    _intruder("foreign_board_key", write_for_others),
    _intruder("early_deletions", delete_ahead),
    _intruder("usurped_property", usurp),
)
