"""Rooms and the plan of a property's rooms."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crdt_pms.hotel.errors import RoomPlanInvalid, RoomUnknown

ROOM_NUMBER_LENGTH_MAX = 16
ROOM_TYPE_LENGTH_MAX = 100
ROOMS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Room:
    """One room that can be sold: its number as painted on the door, its floor, its type."""

    number: str
    floor: int
    room_type: str


class RoomPlan:
    """The rooms of one property, by number.

    `rooms` is sorted by floor, then number, digits compared as numbers: the order of the corridor and of every
    list on a screen. A plan never changes; a changed property file gives a new plan.
    """

    __slots__ = ("_by_number", "_by_type", "rooms")

    rooms: tuple[Room, ...]

    def __init__(self, rooms: Iterable[Room]) -> None:
        """Make a plan. Raises `RoomPlanInvalid` for a number given twice, an unusable one, or too many rooms."""
        given = tuple(rooms)
        if len(given) > ROOMS_MAX:
            raise RoomPlanInvalid(f"{len(given)} rooms: a property has at most {ROOMS_MAX}")
        for room in given:
            _require_usable(room)
        self.rooms = tuple(sorted(given, key=_corridor_order))
        by_number: dict[str, Room] = {}
        by_type: dict[str, list[Room]] = {}
        for room in self.rooms:
            if room.number in by_number:
                raise RoomPlanInvalid(f"room {room.number!r} is in the plan twice")
            by_number[room.number] = room
            by_type.setdefault(room.room_type, []).append(room)
        self._by_number: Mapping[str, Room] = MappingProxyType(by_number)
        self._by_type: Mapping[str, tuple[Room, ...]] = MappingProxyType(
            {room_type: tuple(of_type) for room_type, of_type in sorted(by_type.items())}
        )

    @property
    def room_types(self) -> tuple[str, ...]:
        """Every room type of the plan, sorted."""
        return tuple(self._by_type)

    def get(self, number: str) -> Room | None:
        """The room of that number, or None."""
        return self._by_number.get(number)

    def room(self, number: str) -> Room:
        """The room of that number. Raises `RoomUnknown`."""
        found = self._by_number.get(number)
        if found is None:
            raise RoomUnknown(number)
        return found

    def of_type(self, room_type: str) -> tuple[Room, ...]:
        """The rooms of a type in corridor order; empty for a type the plan does not have."""
        return self._by_type.get(room_type, ())

    def __contains__(self, number: object) -> bool:
        return number in self._by_number

    def __iter__(self) -> Iterator[Room]:
        return iter(self.rooms)

    def __len__(self) -> int:
        return len(self.rooms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RoomPlan) and self.rooms == other.rooms

    def __hash__(self) -> int:
        return hash(self.rooms)

    def __repr__(self) -> str:
        return f"RoomPlan({len(self.rooms)} rooms)"


def _require_usable(room: Room) -> None:
    if not room.number or len(room.number) > ROOM_NUMBER_LENGTH_MAX:
        raise RoomPlanInvalid(f"room number {room.number!r}: give between 1 and {ROOM_NUMBER_LENGTH_MAX} characters")
    if "/" in room.number or "@" in room.number or not room.number.isprintable():
        # Both characters separate the parts of a board key and of a document id.
        raise RoomPlanInvalid(f"room number {room.number!r}: '/', '@' and unprintable characters cannot be used")
    if not room.room_type:
        raise RoomPlanInvalid(f"room {room.number!r} has no room type")
    if len(room.room_type) > ROOM_TYPE_LENGTH_MAX:
        raise RoomPlanInvalid(f"the room type of {room.number!r}: give at most {ROOM_TYPE_LENGTH_MAX} characters")


def _corridor_order(room: Room) -> tuple[int, int, str]:
    digits = room.number if room.number.isascii() and room.number.isdigit() else ""
    return (room.floor, int(digits) if digits else 0, room.number)
