"""Law 4, of what entries say: the context of an entry, with all that follows from it, covers what its author held.

An entry names only what its author learned since the entry before. It covers what it names, the entries before it in its
journal, what its journal's certificate goes on from, and everything that these cover. Receivers do not wait for what a context
leaves out, and every node then judges in the same wrong way who had seen what: no two differ by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Acted, Applied, Opened
from simulations.checkers.knowledge import Knowledge
from simulations.checkers.possession import advance, behind
from simulations.checkers.violation import Dot, Violation, limited
from simulations.checkers.wire import STATEMENT

LAW = 4


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every entry whose context leaves out what its author held."""
    yield from limited(_narrow(evidence, Knowledge.of(evidence)))


def _narrow(evidence: Evidence, knowledge: Knowledge) -> Iterator[Violation]:
    held: dict[str, dict[bytes, int]] = {}
    for event in evidence.history:
        if isinstance(event, Opened):
            held[event.node] = dict(event.vector)
        elif isinstance(event, Acted | Applied):
            vector = held.setdefault(event.node, {})
            if isinstance(event, Acted) and event.forms is not None:
                yield from _of_action(event, vector, knowledge, evidence.moment(event.at_ms))
            advance(vector, event.dots)


def _of_action(acted: Acted, held: Mapping[bytes, int], knowledge: Knowledge, moment: str) -> Iterator[Violation]:
    """Of an entry that no node is left with nothing is known. Statements say a part each; what they precede covers it all."""
    for dot in acted.dots:
        header = knowledge.catalogue.find(dot)
        if header is not None and header.kind == STATEMENT:
            continue
        seen = knowledge.seen_by(dot)
        if seen is None:
            continue
        for journal, numbers in behind(seen, held).items():
            words = (
                f"{acted.node}: at {moment} {acted.staff} wrote {dot}, whose context does not cover"
                f" {Dot(journal, numbers[0])} to {numbers[-1]}, which the node held"
            )
            yield Violation(LAW, acted.node, words)
