"""The hotel that a workload runs in: a property in Japan with as many rooms of each type as the workload needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil

from crdt_pms.desk.actions.property import PropertyAction
from crdt_pms.desk.founding import founding_actions
from crdt_pms.hotel.founding_file import Founding
from crdt_pms.hotel.money import JPY
from crdt_pms.hotel.nights import nights_of
from crdt_pms.hotel.property_file import PropertyDefinition, StaffMember
from crdt_pms.hotel.rooms import ROOMS_MAX, Room, RoomPlan
from simulations.workloads.booking import Booking, HotelName, hotel_named

ZONE = "Asia/Tokyo"
ROOT_KEY_BYTES = 32
ROOMS_PER_FLOOR = 20
FLOOR_LOWEST = 2
"""Rooms begin at 201: the ground floor is the lobby's."""

RESERVE_SHARE = Fraction(1, 20)
"""Rooms kept beyond the peak night, for rooms out of order and moves: 5 %, at least one room."""

_NAMES: Mapping[HotelName, tuple[str, str, str]] = {
    "city": ("minatomachi", "みなと町シティホテル", "Minatomachi City Hotel"),
    "resort": ("shiomi", "潮見リゾートホテル", "Shiomi Resort Hotel"),
}

STAFF: tuple[StaffMember, ...] = (
    StaffMember("sato", "佐藤 美咲", "Misaki Sato", "manager"),
    StaffMember("tanaka", "田中 健太", "Kenta Tanaka", "manager"),
    StaffMember("suzuki", "鈴木 陽菜", "Hina Suzuki", "clerk"),
    StaffMember("takahashi", "高橋 翔", "Sho Takahashi", "clerk"),
    StaffMember("ito", "伊藤 さくら", "Sakura Ito", "clerk"),
    StaffMember("watanabe", "渡辺 大輔", "Daisuke Watanabe", "clerk"),
    StaffMember("yamamoto", "山本 恵子", "Keiko Yamamoto", "housekeeping"),
    StaffMember("nakamura", "中村 誠", "Makoto Nakamura", "housekeeping"),
)
"""The eight who work there, all invented."""


def make_property(
    hotel: HotelName,
    rooms_count: int,
    room_type_shares: Mapping[str, float],
    opening_date: str,
    root_key: bytes = bytes(ROOT_KEY_BYTES),
    staff: Sequence[StaffMember] = STAFF,
) -> PropertyDefinition:
    """A property with that many rooms, divided among the types in proportion to `room_type_shares`.

    The shares need not sum to 1: counts of rooms do as well, and are met exactly when they sum to `rooms_count`. A
    type with a share gets a room at least. Types are mixed along every floor. Raises `ValueError` for an unknown
    hotel, more rooms than a plan holds, fewer rooms than types, or shares of nothing.
    """
    property_id, name_ja, name_en = _NAMES[hotel_named(hotel)]
    return PropertyDefinition(
        property_id=property_id,
        root_key=root_key,
        name_ja=name_ja,
        name_en=name_en,
        zone=ZONE,
        currency=JPY,
        opening_date=opening_date,
        rooms=RoomPlan(_rooms(apportioned(rooms_count, room_type_shares))),
        staff=tuple(staff),
    )


def first_rows(definition: PropertyDefinition) -> list[PropertyAction]:
    """What an administrator does so that the rows of a new property say what `definition` says. It has no codes of its own."""
    founding = Founding(
        definition.room_types, definition.rooms, definition.staff, register_fields=definition.register_fields
    )
    return founding_actions(
        founding, name_ja=definition.name_ja, name_en=definition.name_en, zone=definition.zone,
        currency=definition.currency.code, opening_date=definition.opening_date,
    )  # fmt: skip


def rooms_needed(bookings: Iterable[Booking]) -> int:
    """How many rooms hold the peak night of these bookings, with `RESERVE_SHARE` of them in reserve; 0 for no nights.

    Enough when any room may be given to anybody; `rooms_needed_by_type` when each gets the type assigned.
    """
    return _with_reserve(max(_held_a_night(bookings).values(), default=0))


def rooms_needed_by_type(bookings: Iterable[Booking]) -> dict[str, int]:
    """How many rooms of each assigned type hold the type's own peak night, with reserve. Sorted by type.

    A plan with these rooms has a room of the assigned type for every booking, given in the order of arrival. A type
    that is only ever cancelled or day use gets one room, so that the plan has the type.
    """
    return {room_type: _with_reserve(peak) or 1 for room_type, peak in peak_rooms_by_type(bookings).items()}


def peak_rooms_by_type(bookings: Iterable[Booking]) -> dict[str, int]:
    """How many rooms of each assigned type are held on the type's own peak night. Sorted by type."""
    by_type: dict[str, list[Booking]] = {}
    for booking in bookings:
        by_type.setdefault(booking.room_type_assigned, []).append(booking)
    return {room_type: max(_held_a_night(by_type[room_type]).values(), default=0) for room_type in sorted(by_type)}


def apportioned(rooms_count: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Whole rooms of each type by largest remainder, at least one of each type with a share. Sorted by type.

    Raises `ValueError` as `make_property`.
    """
    types = sorted(room_type for room_type, share in shares.items() if share > 0)
    if not types or any(share < 0 for share in shares.values()):
        raise ValueError("give at least one room type a share above 0, and none a share below 0")
    if not len(types) <= rooms_count <= ROOMS_MAX:
        raise ValueError(f"{rooms_count} rooms for {len(types)} types: give {len(types)} to {ROOMS_MAX}")
    whole = sum(Fraction(shares[room_type]) for room_type in types)
    exact = {room_type: rooms_count * Fraction(shares[room_type]) / whole for room_type in types}
    counts = {room_type: max(1, int(exact[room_type])) for room_type in types}
    while (left := rooms_count - sum(counts.values())) != 0:
        if left > 0:
            short = max(types, key=lambda one: exact[one] - counts[one])
            counts[short] += 1
        else:
            # The rooms that went to the rarest types are missing elsewhere: the best provided type gives one back.
            rich = max((one for one in types if counts[one] > 1), key=lambda one: counts[one] - exact[one])
            counts[rich] -= 1
    return counts


def _rooms(counts: Mapping[str, int]) -> list[Room]:
    """Rooms floor by floor, each of the type that is furthest behind its share of the rooms so far."""
    whole = sum(counts.values())
    placed = dict.fromkeys(counts, 0)
    rooms: list[Room] = []
    for index in range(whole):
        room_type = max(
            (one for one in counts if placed[one] < counts[one]),
            key=lambda one: counts[one] * (index + 1) - placed[one] * whole,
        )
        placed[room_type] += 1
        floor = FLOOR_LOWEST + index // ROOMS_PER_FLOOR
        rooms.append(Room(str(floor * 100 + index % ROOMS_PER_FLOOR + 1), floor, room_type))
    return rooms


def _held_a_night(bookings: Iterable[Booking]) -> Counter[str]:
    held: Counter[str] = Counter()
    for booking in bookings:
        held.update(nights_of(booking.arrival, booking.nights_held))
    return held


def _with_reserve(rooms: int) -> int:
    return rooms + ceil(rooms * RESERVE_SHARE)
