"""Partitions of every kind, and connections that are dead without knowing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Final

from simulations.faults.knob import Knob, counter, nodes, pick, span
from simulations.world.network import Line
from simulations.world.plan import SECOND_MS, Fault, WorldPlan
from simulations.world.world import World

CYCLES_MAX: Final = 4
"""So often a line comes and goes, or so many lines clog one after the other; every time costs all links of a node."""

Ways = Iterable[tuple[Line, int]]
"""Directions of lines, each by the end that sends."""


def _of_node(world: World, fault: Fault) -> Iterator[tuple[Line, int]]:
    for line in world.network.of(fault.nodes[0]):
        yield from ((line, end) for end in line.ends)


def _halves(world: World, fault: Fault) -> Iterator[tuple[Line, int]]:
    for line in world.network.lines.values():
        if (line.ends[0] in fault.nodes) != (line.ends[1] in fault.nodes):
            yield from ((line, end) for end in line.ends)


def _one_way(world: World, fault: Fault) -> Iterator[tuple[Line, int]]:
    for line in world.network.of(fault.nodes[0]):
        yield line, line.other(fault.nodes[0]) if fault.amount else fault.nodes[0]


def _ring(world: World, fault: Fault) -> Iterator[tuple[Line, int]]:
    """Each node reaches only its two neighbours in a circle of all."""
    place = {number: at for at, number in enumerate(fault.nodes)}
    for line in world.network.lines.values():
        first, second = (place.get(end) for end in line.ends)
        if first is None or second is None:
            continue
        if (first - second) % len(place) not in (1, len(place) - 1):
            yield from ((line, end) for end in line.ends)


def _bridge(world: World, fault: Fault) -> Iterator[tuple[Line, int]]:
    """Two halves that only the first node of the list reaches both of."""
    bridge, *half = fault.nodes
    for line in world.network.lines.values():
        if bridge not in line.ends and (line.ends[0] in half) != (line.ends[1] in half):
            yield from ((line, end) for end in line.ends)


def _cut(world: World, fault: Fault, ways: Ways, *, loudly: bool = False) -> None:
    """Cut these directions until the fault ends."""
    cut = [(line, sender) for line, sender in ways]
    for line, sender in cut:
        world.network.cut(line, sender, loudly=loudly)

    def mend() -> None:
        for line, sender in cut:
            world.network.mend(line, sender)
        if cut:
            world.tell(f"{fault.kind} ends")

    world.after_fault(fault, mend)
    if cut:
        world.count(counter(fault.kind))
        lines = dict.fromkeys(line.ends for line, _sender in cut)
        world.tell(f"{fault.kind}: {', '.join('–'.join(world.names[end] for end in ends) for ends in lines)}")


def _cutting(ways: Callable[[World, Fault], Ways], *, loudly: bool = False) -> Callable[[World, Fault], None]:
    def apply(world: World, fault: Fault) -> None:
        _cut(world, fault, ways(world, fault), loudly=loudly)

    return apply


def _flap(world: World, fault: Fault) -> None:
    """The line of one node comes and goes, every few seconds or minutes."""
    random = world.random("flapping", fault.seed)
    at, cycles = fault.at_ms, 0
    while at < fault.until_ms and cycles < CYCLES_MAX:
        length = random.randint(fault.amount // 4, fault.amount)
        piece = Fault(at, min(at + length, fault.until_ms), fault.kind, fault.nodes)
        world.at_plan_time(at, lambda piece=piece: _cut(world, piece, _of_node(world, piece), loudly=True))
        at += length + random.randint(fault.amount // 4, fault.amount)
        cycles += 1


def _clog(world: World, fault: Fault) -> None:
    """One line after the other takes nothing for a while, and then everything at once."""
    random = world.random("clogging", fault.seed)
    ways = [(line, end) for line in world.network.lines.values() for end in line.ends]
    random.shuffle(ways)
    share = max((fault.until_ms - fault.at_ms) // max(len(ways), 1), SECOND_MS)
    for step, way in enumerate(ways[:CYCLES_MAX]):
        at = fault.at_ms + step * share
        if at < fault.until_ms:
            piece = Fault(at, min(at + share, fault.until_ms), fault.kind, fault.nodes)
            world.at_plan_time(at, lambda piece=piece, way=way: _cut(world, piece, [way]))


def _half_open(world: World, fault: Fault) -> None:
    """A box in between forgets the connections of a node: one end hears nothing of it."""
    for line in world.network.of(fault.nodes[0]):
        connection = line.connection
        endpoint = world.machines[fault.nodes[0]].endpoints.get(line.ends)
        if connection is not None and endpoint is not None and endpoint.connection is connection:
            world.tell(f"{fault.kind}: {world.names[line.other(fault.nodes[0])]} still believes in its link")
            world.count(counter(fault.kind))
            endpoint.drop_silently()


def _one(kind: str, *, among: Callable[[WorldPlan], list[int]] = nodes) -> Callable[[Random, WorldPlan], Fault | None]:
    def draw(random: Random, plan: WorldPlan) -> Fault | None:
        begin, end = span(random, plan)
        return Fault(begin, end, kind, (pick(random, among(plan)),), random.randrange(2), random.getrandbits(32))

    return draw


def _draw_halves(random: Random, plan: WorldPlan) -> Fault | None:
    begin, end = span(random, plan)
    shuffled = nodes(plan)
    random.shuffle(shuffled)
    return Fault(begin, end, "cut_halves", tuple(sorted(shuffled[: random.randint(1, max(len(shuffled) // 2, 1))])))


def _draw_ring(random: Random, plan: WorldPlan) -> Fault | None:
    begin, end = span(random, plan)
    everybody = nodes(plan)
    random.shuffle(everybody)
    return Fault(begin, end, "cut_ring", tuple(everybody)) if len(everybody) >= 4 else None


def _draw_bridge(random: Random, plan: WorldPlan) -> Fault | None:
    begin, end = span(random, plan)
    everybody = nodes(plan)
    random.shuffle(everybody)
    return Fault(begin, end, "cut_bridge", tuple(everybody[: 1 + len(everybody) // 2])) if len(everybody) >= 3 else None


def _draw_flapping(random: Random, plan: WorldPlan) -> Fault | None:
    begin, end = span(random, plan)
    cycle_ms = max((end - begin) // random.randint(2, CYCLES_MAX), 2 * SECOND_MS)
    return Fault(begin, end, "flapping", (pick(random, nodes(plan)),), cycle_ms, random.getrandbits(32))


KNOBS = (
    Knob("cut_node", _one("cut_node"), _cutting(_of_node), [counter("cut_node")]),
    Knob("cable_pulled", _one("cable_pulled"), _cutting(_of_node, loudly=True), [counter("cable_pulled")]),
    Knob("cut_halves", _draw_halves, _cutting(_halves), [counter("cut_halves")]),
    Knob("cut_one_way", _one("cut_one_way"), _cutting(_one_way), [counter("cut_one_way")]),
    Knob("cut_ring", _draw_ring, _cutting(_ring), [counter("cut_ring")]),
    Knob("cut_bridge", _draw_bridge, _cutting(_bridge), [counter("cut_bridge")]),
    Knob("flapping", _draw_flapping, _flap, [counter("flapping")]),
    Knob("clogging", _one("clogging"), _clog, [counter("clogging")]),
    Knob("half_open", _one("half_open"), _half_open, [counter("half_open")]),
)
