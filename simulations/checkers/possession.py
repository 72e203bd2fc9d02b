"""Which node held which entries when, followed through the history of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from simulations.checkers.history import Acted, Applied, Event, Opened
from simulations.checkers.violation import Dot

Vector = Mapping[bytes, int]


@dataclass(frozen=True, slots=True)
class Possession:
    """`at_end`: what each node of the history must hold when it ended. `excused`: entries that may be lost.

    An entry is excused when a node's disk went back behind it while no other node held it. A node that is not among those left
    at the end took its disk with it.
    """

    at_end: Mapping[str, Vector]
    excused: frozenset[Dot]


def possession_of(history: Sequence[Event], left: Iterable[str]) -> Possession:
    """Follow the history to its end, at which the nodes `left` are still there."""
    held: dict[str, dict[bytes, int]] = {}
    excused: set[Dot] = set()
    for event in history:
        match event:
            case Opened(_, node, vector, rewound):
                if rewound:
                    excused.update(_sole(held, node, vector))
                held[node] = dict(vector)
            case Acted(node=node, dots=dots) | Applied(node=node, dots=dots):
                advance(held.setdefault(node, {}), dots)
            case _:
                pass
    for node in sorted(held.keys() - set(left)):
        excused.update(_sole(held, node, {}))
        del held[node]
    return Possession(held, frozenset(excused))


def advance(vector: dict[bytes, int], dots: Iterable[Dot]) -> None:
    """Note in `vector` that these entries are held from now on."""
    for journal, seq in dots:
        if seq > vector.get(journal, 0):
            vector[journal] = seq


def without_forked(vector: Vector, opened: Opened) -> dict[bytes, int]:
    """What of it the node cannot have taken back when it opened: not what stands on a branch."""
    return {journal: min(seq, opened.forked.get(journal, seq + 1) - 1) for journal, seq in vector.items()}


def behind(vector: Vector, other: Vector) -> dict[bytes, range]:
    """For each journal the numbers that `other` holds and `vector` does not."""
    return {
        journal: range(vector.get(journal, 0) + 1, seq + 1)
        for journal, seq in sorted(other.items())
        if vector.get(journal, 0) < seq
    }


def _sole(held: Mapping[str, Vector], node: str, kept: Vector) -> Iterable[Dot]:
    """What `node` held beyond `kept` and no other node holds."""
    others: dict[bytes, int] = {}
    for name, vector in held.items():
        if name != node:
            for journal, seq in vector.items():
                others[journal] = max(seq, others.get(journal, 0))
    for journal, numbers in behind(kept, held.get(node, {})).items():
        yield from (Dot(journal, seq) for seq in numbers if seq > others.get(journal, 0))
