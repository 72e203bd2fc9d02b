"""Law 11: exactly those entries are quarantined that must be, each for its reason; everything else was applied and is there."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.folding import Fold
from simulations.checkers.history import Applied, Opened
from simulations.checkers.violation import Dot, Violation, differs, limited

LAW = 11


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every entry that a node set aside without cause, applied although it must not, or took and does not hold."""
    yield from evidence.by_content(_quarantined)
    for node in evidence.nodes:
        yield from limited(_vanished(node, evidence))
        yield from limited(_forgiven(node, evidence))


def _quarantined(node: NodeContents, fold: Fold) -> Iterator[Violation]:
    for dot in sorted(fold.quarantine.keys() | node.quarantine.keys()):
        expected, actual = fold.quarantine.get(dot), node.quarantine.get(dot)
        if expected != actual:
            yield Violation(LAW, node.name, differs(f"{node.name}: table quarantine, row {dot}", expected, actual))


def _vanished(node: NodeContents, evidence: Evidence) -> Iterator[Violation]:
    held = evidence.held[node.name]
    for journal, last in sorted(evidence.possession.at_end.get(node.name, {}).items()):
        for dot in (Dot(journal, seq) for seq in range(1, last + 1)):
            if dot not in held:
                yield Violation(
                    LAW, node.name, f"{node.name}: table entry lacks {dot}, which it had stored and not lost"
                )


def _forgiven(node: NodeContents, evidence: Evidence) -> Iterator[Violation]:
    """What it set aside when it came must still be set aside, unless the disk has been replaced since."""
    set_aside: set[Dot] = set()
    for event in evidence.history:
        if event.node != node.name:
            continue
        if isinstance(event, Applied):
            set_aside.update(event.quarantined)
        elif isinstance(event, Opened) and event.rewound:
            set_aside.clear()
    for dot in sorted(set_aside - node.quarantine.keys()):
        yield Violation(
            LAW, node.name, f"{node.name}: table quarantine lacks {dot}, which it had set aside when it came"
        )
