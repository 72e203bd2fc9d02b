"""What one desk shows at one moment, as its own read models say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crdt_pms.desk.view import DeskView
from crdt_pms.desk.views import AlertLine, BoardRow, ConflictLine, StayLine, alert_lines, conflict_lines, room_board
from crdt_pms.desk.views.stays import stay_line
from crdt_pms.ledger.conflicts import ConflictState
from crdt_pms.ledger.matters import Matter
from crdt_pms.reading.reading import Reading
from simulations.world.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Picture:
    """The screens of one desk. `tentative` is the number beside 🔄: entries that the relay has not committed yet.

    `clock_lead_ms` is how far the desk's clock, corrected by what it has learned, is ahead of true time.
    """

    desk: str
    business_date: str
    tentative: int
    clock_lead_ms: int
    stays: Mapping[str, StayLine]
    rooms: Mapping[str, BoardRow]
    conflicts: Sequence[ConflictLine]
    alerts: Sequence[AlertLine]

    def standing(self, matter: Matter) -> list[ConflictLine]:
        """The conflicts of that kind that no person has closed."""
        return [one for one in self.conflicts if one.matter is matter and one.state is not ConflictState.CLOSED]

    def closed(self, matter: Matter) -> list[ConflictLine]:
        """The conflicts of that kind that a later write ended."""
        return [one for one in self.conflicts if one.matter is matter and one.state is ConflictState.CLOSED]

    def alerted(self, matter: Matter) -> list[AlertLine]:
        """The alerts of that kind."""
        return [one for one in self.alerts if one.matter is matter]


def picture_of(terminal: Terminal) -> Picture:
    """What a running terminal shows now."""
    replica = terminal.node.replica
    view: DeskView = replica.view()
    departed = Reading(terminal.store).departed(view.business_date)
    return Picture(
        desk=terminal.name,
        business_date=view.business_date,
        tentative=replica.tentative_count(),
        clock_lead_ms=terminal.agreed_clock.now_ms() - terminal.around.time.now_ms,
        stays={stay.stay_id: stay_line(view, stay) for stay in view.stays()},
        rooms={row.room: row for row in room_board(view, replica.alerts(), departed)},
        conflicts=conflict_lines(view),
        alerts=alert_lines(view, replica.alerts()),
    )
