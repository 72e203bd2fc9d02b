"""Law 6: outcomes do not depend on the order in which entries arrive."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import REORDERED, Read
from simulations.checkers.probing import differences
from simulations.checkers.violation import Dot, Violation, limited

LAW = 6


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every row that another order gives otherwise, and every two reads of the same entries that differ."""
    yield from differences(evidence, REORDERED, LAW, "its entries in another order")
    yield from limited(_reads(evidence))


def _reads(evidence: Evidence) -> Iterator[Violation]:
    first: dict[tuple[tuple[tuple[bytes, int], ...], frozenset[Dot]], Read] = {}
    for event in evidence.history:
        if isinstance(event, Read):
            before = first.setdefault((tuple(sorted(event.vector.items())), event.held), event)
            if before.content_hash != event.content_hash:
                one, other = (f"{read.node} at {evidence.moment(read.at_ms)}" for read in (before, event))
                words = f"{other}: showed other content than {one}, although both had applied the same entries"
                yield Violation(LAW, event.node, words)
