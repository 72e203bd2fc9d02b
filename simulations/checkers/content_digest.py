"""Law 1, of the content digest: other content, another digest.

Nodes compare digests and not rows. That equal entries give equal digests is judged by `order_independence`; a digest that
leaves something out is equal too, and hides that nodes differ there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Read
from simulations.checkers.violation import Violation, limited

LAW: Final = 1


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every two reads of other rows that gave one digest."""
    yield from limited(_blind(evidence))


def _blind(evidence: Evidence) -> Iterator[Violation]:
    first: dict[bytes, Read] = {}
    for event in evidence.history:
        if isinstance(event, Read) and event.rows is not None:
            before = first.setdefault(event.content_hash, event)
            if before.rows != event.rows:
                one, other = (f"{read.node} at {evidence.moment(read.at_ms)}" for read in (before, event))
                words = f"{other}: the content digest was that of {one}, although the rows were others"
                yield Violation(LAW, event.node, words)
