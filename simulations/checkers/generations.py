"""Law 2, of generations: a relay's database gets another one only when it has lost something of what was signed.

Every generation makes all terminals forget what was acknowledged to them, so none may come of a mere claim.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Committed, Event, Opened, Renewed
from simulations.checkers.violation import Violation, limited

LAW = 2


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every new generation although nobody had put the database back since it held what it was then shown.

    Nor since it was given a new one for just that: a loss is noticed once.
    """
    yield from limited(_uncalled_for(evidence))


def _uncalled_for(evidence: Evidence) -> Iterator[Violation]:
    for place, event in enumerate(evidence.history):
        if not isinstance(event, Renewed):
            continue
        before = evidence.history[:place]
        held = next((at for at, one in enumerate(before) if isinstance(one, Committed) and _tells_of(one, event)), 0)
        noticed = max((at for at, one in enumerate(before) if _is_of_the_same(one, event)), default=0)
        since = before[max(held, noticed) :]
        if not any(isinstance(one, Opened) and one.rewound and one.node == event.node for one in since):
            words = (
                f"{event.node}: at {evidence.moment(event.at_ms)} gave its database a new generation over position "
                f"{event.through} of generation {event.generation.hex()[:8]}, and nobody had put it back since it stood there"
            )
            yield Violation(LAW, event.node, words)


def _is_of_the_same(one: Event, event: Renewed) -> bool:
    return isinstance(one, Renewed) and (one.node, one.generation) == (event.node, event.generation)


def _tells_of(told: Committed, event: Renewed) -> bool:
    is_there = any(position >= event.through for position, _dot in told.order)
    return told.generation == event.generation and is_there
