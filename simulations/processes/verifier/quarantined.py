"""Law 11: exactly those entries are quarantined that must be, each for its reason; everything else was applied."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.processes.verifier.evidence import Evidence
from simulations.processes.verifier.violation import Violation, differs, limited

LAW = 11


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every entry that a node set aside without cause, or applied although it must not."""
    for node in evidence.nodes:
        own = evidence.folds[node.name].quarantine
        yield from limited(
            Violation(LAW, node.name, differs(f"{node.name}: table quarantine, row {dot}", own.get(dot), found))
            for dot in sorted(own.keys() | node.quarantine.keys())
            if own.get(dot) != (found := node.quarantine.get(dot))
        )
