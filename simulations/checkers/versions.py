"""Neighbouring versions: what an older program cannot read waits, is carried on, and is applied after its update.

1. In the end no entry waits any more: every program is the newest.
2. New meaning is written only at a level that an administrator raised the property to.
3. An author carries on the independent fields that its program does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import ADMINISTRATORS, PREFERENCES, TERMS, Write, decode_operation
from simulations.checkers.history import Acted
from simulations.checkers.violation import Dot, Violation, limited
from simulations.checkers.wire import OPERATION, FormatWrong

CONVERGES: Final = 1
SWALLOWS: Final = 11
LEVEL: Final = "property.level"
NEXT_LEVEL: Final = 2
CARRIED: Final = "+segment"
"""The wire name of the independent field that the older program of worlds does not know."""


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every entry that still waits, that says more than its level allows, or that lost what its author did not know."""
    yield from limited(_waiting(evidence))
    yield from limited(_too_early(evidence))
    yield from limited(_not_carried(evidence))


def _waiting(evidence: Evidence) -> Iterator[Violation]:
    for node in evidence.nodes:
        for dot, reason in sorted(node.held.items()):
            yield Violation(SWALLOWS, node.name, f"{node.name}: {dot} waits for an update ({reason}), and none is left")


def _too_early(evidence: Evidence) -> Iterator[Violation]:
    reference = evidence.reference
    headers = [entry.header for entry in evidence.catalogue.entries(reference)]
    keys = [key for header in headers for key in header.keys]
    raised = {1, *(int(row) for group, row, flags in keys if group == LEVEL and flags & ADMINISTRATORS)}
    for header in headers:
        needed = NEXT_LEVEL if any(group == PREFERENCES for group, _row, _flags in header.keys) else 1
        if header.level < needed or header.level not in raised:
            words = f"{header.dot} is of level {header.level}; it needs {needed}, and the property was raised to {max(raised)}"
            yield Violation(CONVERGES, reference.name, words)


def _not_carried(evidence: Evidence) -> Iterator[Violation]:
    acts = [event for event in evidence.history if isinstance(event, Acted) and event.is_of_older]
    terms = _terms(evidence) if acts else {}
    for act in acts:
        for dot in act.dots:
            for written in terms.get(dot, ()):
                seen = [one for name in written.names for one in terms.get(name, ()) if one.row == written.row]
                carried = {(one.content or {}).get(CARRIED) for one in seen}
                if len(carried) == 1 and (written.content or {}).get(CARRIED) not in carried:
                    words = f"{act.node}: {act.staff} wrote the terms of {written.row} as {dot} and lost {CARRIED}"
                    yield Violation(CONVERGES, act.node, f"{words}, which all that it replaces has")


def _terms(evidence: Evidence) -> Mapping[Dot, list[Write]]:
    """The terms that each entry wrote, as they are on the wire."""
    found: dict[Dot, list[Write]] = {}
    for entry in evidence.catalogue.entries(evidence.reference):
        if entry.header.kind == OPERATION and any(group == TERMS for group, _row, _flags in entry.header.keys):
            try:
                writes = decode_operation(entry.header, entry.parts).writes
            except FormatWrong:
                continue
            found[entry.dot] = [write for write in writes if write.group == TERMS]
    return found
