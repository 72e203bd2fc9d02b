"""What became of machines, lines and clocks, as spans of time: for whoever wants to see a world afterwards.

A timeline looks after everything that happens, notes what is different, and changes nothing: a world that is watched has the
same hash. What people did and what nodes took is in the history of the world.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from crdt_pms.desk.views import AlertLine, ConflictLine, alert_lines, conflict_lines
from simulations.checkers.history import Event
from simulations.world.machine import Machine
from simulations.world.network import Line
from simulations.world.world import World


class NodeState(StrEnum):
    """What a machine is doing."""

    RUNS = "runs"
    ALONE = "cut off"
    """Runs, and no line to anybody lets frames pass in both directions."""
    FROZEN = "frozen"
    DOWN = "down"
    """Its process has ended and will be started again."""
    OFF = "switched off"


class LineState(StrEnum):
    """What two machines are to each other."""

    LINKED = "linked"
    APART = "whole, not linked"
    ONE_WAY = "one way only"
    CUT = "cut"


class Span(NamedTuple):
    """For how long something was in one state, in milliseconds of the world's time."""

    begin_ms: int
    end_ms: int
    state: str


class Track:
    """The states of one thing, one after the other."""

    def __init__(self) -> None:
        self._changes: list[tuple[int, str]] = []
        self._state = ""

    def note(self, at_ms: int, state: str) -> None:
        """From now on it is in that state."""
        if state == self._state:
            return
        if self._changes and self._changes[-1][0] == at_ms:
            # What lasted no time at all was not to be seen.
            self._changes.pop()
        self._state = state
        if not self._changes or self._changes[-1][1] != state:
            self._changes.append((at_ms, state))

    def spans(self, end_ms: int) -> list[Span]:
        """Its states until that time."""
        ends = [at_ms for at_ms, _state in self._changes[1:]] + [end_ms]
        return [Span(at_ms, end, state) for (at_ms, state), end in zip(self._changes, ends, strict=True)]


@dataclass
class Timeline:
    """See the module. A witness of `simulations.world.running.run_world`."""

    nodes: dict[str, Track] = field(default_factory=dict[str, Track])
    """What each machine did (`NodeState`), by name, the relay first."""
    clocks: dict[str, Track] = field(default_factory=dict[str, Track])
    """How far each machine's own clock was ahead of true time, in milliseconds as text."""
    lines: dict[str, Track] = field(default_factory=dict[str, Track])
    """What each line was (`LineState`), by the names of its ends."""
    history: Sequence[Event] = ()
    """What happened at the nodes, event by event."""
    end_ms: int = 0
    conflicts: Sequence[ConflictLine] = ()
    alerts: Sequence[AlertLine] = ()
    _world: World | None = None
    _watched: list[tuple[Machine, Sequence[Line], Track, Track]] = field(
        default_factory=list[tuple[Machine, Sequence[Line], Track, Track]]
    )
    _watched_lines: list[tuple[Line, Machine, Machine, Track]] = field(
        default_factory=list[tuple[Line, Machine, Machine, Track]]
    )

    def begins(self, world: World) -> None:
        """Watch a world from now on."""
        self._world = world
        self.history = world.history
        for machine in world.machines.values():
            state = self.nodes[machine.name] = Track()
            clock = self.clocks[machine.name] = Track()
            self._watched.append((machine, world.network.of(machine.number), state, clock))
        for line in world.network.lines.values():
            one, other = (world.machines[end] for end in line.ends)
            track = self.lines[f"{one.name} – {other.name}"] = Track()
            self._watched_lines.append((line, one, other, track))
        world.time.watch = self.look
        self.look()

    def ends(self, world: World) -> None:
        """Take down what stands in the end, at a node that all others agree with."""
        self.look()
        world.time.watch = _nothing
        self.end_ms = world.time.now_ms
        terminal = next((one for one in world.terminals if one.is_up), None)
        if terminal is not None:
            replica = terminal.node.replica
            self.conflicts = conflict_lines(replica.view())
            self.alerts = alert_lines(replica.view(), replica.alerts())

    def look(self) -> None:
        """Note what is different by now."""
        assert self._world is not None, "a world is watched"
        now_ms = self._world.time.now_ms
        for machine, lines, state, clock in self._watched:
            state.note(now_ms, _state_of(machine, lines))
            clock.note(now_ms, str(machine.clock.skew_ms))
        for line, one, other, track in self._watched_lines:
            track.note(now_ms, _line_state(line, one, other))


def _state_of(machine: Machine, lines: Sequence[Line]) -> NodeState:
    if not machine.is_up:
        return NodeState.OFF if machine.stays_down else NodeState.DOWN
    if machine.is_paused:
        return NodeState.FROZEN
    return NodeState.RUNS if not lines or any(line.is_whole for line in lines) else NodeState.ALONE


def _line_state(line: Line, one: Machine, other: Machine) -> LineState:
    there, back = line.ways
    if there.cuts or back.cuts:
        return LineState.CUT if there.cuts and back.cuts else LineState.ONE_WAY
    return LineState.LINKED if _is_linked(line, one) and _is_linked(line, other) else LineState.APART


def _is_linked(line: Line, machine: Machine) -> bool:
    endpoint = machine.endpoints.get(line.ends)
    return endpoint is not None and endpoint.exchange.is_open


def _nothing() -> None:
    pass
