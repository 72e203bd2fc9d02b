"""Actions on reservations: create, confirm, amend, cancel, and the guest's card."""

from dataclasses import dataclass, replace
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.decision import Decision, Notice
from crdt_pms.desk.drafting import Draft, shown_by
from crdt_pms.desk.guards import StayStep, require_step
from crdt_pms.desk.holding import nights_to_come, require_assignable, require_not_held
from crdt_pms.desk.inputs import (
    REASON_CHARACTERS_MAX,
    optional_text,
    require_amount,
    require_date,
    require_filled,
    require_guests,
    require_key,
    require_nights,
    require_text,
)
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import Occupancy, Stay, Terms, profile_value, window_value
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.field_words import listed
from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.odd_terms import oddities
from crdt_pms.hotel.register import PROFILE_FIELDS
from crdt_pms.hotel.rooms import ROOM_TYPE_LENGTH_MAX
from crdt_pms.hotel.statuses import TENTATIVE_STATUSES, StayStatus
from crdt_pms.hotel.words import ODDITY_WORDS, stay_status_words
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import FOLIO_WINDOW, GUEST_PROFILE, OCCUPANCY, STAY_GUEST, TERMS
from crdt_pms.ledger.register import AppliedWrite


def require_reason(given: str) -> str:
    """A reason, which may be empty where no guard asks for it."""
    return require_text("reason", given, REASON_CHARACTERS_MAX)


def require_terms(view: DeskView, terms: Terms, reason: str) -> Terms:
    """Possible terms, odd ones only with a reason (`crdt_pms.hotel.odd_terms`)."""
    require_date(terms.arrival)
    require_nights(terms.nights)
    require_date(terms.departure)
    require_guests(terms.adults, terms.children)
    require_amount(terms.rate_minor)
    room_type = require_filled("room_type", terms.room_type, ROOM_TYPE_LENGTH_MAX)
    found = oddities(
        terms.nights,
        terms.rate_minor,
        terms.adults,
        terms.children,
        type_sold=bool(view.rooms.of_type(room_type)),
    )
    for oddity in found:
        if oddity.needs_reason and not reason:
            raise Refused(RefusalCode.ODD_TERMS, oddity=ODDITY_WORDS[oddity])
    return replace(
        terms,
        room_type=room_type,
        source=require_filled("source", terms.source),
        segment=optional_text("segment", terms.segment),
    )


def require_arrival_not_past(view: DeskView, arrival: str) -> None:
    """Refused for an arrival before the business date."""
    today = view.business_date
    if arrival < today:
        raise Refused(RefusalCode.ARRIVAL_PAST, arrival=arrival, business_date=today)


@dataclass(frozen=True, slots=True)
class GuestCard:
    """The guest of a new stay: a guest whom the property knows, or the fields of a new card."""

    guest: str | None
    name: str
    kana: str | None = None
    contact: str | None = None
    address: str | None = None
    nationality: str | None = None
    passport: str | None = None
    member: str | None = None

    def profile(self) -> Value:
        """The profile of a new guest. Refused without a name."""
        fields: dict[str, str | None] = {
            name: optional_text(name, getattr(self, name)) for name in PROFILE_FIELDS if name != "name"
        }
        return profile_value({**fields, "name": require_filled("name", self.name)})


@dataclass(frozen=True, slots=True)
class NewStay:
    """A stay about to be created, with its guest. `profile` is None for a guest whom the property knows."""

    stay: Stay
    profile: Value | None

    def write(self, draft: Draft) -> None:
        """Write every row of the stay: its three registers, its folio, a new guest's card."""
        stay = self.stay
        if self.profile is not None:
            draft.create(Register(GUEST_PROFILE, stay.guest), self.profile)
        draft.create(Register(OCCUPANCY, stay.stay_id), stay.occupancy.value())
        draft.create(Register(TERMS, stay.stay_id), stay.terms.value())
        draft.create(Register(STAY_GUEST, stay.stay_id), {"guest": stay.guest})
        # With the stay and not with the first posting: two desks that post first while cut apart must not each
        # open the folio, or one desk's closing of it would meet the other's opening as a conflict.
        draft.create(Register(FOLIO_WINDOW, stay.folio), window_value(stay.stay_id, WindowStatus.OPEN))


def new_stay(
    view: DeskView, moment: Moment, stay_id: str | None, occupancy: Occupancy, terms: Terms, card: GuestCard
) -> NewStay:
    """Put a new stay together. A given id also fixes the new guest's, so that a repeat writes the same rows."""
    row = moment.new_id() if stay_id is None else require_key(stay_id)
    if card.guest is not None:
        view.require_guest(card.guest)
        return NewStay(Stay(row, occupancy, terms, card.guest), None)
    profile = card.profile()
    guest = moment.new_id() if stay_id is None else f"guest-{row}"
    return NewStay(Stay(row, occupancy, terms, guest), profile)


