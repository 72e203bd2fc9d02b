"""What stood in the rows at each node at each moment, followed through the history of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import DECISION, POSTING, Value
from simulations.checkers.history import Acted, Applied, Event, Opened
from simulations.checkers.possession import Vector, advance
from simulations.checkers.registers import Written, fold_register
from simulations.checkers.rows import Registers
from simulations.checkers.violation import Dot

Key = tuple[str, str]
"""A group and a row."""


class Placed(NamedTuple):
    """A write and the register that it was made to."""

    key: Key
    written: Written


class Screen:
    """The rows of one node: for each register the writes that no other held write names."""

    def __init__(self, writes: Mapping[Dot, Sequence[Placed]]) -> None:
        self._writes = writes
        self._held: dict[bytes, int] = {}
        self._waiting: frozenset[Dot] = frozenset()
        self._standing: dict[str, dict[str, dict[Dot, Written]]] = {}
        self._shown: dict[Key, Value] = {}

    def standing(self, group: str, row: str) -> Sequence[Written]:
        """The writes that stand in a register against each other, or alone."""
        return tuple(self._standing.get(group, {}).get(row, {}).values())

    def rows(self, group: str) -> Iterable[str]:
        """Every row of which something was written in that group."""
        return self._standing.get(group, {}).keys()

    def shown(self, group: str, row: str) -> Value | None:
        """What a register shows; None while nobody wrote it."""
        key = (group, row)
        if key not in self._shown:
            standing = self.standing(group, row)
            if not standing:
                return None
            decided = self.standing(DECISION, row) if group == POSTING else ()
            decision = fold_register(DECISION, row, decided) if decided else None
            self._shown[key] = fold_register(group, row, standing, decision).shown
        return self._shown[key]

    def take(self, dots: Iterable[Dot], waiting: frozenset[Dot] = frozenset()) -> None:
        """The node holds these entries from now on, each after what it names; those `waiting` it cannot read."""
        self._waiting |= waiting
        for dot in dots:
            if dot.seq > self._held.get(dot.journal, 0):
                advance(self._held, [dot])
                if dot not in waiting:
                    self._write(dot)

    def open(self, vector: Vector, waiting: frozenset[Dot] = frozenset()) -> None:
        """A process run begins with what its disk holds and its program can read."""
        if dict(vector) == self._held and waiting == self._waiting:
            return
        self._held, self._waiting, self._standing, self._shown = dict(vector), waiting, {}, {}
        held = [dot for dot in self._writes if dot.seq <= self._held.get(dot.journal, 0) and dot not in waiting]
        for dot in held:
            self._write(dot)
        for dot in held:
            self._end(placed for placed in self._writes[dot])

    def _write(self, dot: Dot) -> None:
        placed = self._writes.get(dot, ())
        for (group, row), written in placed:
            self._standing.setdefault(group, {}).setdefault(row, {})[dot] = written
        self._end(placed)

    def _end(self, placed: Iterable[Placed]) -> None:
        for key, written in placed:
            standing = self._standing[key[0]][key[1]]
            for named in written.names:
                standing.pop(named, None)
            self._shown.pop(key, None)
            if key[0] == DECISION:
                self._shown.pop((POSTING, key[1]), None)


class Screens:
    """What every node shows, as of the last event that was followed."""

    def __init__(self, evidence: Evidence) -> None:
        self.writes = writes_of(evidence.folds[evidence.reference.name].registers)
        self._of_node: dict[str, Screen] = {}

    def of(self, node: str) -> Screen:
        """What that node shows."""
        if node not in self._of_node:
            self._of_node[node] = Screen(self.writes)
        return self._of_node[node]

    def follow(self, event: Event) -> None:
        """Let the next event of the history happen."""
        if isinstance(event, Opened):
            self.of(event.node).open(event.vector, event.held)
        elif isinstance(event, Applied):
            self.of(event.node).take(event.dots, event.held)
        elif isinstance(event, Acted):
            self.of(event.node).take(event.dots)


def writes_of(registers: Registers) -> Mapping[Dot, Sequence[Placed]]:
    """Everything that each entry wrote."""
    found: dict[Dot, list[Placed]] = {}
    for group, rows in registers.items():
        for row, register in rows.items():
            for written in register.writes:
                found.setdefault(written.dot, []).append(Placed((group, row), written))
    return found
