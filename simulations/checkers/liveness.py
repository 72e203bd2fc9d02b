"""Law 12: after the faults end, every reachable node agrees and its outbox empties, in bounded time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Agreed, Healed, Queued, Read
from simulations.checkers.violation import Violation, limited

LAW = 12
NO_NODE: Final = ""


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every healing after which the nodes did not agree within its limit, and an agreement that left something tentative."""
    for healed in _unanswered(evidence):
        words = f"the faults ended at {evidence.moment(healed.at_ms)}, and {healed.limit_ms} ms later the nodes had not agreed"
        yield Violation(LAW, NO_NODE, words)
    if evidence.has_relay and _ends_agreed(evidence):
        for node in evidence.nodes:
            yield from limited(_tentative(node))


def _unanswered(evidence: Evidence) -> Iterator[Healed]:
    """A healing that is followed by another within its limit was none yet: faults had come back in between."""
    waiting: Healed | None = None
    for event in evidence.history:
        if isinstance(event, Healed | Agreed):
            if waiting is not None and event.at_ms > waiting.at_ms + waiting.limit_ms:
                yield waiting
            waiting = event if isinstance(event, Healed) else None
    if waiting is not None:
        yield waiting


def _ends_agreed(evidence: Evidence) -> bool:
    """Whether nothing was written or opened after the nodes had agreed for the last time."""
    for event in reversed(evidence.history):
        if not isinstance(event, Read | Queued):
            return isinstance(event, Agreed)
    return False


def _tentative(node: NodeContents) -> Iterator[Violation]:
    for entry in node.entries:
        if entry.committed is None:
            words = f"{node.name}: table entry, row {entry.dot}: still tentative, although the nodes had agreed"
            yield Violation(LAW, node.name, words)
