"""Machines that die, freeze, or tell the wrong time."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from simulations.faults.knob import Knob, counter, nodes, pick, span, terminals
from simulations.world.machine import RESTART_MS
from simulations.world.plan import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Fault, WorldPlan
from simulations.world.terminal import Terminal
from simulations.world.world import World

_EFFECTS_MAX = 40
_FREEZES_MAX_MS = 10 * MINUTE_MS
"""A frozen machine is connected to and given up every few seconds: a longer freeze would show nothing more."""
_JUMPS_MS = (10 * SECOND_MS, 5 * MINUTE_MS, HOUR_MS, DAY_MS)


def _moment(kind: str, amount: Callable[[Random], int]) -> Callable[[Random, WorldPlan], Fault | None]:
    def draw(random: Random, plan: WorldPlan) -> Fault | None:
        begin, end = span(random, plan)
        end = min(end, begin + _FREEZES_MAX_MS) if kind == "pause" else end
        return Fault(begin, end, kind, (pick(random, nodes(plan)),), amount(random), random.getrandbits(32))

    return draw


def _nothing(_random: Random) -> int:
    return 0


def _signed_jump(random: Random) -> int:
    return random.choice(_JUMPS_MS) * random.choice((-1, 1))


def _kill(world: World, fault: Fault) -> None:
    machine = world.machines[fault.nodes[0]]
    if machine.is_up:
        world.count(counter(fault.kind))
        machine.kill()


def _crash(world: World, fault: Fault) -> None:
    world.machines[fault.nodes[0]].disk.faults.crash_at_effect(fault.amount)


def _many_starts(random: Random, plan: WorldPlan) -> Fault | None:
    begin, end = span(random, plan)
    # Starts of an encrypted disk take long.
    starts = random.choice((6, 12) if plan.is_encrypted else (12, 24, 72))
    node = pick(random, terminals(plan))
    return Fault(begin, end, "many_starts", (node,), starts, random.getrandbits(32))


def _start_over_and_over(world: World, fault: Fault) -> None:
    """The process begins up to `amount` times while the fault lasts; after each start somebody writes of the same room."""
    terminal = world.machines[fault.nodes[0]]
    assert isinstance(terminal, Terminal)
    step_ms = max((fault.until_ms - fault.at_ms) // fault.amount, 2 * RESTART_MS)

    def start(number: int) -> None:
        if terminal.is_up:
            world.count(counter(fault.kind))
            terminal.kill()
        write_ms = RESTART_MS + step_ms // 4
        world.time.after(write_ms, lambda: world.people.hand_over(world.random("shift", fault.seed, number), terminal))

    fitting = max(min(fault.amount, (fault.until_ms - fault.at_ms) // step_ms), 1)
    for number in range(fitting):
        world.at_plan_time(fault.at_ms + number * step_ms, lambda number=number: start(number))


def _switch_off(world: World, fault: Fault) -> None:
    """Out of use for as long as the fault lasts, without a farewell."""
    machine = world.machines[fault.nodes[0]]
    if machine.is_up:
        world.count(counter(fault.kind))
    machine.stays_down = True
    machine.lose_power(world.random("power", fault.seed))

    def switch_on() -> None:
        machine.stays_down = False
        machine.start()

    world.after_fault(fault, switch_on)


def _lose_power(world: World, fault: Fault) -> None:
    machine = world.machines[fault.nodes[0]]
    if machine.is_up:
        world.count(counter(fault.kind))
        world.counts["commits_lost_by_power"] += machine.lose_power(world.random("power", fault.seed))


def _pause(world: World, fault: Fault) -> None:
    machine = world.machines[fault.nodes[0]]
    if machine.is_up:
        world.count(counter(fault.kind))
    machine.tell("freezes")
    machine.pause()

    def resume() -> None:
        machine.tell("goes on")
        machine.resume()

    world.after_fault(fault, resume)


def _shift(world: World, fault: Fault, amount_ms: int) -> None:
    machine = world.machines[fault.nodes[0]]
    machine.clock.skew_ms += amount_ms
    machine.tell(f"its clock jumps by {amount_ms / 1_000:+.0f} s")
    world.measure_clocks(machine)


def _jump(world: World, fault: Fault) -> None:
    world.count(counter(fault.kind))
    _shift(world, fault, fault.amount)
    world.after_fault(fault, lambda: _shift(world, fault, -fault.amount))


def _strobe(world: World, fault: Fault) -> None:
    """The clock jumps to and fro, some times within the span of the fault."""
    world.count(counter(fault.kind))
    times = 6
    step = max((fault.until_ms - fault.at_ms) // (2 * times), 1)
    for number in range(times):
        sign = 1 if number % 2 == 0 else -1
        world.at_plan_time(fault.at_ms + number * step, lambda sign=sign: _shift(world, fault, sign * fault.amount))


KNOBS = (
    Knob("kill", _moment("kill", _nothing), _kill, [counter("kill")]),
    Knob("many_starts", _many_starts, _start_over_and_over, [counter("many_starts")]),
    Knob("crash", _moment("crash", lambda random: random.randint(1, _EFFECTS_MAX)), _crash, ["disk_crash"]),
    Knob("switched_off", _moment("switched_off", _nothing), _switch_off, [counter("switched_off")]),
    Knob("power_loss", _moment("power_loss", _nothing), _lose_power, [counter("power_loss")]),
    Knob("pause", _moment("pause", _nothing), _pause, [counter("pause")]),
    Knob("clock_jump", _moment("clock_jump", _signed_jump), _jump, [counter("clock_jump")]),
    Knob("clock_strobe", _moment("clock_strobe", _signed_jump), _strobe, [counter("clock_strobe")]),
)
