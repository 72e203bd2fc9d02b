"""Reservations: callers book, confirm, change their minds, cancel."""

from __future__ import annotations

from typing import Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.reservations import (
    AmendGuest,
    AmendTerms,
    CancelStay,
    ChangeGuest,
    ConfirmStay,
    CreateStay,
)
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.nights import days_after, days_between
from crdt_pms.hotel.statuses import TENTATIVE_STATUSES, StayStatus
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import GUEST_PROFILE
from simulations.workloads.booking import Booking
from simulations.workloads.names import CITIES
from simulations.workloads.people import guest_of
from simulations.world.work.scene import Scene

CANCEL_REASONS: Final = ("お客様のご都合", "台風のため", "日程変更のため再予約", "重複予約のため")
TENTATIVE_SHARE: Final = 0.15
KNOWN_GUEST_SHARE: Final = 0.08
ROOM_AT_ONCE_SHARE: Final = 0.3
GUESTS_LOOKED_AT: Final = 12
NIGHTS_EXTENDED_MAX: Final = 14


def create_stay(scene: Scene) -> Action | None:
    """Take the next booking; the house is not sold far beyond its rooms."""
    if len(scene.due) > 2 * len(scene.room_numbers):
        return None
    booking = scene.memory.next_booking(scene.today, scene.random.random())
    if booking is None:
        return None
    status = scene.one_of(sorted(TENTATIVE_STATUSES)) if scene.chance(TENTATIVE_SHARE) else StayStatus.RESERVED
    room = None
    if status is StayStatus.RESERVED and scene.chance(ROOM_AT_ONCE_SHARE):
        room = scene.free_room(booking.arrival, booking.nights, booking.room_type_assigned)
    guest = _known_guest(scene) if scene.chance(KNOWN_GUEST_SHARE) else None
    action = created(scene.view, booking, status, room, guest)
    scene.memory.created.keep(booking.booking_id, action)
    return action


def created(view: DeskView, booking: Booking, status: StayStatus, room: str | None, guest: str | None) -> CreateStay:
    """The form of a new reservation for that booking, under the booking's id; `guest` is one whom the hotel knows."""
    person = guest_of(booking.booking_id, 0)
    is_odd = booking.needs_reason or not view.rooms.of_type(booking.room_type_booked)
    return CreateStay(
        arrival=booking.arrival,
        nights=booking.nights,
        room_type=booking.room_type_booked,
        rate_minor=booking.rate_minor,
        adults=booking.adults,
        source=booking.channel,
        children=booking.children,
        segment=booking.segment,
        status=status.value,
        room=room,
        stay=booking.booking_id,
        guest=guest,
        guest_name="" if guest is not None else person.name,
        guest_kana=None if guest is not None else person.kana,
        guest_contact=None if guest is not None else person.contact,
        guest_address=None if guest is not None else person.address,
        reason="団体予約の条件" if is_odd else "",
    )


def repeat_creation(scene: Scene) -> Action | None:
    """Take a booking again of which nobody remembers whether it was taken: the same id, at whichever desk."""
    slips = [slip for slip in scene.memory.created.values if slip.arrival >= scene.today]
    return scene.one_of(slips) if slips else None


def confirm_stay(scene: Scene) -> Action | None:
    """A caller confirms."""
    stay = scene.pick(scene.tentative)
    return None if stay is None else ConfirmStay(stay, scene.form("stay", stay))


def amend_dates(scene: Scene) -> Action | None:
    """Somebody stays longer or shorter, or comes on another day."""
    for stay in scene.picks(scene.due):
        found = scene.view.stay(stay)
        if found is None:
            continue
        terms = found.terms
        arrival, nights = terms.arrival, max(terms.nights + scene.one_of((-1, 1, 2)), 1)
        if not found.in_house and scene.chance(0.4):
            arrival = days_after(scene.today, scene.below(3))
        earliest = min(scene.today, terms.departure) if found.in_house else scene.today
        if arrival != terms.arrival and arrival < scene.today:
            continue
        if nights > NIGHTS_EXTENDED_MAX or days_after(arrival, nights) < earliest:
            continue
        first = max(arrival, scene.today) if found.in_house else arrival
        until = days_after(first, max(days_between(first, days_after(arrival, nights)), 1))
        if found.room is not None and not scene.is_free(found.room, first, until, stay):
            continue
        shifted = arrival if arrival != terms.arrival else None
        return AmendTerms(stay, shifted, nights, reason="お客様のご希望", revision=scene.form("stay", stay))
    return None


def amend_rate(scene: Scene) -> Action | None:
    """Somebody gets another rate, or is more people than was said."""
    stay = scene.pick(scene.in_house if scene.chance(0.5) else scene.due)
    terms = None if stay is None else scene.terms(stay)
    if stay is None or terms is None:
        return None
    form = scene.form("stay", stay)
    if scene.chance(0.25):
        return AmendTerms(stay, adults=1 + scene.below(3), reason="人数変更", revision=form)
    rate = max(terms.rate_minor, 5_000) + 500 * (scene.below(9) - 4)
    return AmendTerms(stay, rate_minor=rate, reason="料金の見直し", revision=form)


def amend_guest(scene: Scene) -> Action | None:
    """A guest gives another telephone number or address, a membership, the reading of the name."""
    stay = scene.pick(scene.due)
    found = None if stay is None else scene.view.stay(stay)
    if found is None or scene.view.guest(found.guest) is None:
        return None
    form = scene.form("guest", found.guest)
    match scene.below(4):
        case 0:
            return AmendGuest(found.guest, guest_contact=f"080-0000-{scene.below(10_000):04d}", revision=form)
        case 1:
            return AmendGuest(found.guest, guest_address=scene.one_of(CITIES), revision=form)
        case 2:
            return AmendGuest(found.guest, guest_member=f"M{scene.below(10_000):04d}", revision=form)
        case _:
            return AmendGuest(found.guest, guest_kana="ヤマダ ハナコ", revision=form)


def change_guest(scene: Scene) -> Action | None:
    """A stay goes to another guest whom the hotel knows."""
    stay, guest = scene.pick(scene.due), _known_guest(scene)
    if stay is None or guest is None:
        return None
    return ChangeGuest(stay, guest, scene.form("stay", stay))


def cancel_stay(scene: Scene) -> Action | None:
    """Somebody does not come."""
    stay = scene.pick([*scene.tentative, *scene.in_status(StayStatus.RESERVED)])
    return None if stay is None else CancelStay(stay, scene.one_of(CANCEL_REASONS), scene.form("stay", stay))


def _known_guest(scene: Scene) -> str | None:
    """A guest whom the hotel knows; of many only some are looked at."""
    stays = scene.due
    looked_at = [scene.one_of(stays) for _ in range(min(GUESTS_LOOKED_AT, len(stays)))]
    guests = sorted({found.guest for stay in looked_at if (found := scene.view.stay(stay)) is not None})
    known = [guest for guest in guests if scene.view.ledger.shown(_profile(guest)) is not None]
    return scene.pick(known)


def _profile(guest: str) -> Register:
    return Register(GUEST_PROFILE, guest)
