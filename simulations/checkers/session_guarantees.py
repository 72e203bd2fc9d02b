"""Law 4: nothing before what it names or what its author had seen; and what a node has shown, it goes on showing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulations.checkers.entries import Catalogue
from simulations.checkers.evidence import Evidence
from simulations.checkers.forked import forked_slots
from simulations.checkers.history import Acted, Applied, Opened, Read
from simulations.checkers.possession import Vector, behind, without_forked
from simulations.checkers.violation import Dot, Violation, limited

LAW = 4


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every entry that a node applied too early, and every one that it held and then did not."""
    yield from limited(_causes(evidence))
    yield from limited(_forgotten(evidence))


def _causes(evidence: Evidence) -> Iterator[Violation]:
    held: dict[str, dict[bytes, int]] = {}
    forked = forked_slots(evidence.nodes)
    for event in evidence.history:
        if isinstance(event, Opened):
            held[event.node] = dict(event.vector)
        elif isinstance(event, Acted | Applied):
            vector = held.setdefault(event.node, {})
            for dot in event.dots:
                for words in _early(dot, vector, evidence.catalogue, forked):
                    yield Violation(
                        LAW, event.node, f"{event.node}: at {evidence.moment(event.at_ms)} applied {dot} {words}"
                    )
                vector[dot.journal] = max(dot.seq, vector.get(dot.journal, 0))


def _early(dot: Dot, vector: Vector, catalogue: Catalogue, forked: Vector) -> Iterator[str]:
    """What of an entry's causes is not in `vector`. Of an entry that no node is left with only the number is known.

    Which of two branches a context means nothing says: from the first slot on that was `forked` it requires nothing.
    """
    if dot.seq > vector.get(dot.journal, 0) + 1:
        yield f"after number {vector.get(dot.journal, 0)} of its journal"
    header = catalogue.find(dot)
    if header is None:
        return
    for journal, seq in header.context.items():
        if forked.get(journal, seq + 1) > seq > vector.get(journal, 0):
            yield f"before {Dot(journal, seq)}, which its author had seen"
    for named in header.supersedes:
        if forked.get(named.journal, named.seq + 1) > named.seq > vector.get(named.journal, 0):
            yield f"before {named}, which it names"


def _forgotten(evidence: Evidence) -> Iterator[Violation]:
    """Read your writes and monotonic reads: a vector grows, unless a disk was replaced."""
    held: dict[str, dict[bytes, int]] = {}
    own: dict[str, set[Dot]] = {}
    for event in evidence.history:
        if isinstance(event, Opened):
            if not event.rewound:
                yield from _shrunk(evidence, event, held, own)
            held[event.node] = dict(event.vector)
            if event.rewound:
                own.pop(event.node, None)
        elif isinstance(event, Read):
            yield from _shrunk(evidence, event, held, own)
        elif isinstance(event, Acted | Applied):
            vector = held.setdefault(event.node, {})
            for journal, seq in event.dots:
                vector[journal] = max(seq, vector.get(journal, 0))
            if isinstance(event, Acted):
                own.setdefault(event.node, set()).update(event.dots)


def _shrunk(
    evidence: Evidence, event: Opened | Read, held: Mapping[str, Vector], own: Mapping[str, set[Dot]]
) -> Iterator[Violation]:
    did = "opened" if isinstance(event, Opened) else "was read"
    before = held.get(event.node, {})
    if isinstance(event, Opened):
        before = without_forked(before, event)
    for journal, numbers in behind(event.vector, before).items():
        lost = [Dot(journal, seq) for seq in numbers]
        whose = "its own entries" if own.get(event.node, set()).intersection(lost) else "entries"
        told = f"{event.node}: at {evidence.moment(event.at_ms)} {did} without {whose}"
        words = f"{told} {lost[0]} to {lost[-1]}, which it had held"
        yield Violation(LAW, event.node, words)
