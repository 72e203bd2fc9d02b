"""Law 13: queues are bounded."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Queued
from simulations.checkers.violation import Violation, limited

LAW = 13


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every queue that once held more than its limit, at its deepest."""
    deepest: dict[tuple[str, str], Queued] = {}
    for event in evidence.history:
        if isinstance(event, Queued) and event.size > event.limit:
            known = deepest.setdefault((event.node, event.what), event)
            if event.size - event.limit > known.size - known.limit:
                deepest[event.node, event.what] = event
    yield from limited(_told(event, evidence.moment(event.at_ms)) for _, event in sorted(deepest.items()))


def _told(event: Queued, moment: str) -> Violation:
    words = f"{event.node}: {event.what} held {event.size} at {moment}, {event.limit} are allowed"
    return Violation(LAW, event.node, words)
