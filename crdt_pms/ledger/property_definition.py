"""The property as its rows make it, over what it opened with."""

from __future__ import annotations

from dataclasses import replace
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crdt_pms.hotel.errors import HotelError
from crdt_pms.hotel.money import currency_of
from crdt_pms.hotel.property_file import Device, PropertyDefinition, StaffMember
from crdt_pms.hotel.register import PROFILE_FIELDS
from crdt_pms.hotel.rooms import ROOMS_MAX, Room, RoomPlan
from crdt_pms.hotel.transaction_codes import PostingKind, TransactionCode
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.property_groups import CODE, DEVICE, HOTEL, ROOM, ROOM_TYPE, STAFF


def definition_of(ledger: Ledger, opening: PropertyDefinition) -> PropertyDefinition:
    """The definition that desks work with: `opening` where no row says otherwise.

    A pure function of both. A row that no desk could work with (a number that no plan takes, a zone that does not exist) is
    left out, and its author does not matter.
    """
    rooms, retired = _rooms(ledger, opening)
    defined = replace(
        opening,
        rooms=rooms,
        retired_rooms=retired,
        room_types=_room_types(ledger, opening),
        codes=_codes(ledger, opening),
        staff=_staff(ledger, opening),
        devices=tuple(
            Device(device, str(row["name"]), str(row["device_class"]), str(row["public_key"]), row["active"] is True)
            for device, row in sorted(ledger.rows(DEVICE))
        ),
    )
    profile = ledger.shown(Register(HOTEL, opening.property_id))
    return defined if profile is None else _with_profile(defined, profile)


def _rooms(ledger: Ledger, opening: PropertyDefinition) -> tuple[RoomPlan, frozenset[str]]:
    rooms = {room.number: room for room in opening.rooms}
    retired = set(opening.retired_rooms)
    for number, row in sorted(ledger.rows(ROOM)):
        room = Room(number, cast("int", row["floor"]), str(row["room_type"]))
        if not _is_usable(room):
            continue
        if row["active"]:
            rooms[number] = room
            retired.discard(number)
        else:
            rooms.pop(number, None)
            retired.add(number)
    return RoomPlan(list(rooms.values())[:ROOMS_MAX]), frozenset(retired)


def _is_usable(room: Room) -> bool:
    try:
        RoomPlan((room,))
    except HotelError:
        return False
    return True


def _room_types(ledger: Ledger, opening: PropertyDefinition) -> dict[str, tuple[str, str]]:
    named = {
        room_type: (str(row["name_ja"]), str(row["name_en"]))
        for room_type, row in sorted(ledger.rows(ROOM_TYPE))
        if row["active"]
    }
    return {**opening.room_types, **named}


def _codes(ledger: Ledger, opening: PropertyDefinition) -> dict[str, TransactionCode]:
    codes = dict(opening.codes)
    for code, row in sorted(ledger.rows(CODE)):
        kinds = frozenset(PostingKind(kind) for kind in str(row["kinds"]).split(",") if kind in set(PostingKind))
        # An inactive code takes no posting any more; its words stay for what was posted.
        codes[code] = TransactionCode(
            code, str(row["name_ja"]), str(row["name_en"]), kinds if row["active"] else frozenset()
        )
    return codes


def _staff(ledger: Ledger, opening: PropertyDefinition) -> tuple[StaffMember, ...]:
    staff = {member.staff_id: member for member in opening.staff}
    for staff_id, row in sorted(ledger.rows(STAFF)):
        staff[staff_id] = StaffMember(
            staff_id, str(row["name_ja"]), str(row["name_en"]), str(row["role"]), row["active"] is True
        )
    return tuple(staff.values())


def _with_profile(defined: PropertyDefinition, profile: Value) -> PropertyDefinition:
    fields = str(profile["register_fields"]).split(",")
    return replace(
        defined,
        name_ja=str(profile["name_ja"]),
        name_en=str(profile["name_en"]),
        zone=str(profile["zone"]) if _is_zone(str(profile["zone"])) else defined.zone,
        currency=currency_of(str(profile["currency"])),
        opening_date=str(profile["opening_date"]),
        register_fields=tuple(field for field in PROFILE_FIELDS if field in fields),
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return False
    return True
