"""Law 11, the other way round: no device is suspected without a cause.

That a device's history was continued twice, or from an older copy, is told only where a disk of that device had been put back,
replaced or copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulations.checkers.comparing import meaning
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Acted, Opened
from simulations.checkers.journal_alerts import FORKED, RESTORED
from simulations.checkers.tables import ALERT
from simulations.checkers.violation import Violation, limited

LAW: Final = 11


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every such alert of a device whose disks never went back. Of a device that no node of the run is, nothing is known."""
    yield from limited(_suspected(evidence))


def _suspected(evidence: Evidence) -> Iterator[Violation]:
    nodes = _nodes_of_devices(evidence)
    went_back = {event.node for event in evidence.history if isinstance(event, Opened) and event.rewound}
    reference = evidence.reference
    for identity, row in reference.tables[ALERT].items():
        if row["matter"] not in (FORKED, RESTORED):
            continue
        of_device = nodes.get(str(meaning("facts", row["facts"]).get("device")), set())
        if of_device and not of_device & went_back:
            place = f"{reference.name}: table {ALERT}, row {identity}"
            words = f"{place}: {row['matter']} of {', '.join(sorted(of_device))}, although no disk of it ever went back"
            yield Violation(LAW, reference.name, words)


def _nodes_of_devices(evidence: Evidence) -> dict[str, set[str]]:
    """The nodes that wrote with the key of each device."""
    journals = {journal: held.device_id for node in evidence.nodes for journal, held in node.journals.items()}
    found: dict[str, set[str]] = {}
    for event in evidence.history:
        if isinstance(event, Acted):
            for dot in event.dots:
                if dot.journal in journals:
                    found.setdefault(journals[dot.journal], set()).add(event.node)
    return found
