"""The front desk: rooms are given, guests arrive, move and leave."""

from __future__ import annotations

from typing import Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.arrivals import CheckIn, RevertCheckIn, TakeOverStay, WalkIn
from crdt_pms.desk.actions.departures import CheckOut, Reinstate
from crdt_pms.desk.actions.moves import AssignRoom, MoveRoom, SetDoNotMove, SwapRooms, UnassignRoom
from crdt_pms.desk.holding import nights_to_come
from crdt_pms.desk.rows import Stay
from crdt_pms.hotel.nights import days_after, days_between
from crdt_pms.hotel.statuses import Maintenance, StayStatus
from crdt_pms.ledger.policies import FOLIO_SETTLEMENT, FOLIO_WINDOW
from simulations.workloads.people import guest_of
from simulations.world.work.cashier import settlement
from simulations.world.work.scene import Scene

OVERRIDE: Final = "満室のため清掃中にご案内"
TAKE_OVER_DAYS: Final = 1
EARLY_DEPARTURE_SHARE: Final = 0.15
ON_CREDIT_SHARE: Final = 0.25


def assign_room(scene: Scene) -> Action | None:
    """Give an expected guest a room."""
    expected = scene.arriving if scene.chance(0.7) else scene.in_status(StayStatus.RESERVED)
    for stay in scene.picks(expected):
        found = scene.view.stay(stay)
        if found is None or (found.room is not None and (found.terms.do_not_move or scene.chance(0.7))):
            continue
        room = scene.free_room(found.terms.arrival, found.terms.nights, found.terms.room_type, stay)
        if room is not None:
            return AssignRoom(stay, room, scene.form("stay", stay))
    return None


def unassign_room(scene: Scene) -> Action | None:
    """Take a room back from somebody who has not come yet."""
    for stay in scene.picks(scene.in_status(StayStatus.RESERVED)):
        found = scene.view.stay(stay)
        if found is not None and found.room is not None and not found.terms.do_not_move:
            return UnassignRoom(stay, scene.form("stay", stay))
    return None


def check_in(scene: Scene) -> Action | None:
    """Show a guest who arrives today to the assigned room, or to another one when that is taken."""
    for stay in scene.picks(scene.arriving):
        found = scene.view.stay(stay)
        if found is None:
            continue
        room = _room_for(scene, found)
        if room is not None:
            given = None if room == found.room else room
            override = "" if scene.is_ready(room) else OVERRIDE
            return CheckIn(stay, given, override, scene.form("stay", stay))
    return None


def walk_in(scene: Scene) -> Action | None:
    """Somebody stands at the desk without a reservation."""
    nights = 1 + scene.below(3)
    room = scene.free_room(scene.today, nights, scene.view.rooms.rooms[0].room_type, vacant=True)
    if room is None:
        return None
    number = scene.memory.next_number()
    person = guest_of(f"walk-in-{number}", 0)
    return WalkIn(
        room,
        nights,
        rate_minor=8_000 + 500 * scene.below(12),
        adults=1 + scene.below(2),
        # Half of them as a form that can be sent again, half as one that gives the stay an id when it is sent.
        stay=f"walk-in-{number}" if scene.chance(0.5) else None,
        guest_name=person.name,
        guest_kana=person.kana,
        guest_contact=person.contact,
        guest_address=person.address,
        override_reason="" if scene.is_ready(room) else OVERRIDE,
    )


def take_over_stay(scene: Scene) -> Action | None:
    """In the first days of the property: enter a guest who was here before the system was."""
    if days_between(scene.view.definition.opening_date, scene.today) > TAKE_OVER_DAYS:
        return None
    slept = 1 + scene.below(3)
    arrival, nights = days_after(scene.today, -slept), slept + scene.below(3)
    room = scene.free_room(arrival, nights, scene.view.rooms.rooms[0].room_type, vacant=True)
    if room is None:
        return None
    number = scene.memory.next_number()
    person = guest_of(f"taken-over-{number}", 0)
    return TakeOverStay(
        room,
        arrival,
        nights,
        rate_minor=9_000 + 500 * scene.below(8),
        adults=1 + scene.below(2),
        guest_name=person.name,
        reason="旧システムから引き継ぎ",
        stay=f"taken-over-{number}" if scene.chance(0.5) else None,
        guest_contact=person.contact,
        guest_address=person.address,
    )


def revert_check_in(scene: Scene) -> Action | None:
    """The wrong guest was checked in."""
    arrived = [stay for stay in scene.in_house if scene.arrival(stay) == scene.today]
    stay = scene.pick(arrived)
    return None if stay is None else RevertCheckIn(stay, "お部屋違いのため", scene.form("stay", stay))


