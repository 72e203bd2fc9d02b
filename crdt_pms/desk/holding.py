"""Who holds a room, as the desk asks it.

A stay that is reserved with a room, or in house in it, holds the room on its nights; day use holds it on its date.
After a partition two stays may hold one room and night: the ledger says which of them is shown in the room
(`Ledger.displaced_stays`), the other shows as unassigned until a person acts, and is in no other stay's way.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import Stay
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.nights import days_between, shared_nights
from crdt_pms.hotel.statuses import Maintenance


@dataclass(frozen=True, slots=True)
class RoomHolding:
    """The stays that hold one room, by arrival: those that are shown in it, and those that lost it to another."""

    keeping: tuple[Stay, ...]
    displaced: tuple[Stay, ...]

    @property
    def in_house(self) -> Stay | None:
        """The stay whose guest is shown in the room."""
        return next((stay for stay in self.keeping if stay.in_house), None)

    def others(self, stay_id: str | None) -> Iterable[Stay]:
        """The stays that keep the room, but for one."""
        return (stay for stay in self.keeping if stay.stay_id != stay_id)


def holding_of(view: DeskView, room: str) -> RoomHolding:
    """Who holds a room."""
    held = view.ledger.stays_of_room(room)
    if not held:
        return RoomHolding((), ())
    lost = view.ledger.displaced_stays()
    stays = [stay for stay_id in held if (stay := view.stay(stay_id)) is not None]
    return RoomHolding(
        tuple(stay for stay in stays if stay.stay_id not in lost),
        tuple(stay for stay in stays if stay.stay_id in lost),
    )


def nights_held_by_both(arrival: str, nights: int, other_arrival: str, other_nights: int) -> tuple[str, ...]:
    """The nights on which two stays would hold the same room; day use counts as its date."""
    return shared_nights(arrival, max(nights, 1), other_arrival, max(other_nights, 1))


def nights_to_come(view: DeskView, stay: Stay) -> tuple[str, int]:
    """First night and number of nights that a stay will still hold a room; of a guest in house from tonight."""
    arrival = max(stay.terms.arrival, view.business_date) if stay.in_house else stay.terms.arrival
    return arrival, max(days_between(arrival, stay.terms.departure), 0)


def _nights_held(view: DeskView, stay: Stay) -> int:
    """The nights of a stay, with those on which a guest in house has outstayed the terms."""
    return (
        max(stay.terms.nights, days_between(stay.terms.arrival, view.business_date))
        if stay.in_house
        else stay.terms.nights
    )


def require_not_held(view: DeskView, room: str, arrival: str, nights: int, except_stay: str | None) -> None:
    """Refused when another stay keeps the room on one of these nights."""
    for other in holding_of(view, room).others(except_stay):
        shared = nights_held_by_both(arrival, nights, other.terms.arrival, _nights_held(view, other))
        if shared:
            raise Refused(RefusalCode.ROOM_HELD, room=room, other=other.stay_id, night=shared[0])


def require_in_order(view: DeskView, room: str) -> None:
    """Refused for a room that is out of order: it is not in the inventory."""
    if view.room_board(room).maintenance is Maintenance.OUT_OF_ORDER:
        raise Refused(RefusalCode.ROOM_OUT_OF_ORDER, room=room)


def require_assignable(view: DeskView, room: str, arrival: str, nights: int, except_stay: str | None) -> None:
    """Refused unless the room can be promised for those nights."""
    require_not_held(view, room, arrival, nights, except_stay)
    require_in_order(view, room)


def require_vacant(view: DeskView, room: str, except_stay: str | None) -> None:
    """Refused when another stay's guest is in the room."""
    for other in holding_of(view, room).others(except_stay):
        if other.in_house:
            raise Refused(RefusalCode.ROOM_OCCUPIED, room=room, other=other.stay_id)
