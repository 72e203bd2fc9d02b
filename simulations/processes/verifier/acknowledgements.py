"""Law 2: what a node answered as done is in its log, and in the relay's."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.processes.verifier.evidence import Evidence
from simulations.processes.verifier.record import Acknowledged
from simulations.processes.verifier.violation import Dot, Violation

LAW = 2


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every acknowledged entry that is gone."""
    held = {node.name: {entry.dot for entry in node.entries} for node in evidence.nodes}
    for acknowledged in evidence.record.acknowledged:
        for name in dict.fromkeys((acknowledged.node, evidence.relay.name)):
            yield from _lost(acknowledged, name, held[name])


def _lost(acknowledged: Acknowledged, name: str, held: set[Dot]) -> Iterator[Violation]:
    for journal, seq in acknowledged.entries:
        dot = Dot(bytes.fromhex(journal), seq)
        if dot not in held:
            told = f"{acknowledged.node} had acknowledged it: {acknowledged.what}"
            yield Violation(LAW, name, f"{name}: table entry lacks {dot}, although {told}")