def move_room(scene: Scene) -> Action | None:
    """A guest wants another room, or the room has a fault."""
    for stay in scene.picks(scene.in_house):
        found = scene.view.stay(stay)
        if found is None or found.terms.do_not_move:
            continue
        first, nights = nights_to_come(scene.view, found)
        room = scene.free_room(first, nights, found.terms.room_type, stay, vacant=True)
        if room is not None and room != found.room:
            override = "" if scene.is_ready(room) else OVERRIDE
            return MoveRoom(stay, room, "空調の不具合のため", override, scene.form("stay", stay))
    return None


def swap_rooms(scene: Scene) -> Action | None:
    """Two families want each other's rooms."""
    candidates = scene.in_house if scene.chance(0.5) else scene.arriving
    for stay in scene.picks(candidates):
        other = scene.pick(candidates)
        one, another = scene.view.stay(stay), None if other is None else scene.view.stay(other)
        if one is None or another is None or not _may_swap(scene, one, another):
            continue
        return SwapRooms(
            stay,
            another.stay_id,
            "ご家族を隣室に",
            scene.form("stay", stay),
            scene.form("stay", another.stay_id),
        )
    return None


def lock_room(scene: Scene) -> Action | None:
    """Promise a guest the room, or take the promise back."""
    stay = scene.pick(scene.due)
    terms = None if stay is None else scene.terms(stay)
    if stay is None or terms is None:
        return None
    # Few are locked at a time: a house full of promises cannot be run.
    locked = not terms.do_not_move and scene.chance(0.7)
    return SetDoNotMove(stay, locked, "お客様とのお約束", scene.form("stay", stay))


def check_out(scene: Scene) -> Action | None:
    """A guest leaves: the folio is settled first, or a manager says why it need not be."""
    leaving = scene.in_house if scene.chance(EARLY_DEPARTURE_SHARE) else scene.leaving
    for stay in scene.picks(leaving):
        found = scene.view.stay(stay)
        if found is None or scene.waits_for_manager(FOLIO_WINDOW, found.folio):
            continue
        balance = scene.balance_by_now(found)
        if balance == 0:
            return CheckOut(stay, revision=scene.form("stay", stay))
        can_settle = scene.window_is_open(found.folio) and not scene.waits_for_manager(FOLIO_SETTLEMENT, found.folio)
        if balance > 0 and can_settle and not scene.chance(ON_CREDIT_SHARE):
            return settlement(scene, found)
        note = scene.one_of(("後日請求", "会社宛に請求", "責任者の承認による"))
        return CheckOut(stay, note, balance, scene.form("stay", stay))
    return None


def reinstate(scene: Scene) -> Action | None:
    """Somebody who left today is back, or a no-show turns up."""
    if scene.chance(0.5):
        stay = scene.pick(scene.in_status(StayStatus.NO_SHOW))
        return None if stay is None else Reinstate(stay, "遅れてご到着", scene.form("stay", stay))
    for stay in scene.picks(scene.in_status(StayStatus.CHECKED_OUT)):
        found = scene.view.stay(stay)
        if found is None or may_return(scene, found) is None:
            continue
        return Reinstate(stay, "お忘れ物のためお戻り", scene.form("stay", stay))
    return None


def may_return(scene: Scene, stay: Stay) -> str | None:
    """The room to which a guest who left today can come back, or None."""
    if stay.terms.departure != scene.today or stay.room is None or scene.waits_for_manager(FOLIO_WINDOW, stay.folio):
        return None
    until = max(stay.terms.departure, days_after(stay.terms.arrival, 1))
    return stay.room if scene.is_free(stay.room, stay.terms.arrival, until, stay.stay_id, vacant=True) else None


def _room_for(scene: Scene, stay: Stay) -> str | None:
    terms = stay.terms
    until = days_after(terms.arrival, max(terms.nights, 1))
    if stay.room is not None:
        is_free = scene.is_free(stay.room, terms.arrival, until, stay.stay_id, vacant=True)
        if is_free and scene.board(stay.room).maintenance is not Maintenance.OUT_OF_ORDER:
            return stay.room
        if terms.do_not_move:
            return None
    return scene.free_room(terms.arrival, terms.nights, terms.room_type, stay.stay_id, vacant=True)


def _may_swap(scene: Scene, one: Stay, another: Stay) -> bool:
    if one.room is None or another.room is None or one.room == another.room or one.status is not another.status:
        return False
    for stay, partner in ((one, another), (another, one)):
        room = partner.room or ""
        if stay.terms.do_not_move:
            return False
        if not stay.in_house and scene.board(room).maintenance is Maintenance.OUT_OF_ORDER:
            return False
        first, nights = nights_to_come(scene.view, stay)
        until = days_after(first, max(nights, 1))
        for held in scene.holds.get(room, ()):
            if held.stay in (one.stay_id, another.stay_id):
                continue
            if (held.in_house and stay.in_house) or max(first, held.first) < min(until, held.until):
                return False
    return True
