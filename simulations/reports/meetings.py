"""When a node first knew both sides of a conflict, read off the history of a run."""

from __future__ import annotations

from collections.abc import Iterable

from crdt_pms.desk.views import ConflictLine
from simulations.checkers.history import Acted, Applied, Event
from simulations.checkers.violation import Dot


def meetings(history: Iterable[Event], conflicts: Iterable[ConflictLine]) -> dict[str, list[tuple[int, ConflictLine]]]:
    """For each node, in order, the times (milliseconds) at which it first held two of the values of a conflict."""
    of_dot: dict[Dot, list[ConflictLine]] = {}
    for conflict in conflicts:
        for option in conflict.options:
            of_dot.setdefault(_dot(option.dot), []).append(conflict)
    seen: dict[tuple[str, str], set[Dot]] = {}
    found: dict[str, list[tuple[int, ConflictLine]]] = {}
    for event in history:
        if not isinstance(event, Acted | Applied):
            continue
        for dot in event.dots:
            for conflict in of_dot.get(dot, ()):
                held = seen.setdefault((event.node, conflict.identity), set())
                if dot not in held and len(held) == 1:
                    found.setdefault(event.node, []).append((event.at_ms, conflict))
                held.add(dot)
    return found


def values_of(conflict: ConflictLine) -> str:
    """What stands against what, with the authors."""
    return " ↔ ".join(
        f"{option.words.en} ({option.author}{', shown' if option.is_shown else ''})" for option in conflict.options
    )


def _dot(written: str) -> Dot:
    journal, _colon, seq = written.partition(":")
    return Dot(bytes.fromhex(journal), int(seq))
