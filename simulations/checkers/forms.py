"""Law 4, of screens: a form carries every write that stands in its row at that node when it is shown.

What an action names follows from its form (`writes_follow_reads`). A form that leaves out a write that its node holds makes a
conflict of two writes of which one was made in knowledge of the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Showed
from simulations.checkers.screens import Screens
from simulations.checkers.violation import Violation, limited
from simulations.checkers.writes_follow_reads import names_of

LAW: Final = 4


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every form that showed more or less than stood there. Of one with a write that no node is left with nothing is known."""
    yield from limited(_wrong(evidence))


def _wrong(evidence: Evidence) -> Iterator[Violation]:
    screens = Screens(evidence)
    for event in evidence.history:
        if isinstance(event, Showed):
            screen = screens.of(event.node)
            for (group, row), shown in names_of([event.form]).items():
                stood = [one.dot for one in screen.standing(group, row)]
                is_known = all(dot in screens.writes for dot in shown)
                if is_known and sorted(stood) != sorted(shown):
                    told = f"{event.node}: at {evidence.moment(event.at_ms)} a form of {row} showed of {group}"
                    words = f"{told} {sorted(map(str, shown))}; there stood {sorted(map(str, stood))}"
                    yield Violation(LAW, event.node, words)
        screens.follow(event)
