"""The night audit, and correcting the business date."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.drafting import Draft, shown_by
from crdt_pms.desk.folios import nights_owed, put_posting
from crdt_pms.desk.guards import StayStep, require_manager, require_step
from crdt_pms.desk.inputs import REASON_CHARACTERS_MAX, require_date, require_filled
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import Occupancy, Stay
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.business_day import latest_business_date, next_business_date
from crdt_pms.hotel.nights import local_date
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.operation import Operation, Register
from crdt_pms.ledger.policies import BUSINESS_DAY, OCCUPANCY


@dataclass(frozen=True, slots=True)
class RunNightAudit(Action):
    """Close the business day: post room charges, mark no-shows, roll the business date. In this order.

    1. Every guest in house is charged each night of the terms up to tonight that is not charged yet, with identity
       (stay, night, code) and the night's own dates. Two desks that audit one night post equal contents; a night
       that one audit could not know of is caught up by the next.
    2. Every reserved stay whose arrival has come and that is not here becomes a no-show and releases its room.
    3. The business date becomes the next one, at most tomorrow's by the author's calendar.

    One operation for each stay, one for the date. A folio that is closed while its guest is in house is charged all
    the same: the alert that follows is the truth. Guests past their departure are not charged beyond their terms.
    """

    name: ClassVar[str] = "run_night_audit"

    business_date: str

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        today = view.business_date
        if require_date(self.business_date) != today:
            raise Refused(RefusalCode.AUDIT_NOT_DUE, asked=self.business_date, business_date=today)
        tomorrow, latest = next_business_date(today), latest_business_date(moment.now_ms, view.definition.zone)
        if tomorrow > latest:
            local = local_date(moment.now_ms, view.definition.zone)
            raise Refused(RefusalCode.AUDIT_TOO_EARLY, business_date=today, local_date=local)
        charges: list[Operation] = []
        no_shows: list[Operation] = []
        for stay in _concerned(view):
            if stay.in_house:
                charges.extend(self._charge(view, moment, stay, tomorrow))
            elif stay.terms.arrival <= today:
                no_shows.append(self._no_show(view, moment, stay))
        roll = Draft(view, moment, self.name)
        roll.put(Register(BUSINESS_DAY, view.definition.property_id), {"date": tomorrow})
        return Decision(operations=(*charges, *no_shows, roll.operation()))

    def _charge(self, view: DeskView, moment: Moment, stay: Stay, until: str) -> Iterator[Operation]:
        draft = Draft(view, moment, self.name)
        for posting in nights_owed(view, stay, until):
            put_posting(draft, posting)
        if not draft.is_empty:
            yield draft.operation()

    def _no_show(self, view: DeskView, moment: Moment, stay: Stay) -> Operation:
        require_step(StayStep(view, stay, at_audit=True), StayStatus.NO_SHOW)
        draft = Draft(view, moment, self.name)
        draft.put(Register(OCCUPANCY, stay.stay_id), Occupancy(StayStatus.NO_SHOW).value())
        return draft.operation()


@dataclass(frozen=True, slots=True)
class CorrectBusinessDate(Action):
    """Set the business date back, with a reason: a desk had rolled it too far. A manager does so.

    What was charged stays charged; a night that is audited again is charged once. What was marked a no-show is
    reinstated one by one.
    """

    name: ClassVar[str] = "correct_business_date"

    business_date: str
    reason: str
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        asked, today = require_date(self.business_date), view.business_date
        reason = require_filled("reason", self.reason, REASON_CHARACTERS_MAX)
        require_manager(view, moment.author)
        if asked >= today:
            raise Refused(RefusalCode.BUSINESS_DATE_NOT_EARLIER, asked=asked, business_date=today)
        definition = view.definition
        first, last = definition.opening_date, latest_business_date(moment.now_ms, definition.zone)
        if not first <= asked <= last:
            raise Refused(RefusalCode.BUSINESS_DATE_OUT_OF_BOUNDS, asked=asked, first=first, last=last)
        shown = shown_by(view, self.revision, "property", definition.property_id)
        draft = Draft(view, moment, self.name, reason, shown)
        draft.put(Register(BUSINESS_DAY, definition.property_id), {"date": asked})
        return Decision(operations=(draft.operation(),))


def _concerned(view: DeskView) -> Iterator[Stay]:
    """The stays that are in house or expected, in the order of their ids.

    A stay of which this program cannot read everything is left to an audit at an updated desk.
    """
    concerned = (StayStatus.IN_HOUSE, StayStatus.RESERVED)
    rows = view.ledger.rows(OCCUPANCY)
    for stay_id in sorted(stay_id for stay_id, occupancy in rows if occupancy["status"] in concerned):
        stay = view.stay(stay_id)
        if stay is not None and view.understands(stay):
            yield stay
