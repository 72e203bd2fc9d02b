"""Everything a law is judged by: what each node left behind, what its entries lead to, and what was seen to happen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from simulations.checkers.contents import NodeContents, PropertyFacts
from simulations.checkers.entries import Catalogue
from simulations.checkers.folding import Fold, fold
from simulations.checkers.history import PROBES, Event, Probe
from simulations.checkers.moments import elapsed
from simulations.checkers.possession import Possession, possession_of
from simulations.checkers.pruned import with_pruned
from simulations.checkers.tables import fingerprint
from simulations.checkers.violation import Dot, Violation, limited
from simulations.checkers.wire import ADMINISTRATOR, FormatWrong, decode_certificate
from simulations.checkers.witnessed import Acknowledged, Scheduled


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finished run. `nodes` are those that are left at its end, the relay first where there is one.

    By the name of the node: `folds` (nodes that hold the same entries share one), `held` (the entries of its log),
    `fingerprints` (of its tables), and `twins`, equal numbers for nodes whose tables, quarantine and fold are the same, so
    that a law that looks at nothing else judges one of them.
    """

    property_facts: PropertyFacts
    nodes: Sequence[NodeContents]
    catalogue: Catalogue
    folds: Mapping[str, Fold]
    held: Mapping[str, frozenset[Dot]]
    fingerprints: Mapping[str, str]
    twins: Mapping[str, int]
    acknowledged: Sequence[Acknowledged]
    scheduled: Sequence[Scheduled]
    history: Sequence[Event]
    possession: Possession
    probes: Sequence[Probe]
    began_ms: int = 0

    @classmethod
    def of(
        cls,
        facts: PropertyFacts,
        nodes: Sequence[NodeContents],
        *,
        acknowledged: Sequence[Acknowledged] = (),
        scheduled: Sequence[Scheduled] = (),
        history: Sequence[Event] = (),
        probes: Sequence[Probe] = (),
        began_ms: int = 0,
    ) -> Evidence:
        """The evidence of a run; `began_ms` is when it began, by the clock of its history.

        Raises ValueError without nodes, with two of one name, and for a probe that fits nothing.
        """
        ordered = with_pruned(sorted(nodes, key=lambda node: not node.is_relay))
        names = [node.name for node in ordered]
        if not names or len(set(names)) < len(names):
            raise ValueError("a run has at least one node, and each node a name of its own")
        if any(probe.name not in PROBES or probe.of_node not in names for probe in probes):
            raise ValueError(f"a probe is one of {PROBES} and of a node that is left at the end")
        catalogue = Catalogue(ordered)
        folds = _folds(ordered, catalogue, facts)
        fingerprints = {node.name: fingerprint(node.tables) for node in ordered}
        held = {node.name: frozenset(entry.dot for entry in node.entries) for node in ordered}
        return cls(
            facts, ordered, catalogue, folds, held, fingerprints, _twins(ordered, folds, fingerprints),
            acknowledged, scheduled, history, possession_of(history, names), probes, began_ms,
        )  # fmt: skip

    @property
    def reference(self) -> NodeContents:
        """The node that the others are compared with: the relay, or the first one where there is none."""
        return self.nodes[0]

    @property
    def has_relay(self) -> bool:
        """Whether some node commits."""
        return self.reference.is_relay

    def moment(self, at_ms: int) -> str:
        """A time of the history as transcripts tell it: since the run began."""
        return elapsed(at_ms - self.began_ms).strip()

    def node(self, name: str) -> NodeContents:
        """The node of that name. Raises KeyError when it was not left at the end."""
        return {node.name: node for node in self.nodes}[name]

    def by_content(self, check: Callable[[NodeContents, Fold], Iterable[Violation]]) -> Iterator[Violation]:
        """What `check` finds on every node, where it looks at nothing but tables, quarantine and fold."""
        clean: set[int] = set()
        for node in self.nodes:
            if (number := self.twins[node.name]) in clean:
                continue
            found = list(limited(check(node, self.folds[node.name])))
            yield from found
            if not found:
                clean.add(number)


def _folds(nodes: Sequence[NodeContents], catalogue: Catalogue, facts: PropertyFacts) -> dict[str, Fold]:
    folds: dict[frozenset[bytes], Fold] = {}
    by_node: dict[str, Fold] = {}
    for node in nodes:
        content = frozenset(held.header for held in node.entries)
        if content not in folds:
            folds[content] = fold(catalogue.entries(node), facts.opening_date, _administrators(node))
        by_node[node.name] = folds[content]
    return by_node


def _administrators(node: NodeContents) -> set[bytes]:
    """The journals of administrators' devices. A certificate that is none is a matter of `audit_chain`."""
    found: set[bytes] = set()
    for journal, held in node.journals.items():
        with suppress(FormatWrong):
            if decode_certificate(held.certificate).chain[0].device_class == ADMINISTRATOR:
                found.add(journal)
    return found


def _twins(nodes: Sequence[NodeContents], folds: Mapping[str, Fold], fingerprints: Mapping[str, str]) -> dict[str, int]:
    numbers: dict[object, int] = {}
    found: dict[str, int] = {}
    for node in nodes:
        content = (id(folds[node.name]), fingerprints[node.name], frozenset(node.quarantine.items()))
        found[node.name] = numbers.setdefault(content, len(numbers))
    return found
