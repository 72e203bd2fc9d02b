"""Law 5, of what both sides started from: a write that may wait for a person carries the value that its author had read.

While two such writes stand against each other, screens show that value. It is what the author's form showed of the register, or
without a form what the desk showed at that moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import SETTLEMENT, WINDOW, Value
from simulations.checkers.steps import Step, steps
from simulations.checkers.violation import Dot, Violation, limited

LAW: Final = 5


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every base that its author had not read."""
    yield from limited(_wrong(evidence))


def _wrong(evidence: Evidence) -> Iterator[Violation]:
    said: dict[Dot, dict[tuple[str, str], Value]] = {}
    for step in steps(evidence):
        event = step.event
        for (group, row), written in step.placed:
            said.setdefault(written.dot, {})[group, row] = written.value
            if group not in (WINDOW, SETTLEMENT):
                continue
            read = _read(step, group, row, written.names, said)
            if read is not None and written.base not in read:
                told = f"{event.node}: at {evidence.moment(event.at_ms)} {event.staff} did {event.action}: the base of {row}"
                yield Violation(LAW, event.node, f"{told} in {group} is {written.base}; read was one of {read}")


def _read(
    step: Step, group: str, row: str, names: tuple[Dot, ...], said: dict[Dot, dict[tuple[str, str], Value]]
) -> list[Value | None] | None:
    """What the author may have read; None where nobody knows: several values of which a stale form showed one."""
    if not names:
        return [None]
    if set(names) == {one.dot for one in step.screen.standing(group, row)}:
        return [step.screen.shown(group, row)]
    if len(names) == 1 and (group, row) in said.get(names[0], {}):
        return [said[names[0]][group, row]]
    return None
