"""Laws 4 and 5, of time: stamps follow causes, and are near true time where a node could know it.

Of concurrent writes the newest is shown, so stamps must be worth that. Within a journal they ascend. An entry's stamp exceeds
those of everything that its author held, except what was further ahead of the author's clock than any honest clock is when the
author took it. And once a node has compared its clock with the relay's, it stamps by the relay's.

Judged where the history says what the clocks said (`ClockRead`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from simulations.checkers.entries import Catalogue
from simulations.checkers.evidence import Evidence
from simulations.checkers.forked import forked_slots
from simulations.checkers.history import Acted, Applied, ClockRead, Opened
from simulations.checkers.journal_alerts import LEAD_MS_MAX
from simulations.checkers.violation import Dot, Violation, limited

ORDER_LAW: Final = 4
TRUTH_LAW: Final = 5
MEASURED_WITHIN_MS: Final = 10_000
"""A node that waits longer for an answer takes no measure from it; half of that is how wrong one may be."""

Stamp = tuple[int, int]


@dataclass
class _Author:
    """What a node's clock says, and the newest stamp that it must exceed."""

    ahead_ms: int
    relay_ahead_ms: int | None
    merged: Stamp = (0, 0)

    def merge(self, stamps: Iterable[Stamp], at_ms: int) -> None:
        bound_ms = at_ms + self.ahead_ms + LEAD_MS_MAX
        self.merged = max([self.merged, *(stamp for stamp in stamps if stamp[0] <= bound_ms)])


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every stamp that is not above what its author held, and every one that is far from the time that its author knew."""
    yield from limited(_judged(evidence))


def _judged(evidence: Evidence) -> Iterator[Violation]:
    authors: dict[str, _Author] = {}
    forked = forked_slots(evidence.nodes)
    for event in evidence.history:
        if isinstance(event, ClockRead):
            author = authors.setdefault(event.node, _Author(event.ahead_ms, event.relay_ahead_ms))
            author.ahead_ms, author.relay_ahead_ms = event.ahead_ms, event.relay_ahead_ms
        elif isinstance(event, Opened | Acted | Applied) and (author := authors.get(event.node)) is not None:
            match event:
                case Opened(vector=vector):
                    author.merged = (0, 0)
                    heads = (Dot(journal, seq) for journal, seq in vector.items())
                    author.merge(_stamps(heads, evidence.catalogue, forked), event.at_ms)
                case Applied(dots=dots):
                    author.merge(_stamps(dots, evidence.catalogue, forked), event.at_ms)
                case Acted():
                    yield from _written(event, author, evidence)


def _written(acted: Acted, author: _Author, evidence: Evidence) -> Iterator[Violation]:
    for dot in acted.dots:
        header = evidence.catalogue.find(dot)
        if header is None:
            continue
        stamp = header.stamp
        who = f"{acted.node}: at {evidence.moment(acted.at_ms)} {acted.staff} wrote {dot}, stamped {stamp}"
        if stamp <= author.merged:
            yield Violation(ORDER_LAW, acted.node, f"{who}, although the node held {author.merged}")
        author.merged = max(author.merged, stamp)
        if author.relay_ahead_ms is not None:
            ahead_ms = stamp[0] - acted.at_ms - author.relay_ahead_ms
            if not -MEASURED_WITHIN_MS <= ahead_ms <= LEAD_MS_MAX + MEASURED_WITHIN_MS:
                words = f"{who}, {ahead_ms / 1_000:+.1f} s from the relay's clock, which the node had heard"
                yield Violation(TRUTH_LAW, acted.node, words)


def _stamps(dots: Iterable[Dot], catalogue: Catalogue, forked: Mapping[bytes, int]) -> Iterator[Stamp]:
    """Those of the entries of which it is known that the node held these, and not others with their numbers."""
    for dot in dots:
        is_sure = dot.seq < forked.get(dot.journal, dot.seq + 1)
        if is_sure and (header := catalogue.find(dot)) is not None:
            yield header.stamp
