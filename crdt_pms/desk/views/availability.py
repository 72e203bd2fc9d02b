"""How many rooms of each type are free in each night."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.nights import days_after, days_between
from crdt_pms.hotel.statuses import Maintenance


class HeldRooms(Protocol):
    """So many rooms of a type that stays hold in the nights of `[arrival, departure)`."""

    @property
    def room_type(self) -> str:
        """The type that was booked."""
        ...

    @property
    def arrival(self) -> str:
        """ISO date of the first night."""
        ...

    @property
    def departure(self) -> str:
        """ISO date after the last night."""
        ...

    @property
    def rooms(self) -> int:
        """How many stays have these dates."""
        ...


@dataclass(frozen=True, slots=True)
class NightAvailability:
    """One night of one type. `free` is negative where more is booked than there is."""

    night: str
    held: int
    free: int


@dataclass(frozen=True, slots=True)
class TypeAvailability:
    """A room type: its rooms, how many of these are out of order now, and its nights."""

    room_type: str
    rooms: int
    out_of_order: int
    nights: tuple[NightAvailability, ...]


def availability(view: DeskView, first: str, until: str, held: Iterable[HeldRooms]) -> tuple[TypeAvailability, ...]:
    """Every type, of the property's rooms or of stays, for the nights of `[first, until]`, by the type's name.

    Stays hold a room of the type that was booked, whichever they live in. A room that is out of order now counts for no night.
    """
    rooms = Counter(room.room_type for room in view.rooms)
    closed = Counter(
        room.room_type for room in view.rooms if view.room_board(room.number).maintenance is Maintenance.OUT_OF_ORDER
    )
    nights = [days_after(first, day) for day in range(days_between(first, until) + 1)]
    taken: dict[str, Counter[str]] = {room_type: Counter() for room_type in rooms}
    for one in held:
        of_type = taken.setdefault(one.room_type, Counter())
        for night in nights:
            if one.arrival <= night < one.departure:
                of_type[night] += one.rooms
    return tuple(
        TypeAvailability(
            room_type,
            rooms[room_type],
            closed[room_type],
            tuple(
                NightAvailability(night, of_type[night], rooms[room_type] - closed[room_type] - of_type[night])
                for night in nights
            ),
        )
        for room_type, of_type in sorted(taken.items())
    )
