"""The field groups that say what the property is: rooms, types, codes, staff, devices, and the hotel itself.

Only devices of the class administrator write them (`KeyFlag.ADMINISTRATORS`), and every version judges that from an entry's
header. Nothing is ever removed: what is no longer wanted is written inactive, so that its words stay readable.

| group | row | what it says |
|---|---|---|
| `room.definition` | room number | floor, type, active |
| `room_type.definition` | room type | names, active |
| `code.definition` | transaction code | names, kinds of posting, active |
| `staff.member` | staff id | names, role, active |
| `device.enrolment` | device id | name, class, public key, active |
| `hotel.profile` | property id | names, zone, currency, opening date, fields that the guest register asks for besides |

Lists are texts, parted by commas.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from crdt_pms.hotel.money import CURRENCIES
from crdt_pms.hotel.property_file import STAFF_ROLES
from crdt_pms.hotel.rooms import ROOM_TYPE_LENGTH_MAX
from crdt_pms.journal.limits import DEVICE_NAME_CHARACTERS_MAX
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.ledger.fields import Field, choice, flag, integer, iso_date, text

ROOM: Final = "room.definition"
ROOM_TYPE: Final = "room_type.definition"
CODE: Final = "code.definition"
STAFF: Final = "staff.member"
DEVICE: Final = "device.enrolment"
HOTEL: Final = "hotel.profile"

NAME_CHARACTERS_MAX: Final = 200
FLOOR_MAX: Final = 999
_PUBLIC_KEY_CHARACTERS: Final = 64
_LIST_CHARACTERS_MAX: Final = 500
_NAMES: Final = (
    text("name_ja", characters_max=NAME_CHARACTERS_MAX),
    text("name_en", characters_max=NAME_CHARACTERS_MAX),
)
_ACTIVE: Final = flag("active", safe=True, default=True)


class PropertyGroup(NamedTuple):
    """One row of the table: its fields, and the action that writes it anew."""

    name: str
    fields: tuple[Field, ...]
    rewritten_by: str


PROPERTY_GROUPS: Final = (
    PropertyGroup(
        ROOM,
        (
            integer("floor", safe=0, low=-FLOOR_MAX, high=FLOOR_MAX),
            text("room_type", characters_max=ROOM_TYPE_LENGTH_MAX),
            _ACTIVE,
        ),
        "define_room",
    ),
    PropertyGroup(ROOM_TYPE, (*_NAMES, _ACTIVE), "define_room_type"),
    PropertyGroup(CODE, (*_NAMES, text("kinds", characters_max=_LIST_CHARACTERS_MAX), _ACTIVE), "define_code"),
    PropertyGroup(STAFF, (*_NAMES, choice("role", STAFF_ROLES, safe="housekeeping"), _ACTIVE), "define_staff"),
    PropertyGroup(
        DEVICE,
        (
            text("name", characters_max=DEVICE_NAME_CHARACTERS_MAX),
            choice("device_class", DeviceClass, safe=DeviceClass.TERMINAL),
            text("public_key", characters_max=_PUBLIC_KEY_CHARACTERS),
            _ACTIVE,
        ),
        "define_device",
    ),
    PropertyGroup(
        HOTEL,
        (
            *_NAMES,
            text("zone", characters_max=NAME_CHARACTERS_MAX),
            choice("currency", CURRENCIES, safe="JPY"),
            iso_date("opening_date", safe="1900-01-01"),
            text("register_fields", characters_max=_LIST_CHARACTERS_MAX),
        ),
        "define_hotel",
    ),
)
PROPERTY_GROUP_NAMES: Final = frozenset(group.name for group in PROPERTY_GROUPS)
