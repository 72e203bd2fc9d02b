"""Law 11, of frames: what was damaged on the way is refused, whatever it says by then."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import TookDamaged
from simulations.checkers.violation import Violation, limited

LAW = 11


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every damaged frame that a node took for a sound one."""
    yield from limited(
        Violation(
            LAW,
            event.node,
            f"{event.node}: at {evidence.moment(event.at_ms)} took a damaged frame for this: {event.what}",
        )
        for event in evidence.history
        if isinstance(event, TookDamaged)
    )