def repeated(view: DeskView, existing: Stay, asked: NewStay, reason: str) -> Decision:
    """The answer to a creation under an id that exists. Refused, naming what differs, unless it is the same again.

    Compared is everything that the creation wrote: the stay and its guest may have changed meanwhile.
    """
    stay = asked.stay
    compared: list[tuple[Register, Value]] = [
        (Register(OCCUPANCY, stay.stay_id), {"status": stay.status.value, "room": stay.room}),
        (Register(TERMS, stay.stay_id), stay.terms.value()),
        (Register(STAY_GUEST, stay.stay_id), {"guest": stay.guest}),
    ]
    if asked.profile is not None:
        compared.append((Register(GUEST_PROFILE, stay.guest), asked.profile))
    differing = [field for register, value in compared for field in _differing(view, register, value)]
    reasons = [applied.reason for applied in _beginnings(view, Register(OCCUPANCY, stay.stay_id))]
    if reasons and reason not in reasons:
        differing.append("reason")
    if differing:
        raise Refused(RefusalCode.STAY_EXISTS, stay=existing.stay_id, fields=listed(differing))
    return Decision(notices=(Notice.ALREADY_CREATED,), stay=existing.stay_id, guest=existing.guest)


def _differing(view: DeskView, register: Register, asked: Value) -> list[str]:
    """The fields in which the register did not begin as asked; of one whose beginning is no longer held, as it shows."""
    created = [applied.value for applied in _beginnings(view, register)]
    differing = (
        [field for field in asked if value.get(field) != asked[field]]
        for value in created or [view.ledger.shown(register) or {}]
    )
    return min(differing, key=len)


def _beginnings(view: DeskView, register: Register) -> list[AppliedWrite]:
    """The writes that the register began with, as far as they are held here."""
    written = (*view.ledger.siblings(register), *view.ledger.superseded(register))
    return [applied for applied in written if not applied.write.names]


@dataclass(frozen=True, slots=True)
class CreateStay(Action):
    """Take a reservation, with or without a room.

    `stay` is an id that a caller chose, so that its retry creates nothing twice; without one the stay gets a new id.
    `status` is `reserved`, or `requested`, `waitlisted`, `optional` for what is not firm. Money is minor units per
    night. The guest is a known one (`guest`) or a new card.
    """

    name: ClassVar[str] = "create_stay"

    arrival: str
    nights: int
    room_type: str
    rate_minor: int
    adults: int
    source: str
    children: int = 0
    segment: str | None = None
    status: str = "reserved"
    room: str | None = None
    stay: str | None = None
    guest: str | None = None
    guest_name: str = ""
    guest_kana: str | None = None
    guest_contact: str | None = None
    guest_address: str | None = None
    guest_nationality: str | None = None
    guest_passport: str | None = None
    guest_member: str | None = None
    reason: str = ""

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        reason = require_reason(self.reason)
        terms = require_terms(view, self._terms(), reason)
        made = new_stay(view, moment, self.stay, Occupancy(self._status(), self.room), terms, self._card())
        existing = view.stay(made.stay.stay_id)
        if existing is not None:
            return repeated(view, existing, made, reason)
        require_arrival_not_past(view, terms.arrival)
        if self.room is not None:
            room = view.require_room(self.room).number
            require_assignable(view, room, terms.arrival, terms.nights, None)
        draft = Draft(view, moment, self.name, reason)
        made.write(draft)
        return Decision(operations=(draft.operation(),), stay=made.stay.stay_id, guest=made.stay.guest)

    def _status(self) -> StayStatus:
        allowed = {StayStatus.RESERVED, *TENTATIVE_STATUSES}
        if self.status not in allowed:
            words = stay_status_words(self.status[:40])
            raise Refused(RefusalCode.STEP_UNKNOWN, source=stay_status_words(StayStatus.REQUESTED), target=words)
        return StayStatus(self.status)

    def _terms(self) -> Terms:
        return Terms(
            self.arrival,
            self.nights,
            self.room_type,
            self.rate_minor,
            self.adults,
            self.children,
            self.source,
            self.segment,
        )

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
class ConfirmStay(Action):
    """Make a requested, waitlisted or optional stay a firm reservation."""

    name: ClassVar[str] = "confirm_stay"

    stay: str
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay(self.stay)
        require_step(StayStep(view, stay), StayStatus.RESERVED, TENTATIVE_STATUSES)
        if stay.room is not None:
            require_assignable(view, stay.room, stay.terms.arrival, stay.terms.nights, stay.stay_id)
        draft = Draft(view, moment, self.name, shown=shown_by(view, self.revision, "stay", stay.stay_id))
        occupancy = replace(stay.occupancy, status=StayStatus.RESERVED)
        draft.put(Register(OCCUPANCY, stay.stay_id), occupancy.value())
        return Decision(operations=(draft.operation(),), stay=stay.stay_id)


