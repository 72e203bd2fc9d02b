"""Actions of arrival: check-in, walk-in, taking a check-in back, taking over guests at a property's opening."""

from dataclasses import dataclass, replace
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.reservations import (
    GuestCard,
    NewStay,
    new_stay,
    repeated,
    require_reason,
    require_terms,
)
from crdt_pms.desk.actions.rooms import left_behind
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.drafting import Draft, shown_by
from crdt_pms.desk.guards import StayStep, require_step
from crdt_pms.desk.holding import require_not_held, require_vacant
from crdt_pms.desk.inputs import REASON_CHARACTERS_MAX, require_filled, require_text
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import Occupancy, Stay, Terms
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import OCCUPANCY


def require_override(given: str) -> str:
    """A reason for an exception; empty when none is asked for."""
    return require_text("override_reason", given, REASON_CHARACTERS_MAX)


@dataclass(frozen=True, slots=True)
class CheckIn(Action):
    """Check a reserved guest in, into the assigned room or the one given.

    `override_reason` says why a room that is not ready is used all the same.
    """

    name: ClassVar[str] = "check_in"

    stay: str
    room: str | None = None
    override_reason: str = ""
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay(self.stay)
        override = require_override(self.override_reason)
        room = stay.room if self.room is None else view.require_room(self.room).number
        if stay.terms.do_not_move and stay.room is not None and room != stay.room:
            raise Refused(RefusalCode.MOVE_LOCKED, room=stay.room)
        step = StayStep(view, stay.in_room(room), profile=view.guest(stay.guest), override_reason=override)
        require_step(step, StayStatus.IN_HOUSE, (StayStatus.RESERVED,))
        draft = Draft(view, moment, self.name, override, shown_by(view, self.revision, "stay", stay.stay_id))
        occupancy = Occupancy(StayStatus.IN_HOUSE, room, moment.now_ms, note=override or None)
        draft.put(Register(OCCUPANCY, stay.stay_id), occupancy.value())
        return Decision(operations=(draft.operation(),), stay=stay.stay_id, guest=stay.guest)


@dataclass(frozen=True, slots=True)
class WalkIn(Action):
    """Take in a guest who has no reservation: reserve and check in as one operation, from the business date.

    Without a `room_type` the booked type is the room's own.
    """

    name: ClassVar[str] = "walk_in"

    room: str
    nights: int
    rate_minor: int
    adults: int
    children: int = 0
    room_type: str | None = None
    source: str = "walk_in"
    segment: str | None = None
    stay: str | None = None
    guest: str | None = None
    guest_name: str = ""
    guest_kana: str | None = None
    guest_contact: str | None = None
    guest_address: str | None = None
    guest_nationality: str | None = None
    guest_passport: str | None = None
    guest_member: str | None = None
    override_reason: str = ""
    reason: str = ""

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        room = view.require_room(self.room)
        reason, override = require_reason(self.reason), require_override(self.override_reason)
        terms = Terms(
            view.business_date,
            self.nights,
            self.room_type or room.room_type,
            self.rate_minor,
            self.adults,
            self.children,
            self.source,
            self.segment,
        )
        reserved = Occupancy(StayStatus.RESERVED, room.number)
        made = new_stay(view, moment, self.stay, reserved, require_terms(view, terms, reason), self._card())
        here = Occupancy(StayStatus.IN_HOUSE, room.number, moment.now_ms, note=override or None)
        existing = view.stay(made.stay.stay_id)
        if existing is not None:
            # A retry may come after the night audit; the arrival was the date of then.
            asked = replace(made.stay, occupancy=here, terms=replace(made.stay.terms, arrival=existing.terms.arrival))
            return repeated(view, existing, replace(made, stay=asked), override or reason)
        profile = view.guest(made.stay.guest) if made.profile is None else made.profile
        step = StayStep(view, made.stay, profile=profile, reason=reason, override_reason=override)
        require_step(step, StayStatus.IN_HOUSE)
        return _created(view, moment, self.name, override or reason, replace(made.stay, occupancy=here), made)

    def _card(self) -> GuestCard:
        return GuestCard(
            self.guest,
            self.guest_name,
            self.guest_kana,
            self.guest_contact,
            self.guest_address,
            self.guest_nationality,
            self.guest_passport,
            self.guest_member,
        )


@dataclass(frozen=True, slots=True)
class TakeOverStay(Action):
    """Take over a guest who is in house already when the property starts to work with this system.

    The arrival lies on or before the business date; the nights since then are charged at the next audit or
    settlement, so a balance that was paid elsewhere is taken over as a deposit. The room's condition is not asked.
    """

    name: ClassVar[str] = "take_over_stay"

    room: str
    arrival: str
    nights: int
    rate_minor: int
    adults: int
    guest_name: str
    reason: str
    children: int = 0
    room_type: str | None = None
    source: str = "taken_over"
    segment: str | None = None
    stay: str | None = None
    guest_contact: str | None = None
    guest_address: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        room = view.require_room(self.room)
        reason = require_filled("reason", self.reason, REASON_CHARACTERS_MAX)
        terms = require_terms(view, self._terms(room.room_type), reason)
        today = view.business_date
        if terms.arrival > today:
            raise Refused(RefusalCode.NOT_ARRIVAL_DAY, arrival=terms.arrival, business_date=today)
        if terms.departure < today:
            raise Refused(RefusalCode.NIGHTS_SLEPT, departure=terms.departure, business_date=today)
        here = Occupancy(StayStatus.IN_HOUSE, room.number, moment.now_ms)
        card = GuestCard(None, self.guest_name, contact=self.guest_contact, address=self.guest_address)
        made = new_stay(view, moment, self.stay, here, terms, card)
        existing = view.stay(made.stay.stay_id)
        if existing is not None:
            return repeated(view, existing, made, reason)
        require_vacant(view, room.number, None)
        require_not_held(view, room.number, terms.arrival, terms.nights, None)
        return _created(view, moment, self.name, reason, made.stay, made)

    def _terms(self, room_type: str) -> Terms:
        return Terms(
            self.arrival,
            self.nights,
            self.room_type or room_type,
            self.rate_minor,
            self.adults,
            self.children,
            self.source,
            self.segment,
        )


@dataclass(frozen=True, slots=True)
class RevertCheckIn(Action):
    """Take a check-in back on the day of arrival. The reservation keeps its room, which is dirty now."""

    name: ClassVar[str] = "revert_check_in"

    stay: str
    reason: str
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay(self.stay)
        reason = require_reason(self.reason)
        require_step(StayStep(view, stay, reason=reason), StayStatus.RESERVED, (StayStatus.IN_HOUSE,))
        draft = Draft(view, moment, self.name, reason, shown_by(view, self.revision, "stay", stay.stay_id))
        reserved = Occupancy(StayStatus.RESERVED, stay.room, note=reason)
        draft.put(Register(OCCUPANCY, stay.stay_id), reserved.value())
        return Decision(
            operations=(draft.operation(),),
            board_writes=left_behind(view, stay),
            stay=stay.stay_id,
        )


def _created(view: DeskView, moment: Moment, action: str, reason: str, stay: Stay, made: NewStay) -> Decision:
    draft = Draft(view, moment, action, reason)
    replace(made, stay=stay).write(draft)
    return Decision(operations=(draft.operation(),), stay=stay.stay_id, guest=stay.guest)
