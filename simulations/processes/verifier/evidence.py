"""Everything a law is judged by: the record, what each node left behind, and what each node's entries lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulations.processes.verifier.entries import Catalogue
from simulations.processes.verifier.errors import RecordUnreadable
from simulations.processes.verifier.folding import TAKEN_ON_TRUST, Fold, fold
from simulations.processes.verifier.reading import NodeContents, PropertyFacts, read_nodes, read_property
from simulations.processes.verifier.record import RELAY, RunRecord
from simulations.processes.verifier.violation import Dot
from simulations.processes.verifier.wire import DOCUMENT


@dataclass(frozen=True, slots=True)
class Evidence:
    """The relay is the first of `nodes`. Nodes that hold the same entries share one fold."""

    record: RunRecord
    property_facts: PropertyFacts
    nodes: Sequence[NodeContents]
    catalogue: Catalogue
    folds: Mapping[str, Fold]

    @property
    def relay(self) -> NodeContents:
        """PostgreSQL."""
        return self.nodes[0]


def gather(record: RunRecord) -> Evidence:
    """Read everything and fold it. Raises a VerifierError when something cannot be read."""
    known = {RELAY, *record.terminals}
    strangers = {one.node for one in record.acknowledged} - known
    if strangers:
        raise RecordUnreadable(f"acknowledged by {sorted(strangers)}, which the record does not list as nodes")
    facts = read_property(record.property_file)
    nodes = read_nodes(record, facts.property_id)
    catalogue = Catalogue(nodes)
    folds: dict[frozenset[object], Fold] = {}
    by_node: dict[str, Fold] = {}
    for node in nodes:
        believed = _believed(node, catalogue)
        content = frozenset[object]((*(held.header for held in node.entries), *believed.items()))
        if content not in folds:
            folds[content] = fold(catalogue.entries(node), believed, facts.opening_date)
        by_node[node.name] = folds[content]
    return Evidence(record, facts, nodes, catalogue, by_node)


def _believed(node: NodeContents, catalogue: Catalogue) -> dict[Dot, str]:
    """Updates that the node has quarantined for a reason that is not judged anew."""
    claimed = {dot: reason for dot, reason in node.quarantine.items() if reason in TAKEN_ON_TRUST}
    if not claimed:
        return {}
    headers = (catalogue.header(held) for held in node.entries)
    updates = {header.dot for header in headers if header is not None and header.kind == DOCUMENT}
    return {dot: reason for dot, reason in claimed.items() if dot in updates}
