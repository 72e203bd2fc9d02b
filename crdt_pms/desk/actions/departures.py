"""Actions of departure: check-out, and taking back a check-out or a no-show."""

from dataclasses import dataclass, replace
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.reservations import require_reason
from crdt_pms.desk.actions.rooms import left_behind
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.drafting import Draft, shown_by
from crdt_pms.desk.folios import folio_by_now, put_posting, require_seen_balance
from crdt_pms.desk.guards import StayStep, require_step
from crdt_pms.desk.inputs import REASON_CHARACTERS_MAX, require_text
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.rows import Occupancy, Terms, window_value
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.nights import days_between
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import FOLIO_WINDOW, OCCUPANCY, TERMS


@dataclass(frozen=True, slots=True)
class CheckOut(Action):
    """Check a guest out: the folio is closed, the room is dirty, an early departure shortens the terms.

    The balance counts room charges of past nights that no audit has posted yet (another desk's audit may not have
    known the guest); they are posted along. With an open balance `manager_note` says why the guest may go, and
    `seen_balance_minor` which balance was seen.
    """

    name: ClassVar[str] = "check_out"

    stay: str
    manager_note: str = ""
    seen_balance_minor: int = 0
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay_understood(self.stay)
        note = require_text("note", self.manager_note, REASON_CHARACTERS_MAX)
        folio, owed = folio_by_now(view, stay)
        require_step(StayStep(view, stay, folio=folio, note=note), StayStatus.CHECKED_OUT)
        require_seen_balance(view, folio, self.seen_balance_minor)
        reason = note if folio.balance_minor else ""
        shown = shown_by(view, self.revision, "stay", stay.stay_id)
        draft = Draft(view, moment, self.name, reason, shown)
        gone = replace(stay.occupancy, status=StayStatus.CHECKED_OUT, departed_at=moment.now_ms, note=reason or None)
        draft.put(Register(OCCUPANCY, stay.stay_id), gone.value())
        shortened = shortened_to(stay.terms, view.business_date)
        if shortened != stay.terms:
            draft.put(Register(TERMS, stay.stay_id), shortened.value())
        for posting in owed:
            put_posting(draft, posting)
        closed = window_value(stay.stay_id, WindowStatus.CLOSED, reason or None)
        draft.put(Register(FOLIO_WINDOW, stay.folio), closed)
        return Decision(
            operations=(draft.operation(),),
            board_writes=left_behind(view, stay),
            stay=stay.stay_id,
        )


@dataclass(frozen=True, slots=True)
class Reinstate(Action):
    """Take back a check-out of today, or a no-show.

    The guest who had checked out is in house again, in the same room if it is still free, and the folio is open. A
    no-show is reserved again without a room.
    """

    name: ClassVar[str] = "reinstate"

    stay: str
    reason: str
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay(self.stay)
        reason = require_reason(self.reason)
        returns = stay.status is StayStatus.CHECKED_OUT
        target = StayStatus.IN_HOUSE if returns else StayStatus.RESERVED
        require_step(StayStep(view, stay, reason=reason), target, (StayStatus.CHECKED_OUT, StayStatus.NO_SHOW))
        draft = Draft(view, moment, self.name, reason, shown_by(view, self.revision, "stay", stay.stay_id))
        room = stay.room if returns else None
        arrived_at = stay.occupancy.arrived_at if returns else None
        draft.put(Register(OCCUPANCY, stay.stay_id), Occupancy(target, room, arrived_at, note=reason).value())
        if returns:
            draft.put(Register(FOLIO_WINDOW, stay.folio), window_value(stay.stay_id, WindowStatus.OPEN))
        return Decision(operations=(draft.operation(),), stay=stay.stay_id)


def shortened_to(terms: Terms, business_date: str) -> Terms:
    """The terms of a guest who leaves on that date; unchanged unless that is early."""
    if terms.departure <= business_date:
        return terms
    # A booking moved into the future while the guest was checked in elsewhere leaves no night at all.
    arrival = min(terms.arrival, business_date)
    return replace(terms, arrival=arrival, nights=days_between(arrival, business_date))
