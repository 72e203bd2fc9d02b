"""Law 7: no two stays hold one room on one night without an open alert that names both; and no such alert for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulations.processes.verifier.bookings import DoubleBooking
from simulations.processes.verifier.comparing import meaning
from simulations.processes.verifier.evidence import Evidence
from simulations.processes.verifier.reading import NodeContents
from simulations.processes.verifier.tables import ALERT, Row
from simulations.processes.verifier.violation import Violation, limited, shortened

LAW = 7
DOUBLE_BOOKED: Final = "alert_room_double_booked"


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every pair without its alert, and every alert without its pair."""
    for node in evidence.nodes:
        yield from limited(_node(node, evidence.folds[node.name].bookings))


def _node(node: NodeContents, own: frozenset[DoubleBooking]) -> Iterator[Violation]:
    alerts = [(key, row) for key, row in node.tables[ALERT].items() if row["matter"] == DOUBLE_BOOKED]
    named = {key: _named(row) for key, row in alerts}
    for pair in sorted(own - set(named.values())):
        told = (
            f"{pair.first_stay} and {pair.second_stay} in room {pair.room} from {pair.from_date} to {pair.until_date}"
        )
        yield Violation(LAW, node.name, f"{node.name}: table {ALERT}: no {DOUBLE_BOOKED} for {told}")
    for key, pair in sorted(named.items()):
        if pair not in own:
            found = shortened(meaning("facts", node.tables[ALERT][key]["facts"]))
            place = f"{node.name}: table {ALERT}, row {key}"
            yield Violation(LAW, node.name, f"{place}: no two stays hold this room together: {found}")


def _named(row: Row) -> DoubleBooking | None:
    """The pair that an alert names; None when it does not say."""
    facts = meaning("facts", row["facts"])
    try:
        return DoubleBooking(**{name: str(facts[name]) for name in DoubleBooking._fields})
    except (KeyError, TypeError):
        return None
