"""Compares what the product computed in two ways from the same entries."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.checkers.comparing import differing_rows
from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.tables import READABLE, fingerprint
from simulations.checkers.violation import Violation, differs, limited


def differences(evidence: Evidence, probe_name: str, law: int, source: str) -> Iterator[Violation]:
    """Everything in which a node differs from its probes of that name. `source` says what such a probe is."""
    for probe in evidence.probes:
        if probe.name == probe_name:
            node = evidence.node(probe.of_node)
            if evidence.fingerprints[node.name] != fingerprint(probe.contents.tables):
                for table in READABLE:
                    rows = differing_rows(node, table, probe.contents.tables[table], source)
                    yield from limited(Violation(law, node.name, words) for words in rows)
            yield from limited(_quarantine(node, probe.contents, law, source))


def _quarantine(node: NodeContents, other: NodeContents, law: int, source: str) -> Iterator[Violation]:
    for dot in sorted(node.quarantine.keys() | other.quarantine.keys()):
        expected, actual = other.quarantine.get(dot), node.quarantine.get(dot)
        if expected != actual:
            place = f"{node.name}: table quarantine, row {dot}, by {source}"
            yield Violation(law, node.name, differs(place, expected, actual))
