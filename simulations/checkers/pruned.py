"""Laws 2 and 13: what a node put away counts as held, and may be put away only if the relay has committed it.

The judge gives each node back what it pruned, as other nodes hold it, and then judges it like a node that never prunes: what it
shows must follow from all entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from simulations.checkers.contents import HeldEntry, NodeContents
from simulations.checkers.violation import Dot, Violation

if TYPE_CHECKING:
    from simulations.checkers.evidence import Evidence

LAW = 2
_BEFORE: Final = 2**40
"""What was pruned stands before everything that is in a log."""


def with_pruned(nodes: Sequence[NodeContents]) -> list[NodeContents]:
    """The nodes, the relay first, each with the entries that it put away."""
    known: dict[Dot, HeldEntry] = {}
    for node in reversed(nodes):
        known.update((entry.dot, entry) for entry in node.entries)
    return [_whole(node, known) for node in nodes]


def _whole(node: NodeContents, known: dict[Dot, HeldEntry]) -> NodeContents:
    in_log = {entry.dot for entry in node.entries}
    absent = [dot for dot in _covered(node) if dot not in in_log]
    if not absent:
        return node
    given = [_put_before(known[dot]) for dot in absent if dot in known]
    given.sort(key=lambda entry: entry.position)
    return replace(node, entries=[*given, *node.entries], pruned=frozenset(absent))


def _covered(node: NodeContents) -> Iterator[Dot]:
    for journal, held in sorted(node.journals.items()):
        for seq in range(1, held.covered_seq + 1):
            yield Dot(journal, seq)


def _put_before(entry: HeldEntry) -> HeldEntry:
    position = entry.position if entry.committed is None else entry.committed
    return replace(entry, position=position - _BEFORE)


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every entry that a node put away and the relay has not committed, or that is nowhere any more."""
    if not evidence.has_relay:
        return
    committed = {entry.dot for entry in evidence.reference.entries if entry.committed is not None}
    for node in evidence.nodes:
        for dot in sorted(node.pruned - committed):
            yield Violation(LAW, node.name, f"{node.name}: {dot} was pruned, and the relay has not committed it")
