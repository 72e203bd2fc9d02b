"""Law 11: that a device came back from an older copy, or is there twice, is said of no device whose disk did not go back.

An alert names journals. Who wrote in one is known from what was answered there; the disk of that node must have gone back
before. Journals of devices outside the history, such as intruders', are not judged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Acted, Event, Opened
from simulations.checkers.journal_alerts import FORKED, RESTORED
from simulations.checkers.tables import ALERT
from simulations.checkers.violation import Violation, shortened

LAW = 11


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every alert of a restored or forked journal whose author's disk never went back before it began the journal."""
    innocent = dict(_innocent(evidence.history))
    for node in evidence.nodes:
        yield from _unfounded(node, innocent)


def _innocent(history: Sequence[Event]) -> Iterator[tuple[str, bool]]:
    """Each journal (in hexadecimal digits), and whether the disk of the node that began it had never gone back by then."""
    rewound: dict[str, bool] = {}
    begun: set[bytes] = set()
    for event in history:
        if isinstance(event, Opened):
            rewound[event.node] = rewound.get(event.node, False) or event.rewound
        elif isinstance(event, Acted) and event.node in rewound:
            for journal in {dot.journal for dot in event.dots} - begun:
                begun.add(journal)
                yield journal.hex(), not rewound[event.node]


def _unfounded(node: NodeContents, innocent: dict[str, bool]) -> Iterator[Violation]:
    for row in node.tables[ALERT].values():
        if row["matter"] not in (FORKED, RESTORED):
            continue
        facts = json.loads(str(row["facts"]))
        journals = facts["journals"] if row["matter"] == FORKED else [facts["journal"]]
        if all(innocent.get(journal, False) for journal in journals):
            words = f"{node.name}: table {ALERT}, {row['matter']}: no disk of its device went back: {shortened(facts)}"
            yield Violation(LAW, node.name, words)
