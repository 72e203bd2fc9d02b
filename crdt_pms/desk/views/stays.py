"""Stays as lists and as a page of their own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from crdt_pms.desk.documents import stay_note
from crdt_pms.desk.folios import balance_by_now
from crdt_pms.desk.revisions import revision_of
from crdt_pms.desk.rows import Stay
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.business_day import Due, due
from crdt_pms.hotel.register import register_missing
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import GROUPS_OF_KIND, OCCUPANCY


@dataclass(frozen=True, slots=True)
class StayLine:
    """A stay as lists show it. Money is minor units: `rate_minor` a night, `balance_minor` what the guest owes by now,
    with nights that no audit has posted yet.

    `room` is what the stay names, `room_shown` None when another stay is shown in that room (a double booking) or
    there is none. `due` is None for a stay that has ended. `revision` and `folio_revision` go back with a form.
    """

    stay: str
    guest: str
    guest_name: str
    status: StayStatus
    due: Due | None
    room: str | None
    room_shown: str | None
    arrival: str
    departure: str
    nights: int
    room_type: str
    rate_minor: int
    adults: int
    children: int
    balance_minor: int
    folio: str
    do_not_move: bool
    revision: str
    folio_revision: str


@dataclass(frozen=True, slots=True)
class GuestCardView:
    """A guest's card. The passport number stays out of screens: `has_passport` says whether it is on file.

    `register_missing` names the fields that the guest register still lacks.
    """

    guest: str
    name: str
    kana: str | None
    contact: str | None
    address: str | None
    nationality: str | None
    member: str | None
    has_passport: bool
    register_missing: tuple[str, ...]
    revision: str


@dataclass(frozen=True, slots=True)
class StayDetail:
    """Everything about one stay. Times are UTC milliseconds.

    `occupancy_note` is what was said with the last change of its status; `note_document` is the id of its note.
    `contested` names the field groups of the stay for which differing values stand.
    """

    line: StayLine
    guest: GuestCardView | None
    source: str
    segment: str | None
    arrived_at_ms: int | None
    departed_at_ms: int | None
    occupancy_note: str | None
    note_document: str
    contested: tuple[str, ...]


def guest_name(view: DeskView, guest_id: str) -> str:
    """The name on a guest's card; the id where this terminal has no card."""
    profile = view.guest(guest_id)
    return guest_id if profile is None else cast("str", profile["name"])


def arrivals(view: DeskView) -> tuple[StayLine, ...]:
    """Reserved stays that arrive on the business date, with a room or displaced from it, by name.

    Those whose arrival has passed are among them (`due` says `overdue`): an audit that did not know them has not
    taken them up, and no other list has them.
    """
    today = view.business_date
    found = [stay for stay in _of_status(view, StayStatus.RESERVED) if stay.terms.arrival <= today]
    lines = (stay_line(view, stay) for stay in found)
    return tuple(sorted(lines, key=lambda line: (line.guest_name, line.stay)))


def in_house(view: DeskView) -> tuple[StayLine, ...]:
    """Every stay whose guest is here, by room; those without a room to show first."""
    return _by_room(view, _of_status(view, StayStatus.IN_HOUSE))


def due_outs(view: DeskView) -> tuple[StayLine, ...]:
    """Every guest in house whose departure is the business date or has passed, by room."""
    today = view.business_date
    return _by_room(view, (stay for stay in _of_status(view, StayStatus.IN_HOUSE) if stay.terms.departure <= today))


def stay_line(view: DeskView, stay: Stay) -> StayLine:
    """A stay as lists show it."""
    terms = stay.terms
    is_due = stay.status.is_due
    return StayLine(
        stay=stay.stay_id,
        guest=stay.guest,
        guest_name=guest_name(view, stay.guest),
        status=stay.status,
        due=due(terms.arrival, terms.nights, view.business_date, in_house=stay.in_house) if is_due else None,
        room=stay.room,
        room_shown=view.ledger.shown_room(stay.stay_id),
        arrival=terms.arrival,
        departure=terms.departure,
        nights=terms.nights,
        room_type=terms.room_type,
        rate_minor=terms.rate_minor,
        adults=terms.adults,
        children=terms.children,
        balance_minor=balance_by_now(view, stay),
        folio=stay.folio,
        do_not_move=terms.do_not_move,
        revision=revision_of(view, "stay", stay.stay_id),
        folio_revision=revision_of(view, "folio", stay.folio),
    )


def stay_detail(view: DeskView, stay_id: str) -> StayDetail | None:
    """The page of one stay; None when this terminal has none of that id."""
    stay = view.stay(stay_id)
    if stay is None:
        return None
    return StayDetail(
        line=stay_line(view, stay),
        guest=_guest_card(view, stay.guest),
        source=stay.terms.source,
        segment=stay.terms.segment,
        arrived_at_ms=stay.occupancy.arrived_at,
        departed_at_ms=stay.occupancy.departed_at,
        occupancy_note=stay.occupancy.note,
        note_document=stay_note(stay_id),
        contested=tuple(
            group.name
            for group in GROUPS_OF_KIND["stay"]
            if view.ledger.conflict(Register(group.name, stay_id)) is not None
        ),
    )


def _guest_card(view: DeskView, guest_id: str) -> GuestCardView | None:
    profile = view.guest(guest_id)
    if profile is None:
        return None

    def text(field: str) -> str | None:
        return cast("str | None", profile[field])

    return GuestCardView(
        guest=guest_id,
        name=text("name") or "",
        kana=text("kana"),
        contact=text("contact"),
        address=text("address"),
        nationality=text("nationality"),
        member=text("member"),
        has_passport=bool(profile["passport"]),
        register_missing=register_missing(profile, view.definition.register_fields),
        revision=revision_of(view, "guest", guest_id),
    )


def _of_status(view: DeskView, status: StayStatus) -> Iterator[Stay]:
    """The stays that show a status. Looks at the whole rows of those only: most stays of a property are over."""
    for stay_id, occupancy in view.ledger.rows(OCCUPANCY):
        if occupancy["status"] == status:
            stay = view.stay(stay_id)
            if stay is not None:
                yield stay


def _by_room(view: DeskView, stays: Iterable[Stay]) -> tuple[StayLine, ...]:
    corridor = {room.number: place for place, room in enumerate(view.rooms)}
    lines = [stay_line(view, stay) for stay in stays]
    return tuple(sorted(lines, key=lambda line: (corridor.get(line.room_shown or "", -1), line.stay)))
