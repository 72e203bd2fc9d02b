"""Law 7: no two stays hold one room on one night without an open alert that names both; and no such alert for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulations.checkers.bookings import DoubleBooking
from simulations.checkers.comparing import meaning
from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.folding import Fold
from simulations.checkers.tables import ALERT, Row
from simulations.checkers.violation import Violation, shortened

LAW = 7
DOUBLE_BOOKED: Final = "alert_room_double_booked"


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every pair without its alert, and every alert without its pair."""
    yield from evidence.by_content(_bookings)


def _bookings(node: NodeContents, fold: Fold) -> Iterator[Violation]:
    own = fold.bookings
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
