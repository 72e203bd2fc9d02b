"""Law 3: every entry once, at one place: no gaps, one committed order, and nothing applied again, whichever way it came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from simulations.checkers.contents import RELAY, NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.forked import forked_slots
from simulations.checkers.history import Acted, Applied, Committed, Opened
from simulations.checkers.possession import Vector
from simulations.checkers.violation import Dot, Violation, differs, limited

LAW = 3


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every entry that a node holds or applied twice, and every position on which the nodes do not agree."""
    order = _reference_order(evidence)
    for node in evidence.nodes:
        yield from limited(_positions(node))
        yield from limited(_committed_order(node, order))
    yield from limited(_applied_again(evidence))
    yield from limited(_two_orders(evidence))


def _positions(node: NodeContents) -> Iterator[Violation]:
    """The own order counts from one without gaps; on the relay it is the committed order."""
    for dot, times in sorted(Counter(entry.dot for entry in node.entries).items()):
        if times > 1:
            yield Violation(LAW, node.name, f"{_place(node, dot)}: held {times} times")
    # The places of what was taken back with its branch, or put away, stay empty.
    may_have_gaps = not node.is_relay and (bool(forked_slots([node])) or bool(node.pruned))
    expected = 1
    for entry in node.entries:
        if entry.dot in node.pruned:
            continue
        if entry.position < expected or (entry.position > expected and not may_have_gaps):
            yield Violation(
                LAW, node.name, differs(f"{_place(node, entry.dot)}, column position", expected, entry.position)
            )
            return
        expected = entry.position + 1


def _reference_order(evidence: Evidence) -> Mapping[Dot, int | None]:
    """Where each entry stands by the relay, or where there is none, by the first node that has it as committed."""
    if evidence.has_relay:
        return {entry.dot: entry.committed for entry in evidence.reference.entries}
    order: dict[Dot, int | None] = {}
    taken: set[int] = set()
    for node in evidence.nodes:
        for entry in node.entries:
            if entry.committed is not None and entry.dot not in order:
                # A place that another entry has already is nobody else's.
                order[entry.dot] = None if entry.committed in taken else entry.committed
                taken.add(entry.committed)
    return order


def _committed_order(node: NodeContents, order: Mapping[Dot, int | None]) -> Iterator[Violation]:
    for entry in node.entries:
        expected = entry.position if node.is_relay else order.get(entry.dot)
        # A terminal may not have heard yet where an entry stands; what it has heard must be so.
        if entry.committed != expected and (node.is_relay or entry.committed is not None):
            place = f"{_place(node, entry.dot)}, column committed"
            yield Violation(LAW, node.name, differs(place, expected, entry.committed))


class _Applications:
    """What one node has applied since its disk was last replaced."""

    def __init__(self) -> None:
        self.loaded: Vector = {}
        self._applied: set[Dot] = set()

    def open(self, opened: Opened) -> None:
        """A process run begins with what it loaded."""
        self.loaded = opened.vector
        if opened.rewound:
            self._applied.clear()
        # A branch that is taken out and put in again is applied once for each time.
        self._applied = {dot for dot in self._applied if dot.seq < opened.forked.get(dot.journal, dot.seq + 1)}

    def repeats(self, event: Acted | Applied) -> Iterator[str]:
        """Why something that was applied now should not have been."""
        for dot in event.dots:
            if dot in self._applied:
                yield f"applied {dot} again"
            elif dot.seq <= self.loaded.get(dot.journal, 0):
                yield f"applied {dot}, which it had loaded from its disk"
            self._applied.add(dot)


def _applied_again(evidence: Evidence) -> Iterator[Violation]:
    by_node: dict[str, _Applications] = {}
    for event in evidence.history:
        if isinstance(event, Opened):
            by_node.setdefault(event.node, _Applications()).open(event)
        elif isinstance(event, Acted | Applied):
            for words in by_node.setdefault(event.node, _Applications()).repeats(event):
                yield Violation(LAW, event.node, f"{event.node}: at {evidence.moment(event.at_ms)} {words}")


def _two_orders(evidence: Evidence) -> Iterator[Violation]:
    """Within one generation a position belongs to one entry and an entry to one position, as the relay announced them.

    A relay whose database is put back to a backup cannot know of it before it hears from somebody who knows more; until then it
    counts on from there. What terminals heard in between is judged by what they hold at the end.
    """
    at: dict[tuple[bytes, int], Dot] = {}
    of: dict[tuple[bytes, Dot], int] = {}
    for event in evidence.history:
        if isinstance(event, Opened) and event.node == RELAY and event.rewound:
            at, of = {}, {}
        if not isinstance(event, Committed) or event.node != RELAY:
            continue
        for position, dot in event.order:
            stands = at.setdefault((event.generation, position), dot)
            place = of.setdefault((event.generation, dot), position)
            if (stands, place) != (dot, position):
                told = f"{event.node}: at {evidence.moment(event.at_ms)} learned {dot} at position {position}"
                words = f"{told}, where {stands} stands; it stands at {place}"
                yield Violation(LAW, event.node, words)


def _place(node: NodeContents, dot: Dot) -> str:
    return f"{node.name}: table entry, row {dot}"
