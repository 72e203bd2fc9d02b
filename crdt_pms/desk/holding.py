"""Who holds a room.

A stay that is reserved with a room, or in house in it, holds the room on its nights. After a partition two stays may
name one room and night: then one keeps the room and the others are shown unassigned until a person acts. A guest in
house keeps it before a booking does; between equals, whoever was given the room first.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import Stay
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.nights import shared_nights
from crdt_pms.hotel.statuses import Maintenance
from crdt_pms.journal.clock import ZERO_STAMP, Stamp
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import OCCUPANCY

_NO_DOT = Dot(JournalId(b""), 0)


@dataclass(frozen=True, slots=True)
class RoomHolding:
    """The stays that name one room: those that keep it, and those that lost it to another."""

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
    """Decide who keeps a room, the same way on every terminal that holds the same entries."""
    claims: list[tuple[bool, Stamp, Dot, str, Stay]] = []
    for stay_id in view.ledger.stays_of_room(room):
        stay = view.stay(stay_id)
        if stay is not None and stay.room == room and stay.status.holds_room:
            stamp, dot = _given(view, stay_id)
            claims.append((not stay.in_house, stamp, dot, stay_id, stay))
    keeping: list[Stay] = []
    displaced: list[Stay] = []
    for *_order, stay in sorted(claims, key=lambda claim: claim[:4]):
        (displaced if any(_collide(stay, kept) for kept in keeping) else keeping).append(stay)
    return RoomHolding(tuple(keeping), tuple(displaced))


def _collide(stay: Stay, other: Stay) -> bool:
    return (stay.in_house and other.in_house) or bool(stay.nights_shared_with(other))


def _given(view: DeskView, stay_id: str) -> tuple[Stamp, Dot]:
    """When the stay was given the room that it names, as nearly as its register tells."""
    shown = view.ledger.shown(Register(OCCUPANCY, stay_id))
    siblings = view.ledger.siblings(Register(OCCUPANCY, stay_id))
    wrote = [(sibling.stamp, sibling.dot) for sibling in siblings if sibling.write.value == shown]
    return min(wrote, default=(ZERO_STAMP, _NO_DOT))


def is_displaced(view: DeskView, stay: Stay) -> bool:
    """Whether the stay names a room that it lost to another stay."""
    if stay.room is None or not stay.status.holds_room:
        return False
    return any(lost.stay_id == stay.stay_id for lost in holding_of(view, stay.room).displaced)


def require_not_held(view: DeskView, room: str, arrival: str, nights: int, except_stay: str | None) -> None:
    """Refused when another stay keeps the room on one of these nights."""
    for other in holding_of(view, room).others(except_stay):
        shared = shared_nights(arrival, nights, other.terms.arrival, other.terms.nights)
        if shared:
            raise Refused(RefusalCode.ROOM_HELD, room=room, other=other.stay_id, night=shared[0])


def require_vacant(view: DeskView, room: str, except_stay: str | None) -> None:
    """Refused when another stay's guest is in the room."""
    for other in holding_of(view, room).others(except_stay):
        if other.in_house:
            raise Refused(RefusalCode.ROOM_OCCUPIED, room=room, other=other.stay_id)


def fitting_rooms(view: DeskView, stay: Stay, rooms_max: int) -> tuple[str, ...]:
    """Rooms of the booked type that nobody keeps on the stay's nights and that are not out of order."""
    found: list[str] = []
    terms = stay.terms
    for room in view.rooms.of_type(terms.room_type):
        if len(found) == rooms_max:
            break
        held = any(
            shared_nights(terms.arrival, terms.nights, other.terms.arrival, other.terms.nights)
            or (stay.in_house and other.in_house)
            for other in holding_of(view, room.number).others(stay.stay_id)
        )
        if not held and view.room_board(room.number).maintenance is not Maintenance.OUT_OF_ORDER:
            found.append(room.number)
    return tuple(found)