@dataclass(frozen=True, slots=True)
class AmendTerms(Action):
    """Change what was agreed. A field that is None stays as it is.

    Before arrival everything may change; of a guest in house everything but the arrival, and nights that have passed
    stay. A stay that keeps a room must still have it on all its new nights.
    """

    name: ClassVar[str] = "amend_terms"

    stay: str
    arrival: str | None = None
    nights: int | None = None
    room_type: str | None = None
    rate_minor: int | None = None
    adults: int | None = None
    children: int | None = None
    source: str | None = None
    segment: str | None = None
    reason: str = ""
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay(self.stay)
        if not stay.status.is_due:
            raise Refused(RefusalCode.STAY_ENDED, status=stay_status_words(stay.status))
        reason = require_reason(self.reason)
        terms = require_terms(view, self._amended(stay.terms), reason)
        self._require_possible(view, stay, terms)
        draft = Draft(view, moment, self.name, reason, shown_by(view, self.revision, "stay", stay.stay_id))
        if not draft.changed(Register(TERMS, stay.stay_id), terms.value()):
            return Decision(notices=(Notice.UNCHANGED,), stay=stay.stay_id)
        return Decision(operations=(draft.operation(),), stay=stay.stay_id)

    def _amended(self, terms: Terms) -> Terms:
        given = {
            "arrival": self.arrival,
            "nights": self.nights,
            "room_type": self.room_type,
            "rate_minor": self.rate_minor,
            "adults": self.adults,
            "children": self.children,
            "source": self.source,
            "segment": self.segment,
        }
        return replace(terms, **{name: value for name, value in given.items() if value is not None})

    def _require_possible(self, view: DeskView, stay: Stay, terms: Terms) -> None:
        if stay.in_house:
            if terms.arrival != stay.terms.arrival:
                raise Refused(RefusalCode.ARRIVAL_FIXED)
            if terms.departure < min(view.business_date, stay.terms.departure):
                raise Refused(RefusalCode.NIGHTS_SLEPT, departure=terms.departure, business_date=view.business_date)
        elif terms.arrival != stay.terms.arrival:
            require_arrival_not_past(view, terms.arrival)
        dates_change = (terms.arrival, terms.nights) != (stay.terms.arrival, stay.terms.nights)
        if stay.room is not None and dates_change:
            # Of a guest in house only the nights to come: the room may have been another's before a move.
            arrival, nights = nights_to_come(view, replace(stay, terms=terms))
            require_not_held(view, stay.room, arrival, nights, stay.stay_id)


@dataclass(frozen=True, slots=True)
class AmendGuest(Action):
    """Change a guest's card. A field that is None stays as it is, an empty one is cleared."""

    name: ClassVar[str] = "amend_guest"

    guest: str
    guest_name: str | None = None
    guest_kana: str | None = None
    guest_contact: str | None = None
    guest_address: str | None = None
    guest_nationality: str | None = None
    guest_passport: str | None = None
    guest_member: str | None = None
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        profile = {name: _text_or_none(value) for name, value in view.require_guest(self.guest).items()}
        for field in PROFILE_FIELDS:
            given: str | None = getattr(self, f"guest_{field}")
            if given is not None:
                profile[field] = optional_text(field, given)
        require_filled("name", profile["name"] or "")
        draft = Draft(view, moment, self.name, shown=shown_by(view, self.revision, "guest", self.guest))
        if not draft.changed(Register(GUEST_PROFILE, self.guest), profile_value(profile)):
            return Decision(notices=(Notice.UNCHANGED,), guest=self.guest)
        return Decision(operations=(draft.operation(),), guest=self.guest)


@dataclass(frozen=True, slots=True)
class ChangeGuest(Action):
    """Put another guest's name to a stay: a guest whom the property knows."""

    name: ClassVar[str] = "change_guest"

    stay: str
    guest: str
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay(self.stay)
        if not stay.status.is_due:
            raise Refused(RefusalCode.STAY_ENDED, status=stay_status_words(stay.status))
        view.require_guest(self.guest)
        draft = Draft(view, moment, self.name, shown=shown_by(view, self.revision, "stay", stay.stay_id))
        if not draft.changed(Register(STAY_GUEST, stay.stay_id), {"guest": self.guest}):
            return Decision(notices=(Notice.UNCHANGED,), stay=stay.stay_id, guest=self.guest)
        return Decision(operations=(draft.operation(),), stay=stay.stay_id, guest=self.guest)


@dataclass(frozen=True, slots=True)
class CancelStay(Action):
    """Cancel a stay that has not arrived. It releases its room and never comes back."""

    name: ClassVar[str] = "cancel_stay"

    stay: str
    reason: str
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay(self.stay)
        reason = require_reason(self.reason)
        require_step(StayStep(view, stay, reason=reason), StayStatus.CANCELLED)
        draft = Draft(view, moment, self.name, reason, shown_by(view, self.revision, "stay", stay.stay_id))
        draft.put(Register(OCCUPANCY, stay.stay_id), Occupancy(StayStatus.CANCELLED, note=reason).value())
        return Decision(operations=(draft.operation(),), stay=stay.stay_id)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
