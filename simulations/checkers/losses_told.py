"""Law 2, where a disk could not keep it: a node does not open in silence what lacks entries that it had held.

A disk that was replaced whole (`Opened.replaced`) has nothing on it that could say so: others tell. They tell it of the relay
too, by the signature of its order. A witness counts the entries that a node took one by one, not those that came as a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulations.checkers.contents import RELAY
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Acted, Applied, LossTold, Opened
from simulations.checkers.possession import Vector, advance, behind, without_forked
from simulations.checkers.violation import Violation

LAW = 2


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every opening that lacks something without a word before it, and every loss that was told where there was none."""
    held: dict[str, dict[bytes, int]] = {}
    told: dict[str, LossTold] = {}
    covered: dict[str, Vector] = {}
    for event in evidence.history:
        match event:
            case LossTold(node=node):
                told[node] = event
            case Opened(node=node):
                if node != RELAY and not event.replaced:
                    before = without_forked(held.get(node, {}), event)
                    yield from _opened(event, before, told.get(node), covered.get(node, {}))
                covered[node] = event.covered or covered.get(node, {})
                held[node] = dict(event.vector)
                told.pop(node, None)
            case Acted(node=node, dots=dots) | Applied(node=node, dots=dots):
                advance(held.setdefault(node, {}), dots)
            case _:
                pass


def _opened(opened: Opened, held: Vector, told: LossTold | None, covered: Vector) -> Iterator[Violation]:
    node = opened.node
    missing = sum(
        seq > covered.get(journal, 0) for journal, numbers in behind(opened.vector, held).items() for seq in numbers
    )
    if told is None:
        if missing:
            words = f"{node}: opened at {opened.at_ms} ms without {missing} entries that it had held, and told nobody"
            yield Violation(LAW, node, words)
        return
    lost = None if told.own is None or told.others is None else told.own + told.others
    if lost is not None and lost < missing:
        yield Violation(LAW, node, f"{node}: told of {lost} lost entries at {told.at_ms} ms, and lost {missing}")
    if lost is not None and not opened.rewound:
        words = f"{node}: told of {lost} lost entries at {told.at_ms} ms, although its disk had not gone back"
        yield Violation(LAW, node, words)
