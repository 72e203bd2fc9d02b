"""The founding file: what a new property's administrator writes as its first rows. No node reads it afterwards.

JSON with the lists `room_types`, `rooms`, `staff`, `codes` and `register_fields`; each may be absent. An error names the
place, such as `rooms[3].number`, and what to write there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crdt_pms.hotel.checked_json import Table, identifier, read_json
from crdt_pms.hotel.errors import HotelError, PropertyInvalid
from crdt_pms.hotel.property_file import STAFF_ROLES, StaffMember
from crdt_pms.hotel.register import PROFILE_FIELDS
from crdt_pms.hotel.rooms import ROOM_TYPE_LENGTH_MAX, Room, RoomPlan
from crdt_pms.hotel.transaction_codes import PostingKind, TransactionCode

_KEYS = ("room_types", "rooms", "staff", "codes", "register_fields")


@dataclass(frozen=True, slots=True)
class Founding:
    """The content of a founding file.

    `room_types` gives the names of a room type in Japanese and English, `codes` the transaction codes that the property has
    besides those that every property has, or in their place; `register_fields` what its guest register asks for besides.
    """

    room_types: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    rooms: RoomPlan = field(default_factory=lambda: RoomPlan(()))
    staff: tuple[StaffMember, ...] = ()
    codes: tuple[TransactionCode, ...] = ()
    register_fields: tuple[str, ...] = ()


def parse_founding(text: str) -> Founding:
    """Read a founding file. Raises `PropertyInvalid` with the place of the first wrong value."""
    root = read_json(text).table(_KEYS)
    return Founding(
        room_types={
            row.text("room_type", _room_type): (row.text("name_ja"), row.text("name_en"))
            for row in root.distinct_rows("room_types", ("room_type", "name_ja", "name_en"), "room_type")
        },
        rooms=_rooms(root),
        staff=tuple(
            StaffMember(
                row.text("staff_id", identifier),
                row.text("name_ja"),
                row.text("name_en"),
                row.text("role", _staff_role),
            )
            for row in root.distinct_rows("staff", ("staff_id", "name_ja", "name_en", "role"), "staff_id")
        ),
        codes=tuple(
            TransactionCode(row.text("code", identifier), row.text("name_ja"), row.text("name_en"), _kinds(row))
            for row in root.distinct_rows("codes", ("code", "name_ja", "name_en", "kinds"), "code")
        ),
        register_fields=tuple(place.as_text(_profile_field) for place in root.items("register_fields")),
    )


def _rooms(root: Table) -> RoomPlan:
    rooms: list[Room] = []
    for row in root.distinct_rows("rooms", ("number", "floor", "room_type"), "number"):
        room = Room(row.text("number"), row.integer("floor"), row.text("room_type", _room_type))
        try:
            RoomPlan((room,))
        except HotelError as error:
            raise PropertyInvalid(f"{row.path}.number", str(error)) from error
        rooms.append(room)
    try:
        return RoomPlan(rooms)
    except HotelError as error:
        raise PropertyInvalid("rooms", str(error)) from error


def _kinds(row: Table) -> frozenset[PostingKind]:
    kinds = frozenset(PostingKind(place.as_text(_kind)) for place in row.items("kinds"))
    if not kinds:
        raise PropertyInvalid(f"{row.path}.kinds", f"give at least one of {', '.join(PostingKind)}")
    return kinds


def _room_type(text: str) -> str | None:
    return None if len(text) <= ROOM_TYPE_LENGTH_MAX else f"give at most {ROOM_TYPE_LENGTH_MAX} characters"


def _kind(text: str) -> str | None:
    return None if text in set(PostingKind) else f"choose one of {', '.join(PostingKind)}"


def _staff_role(text: str) -> str | None:
    return None if text in STAFF_ROLES else f"choose one of {', '.join(STAFF_ROLES)}"


def _profile_field(text: str) -> str | None:
    return None if text in PROFILE_FIELDS else f"choose one of {', '.join(PROFILE_FIELDS)}"
