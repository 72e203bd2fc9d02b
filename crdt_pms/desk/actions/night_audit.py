"""The night audit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.drafting import Draft
from crdt_pms.desk.folios import nights_owed, put_posting
from crdt_pms.desk.guards import StayStep, require_step
from crdt_pms.desk.inputs import require_date
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import Occupancy, Stay
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.business_day import next_business_date
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
    3. The business date becomes the next one.

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
        tomorrow = next_business_date(today)
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


def _concerned(view: DeskView) -> Iterator[Stay]:
    """The stays that are in house or expected, in the order of their ids."""
    concerned = (StayStatus.IN_HOUSE, StayStatus.RESERVED)
    rows = view.ledger.rows(OCCUPANCY)
    for stay_id in sorted(stay_id for stay_id, occupancy in rows if occupancy["status"] in concerned):
        stay = view.stay(stay_id)
        if stay is not None:
            yield stay
