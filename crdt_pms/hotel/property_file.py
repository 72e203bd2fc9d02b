"""The property file: which property this is, whom to trust first, and where others are found.

JSON, read once at start and validated whole. An error names the place, such as `rooms[3].number`, and what to write
there. The root key in it is trusted first: devices speak for the property by a chain of certificates that ends there.
What the property is (names, rooms, staff) are rows; a file may say what it opens with, the same on every node, until rows
say otherwise.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crdt_pms.hotel.errors import HotelError, PropertyInvalid
from crdt_pms.hotel.money import JPY, Currency, currency_of
from crdt_pms.hotel.nights import parse_date
from crdt_pms.hotel.register import PROFILE_FIELDS
from crdt_pms.hotel.rooms import ROOM_TYPE_LENGTH_MAX, Room, RoomPlan
from crdt_pms.hotel.transaction_codes import TRANSACTION_CODES, TransactionCode

PROPERTY_FILE_CHARACTERS_MAX = 4_000_000
PUBLIC_KEY_HEX_LENGTH = 64
NOT_OPENED = "1900-01-01"
"""The opening date of a property of which no row is known."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PUBLIC_KEY = re.compile(rf"[0-9a-f]{{{PUBLIC_KEY_HEX_LENGTH}}}")
_ADDRESS = re.compile(r"wss?://[^\s/:]+|wss?://[^\s/:]+:[0-9]{1,5}|wss?://\[[0-9a-fA-F:]+\]:[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class PeerAddress:
    """Where another terminal of the property listens on the LAN."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person who may act at a terminal, while active. `role` is `clerk`, `manager` or `housekeeping`."""

    staff_id: str
    name_ja: str
    name_en: str
    role: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Device:
    """What an administrator wrote down of a device: its public key in hexadecimal, and whether it may write now."""

    device_id: str
    name: str
    device_class: str
    public_key: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class PropertyDefinition:
    """A property: who it is, where, its rooms, its money, whom it trusts first and where others are found.

    `root_key` is the 32-byte Ed25519 public key that every device's chain ends at.

    `opening_date` is the business date until the first night audit; `register_fields` are the profile fields that
    this locality asks for besides the ones everybody needs. `codes` are the transaction codes,
    `room_types` the names of room types in Japanese and English; `retired_rooms` are numbers that were rooms.
    """

    property_id: str
    root_key: bytes
    name_ja: str
    name_en: str
    zone: str
    currency: Currency
    opening_date: str
    rooms: RoomPlan
    relay_url: str | None = None
    peers: tuple[PeerAddress, ...] = ()
    staff: tuple[StaffMember, ...] = ()
    register_fields: tuple[str, ...] = ()
    codes: Mapping[str, TransactionCode] = field(default_factory=lambda: TRANSACTION_CODES)
    devices: tuple[Device, ...] = ()
    retired_rooms: frozenset[str] = frozenset()
    room_types: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    def device(self, device_id: str) -> Device | None:
        """What is written of a device; None for one that nobody wrote down."""
        return next((device for device in self.devices if device.device_id == device_id), None)

    def member(self, staff_id: str) -> StaffMember | None:
        """The member of staff of that id."""
        return next((member for member in self.staff if member.staff_id == staff_id), None)


STAFF_ROLES = ("clerk", "manager", "housekeeping")


def parse_property(text: str) -> PropertyDefinition:
    """Read a property file. Raises `PropertyInvalid` with the place of the first wrong value."""
    if len(text) > PROPERTY_FILE_CHARACTERS_MAX:
        raise PropertyInvalid("", f"longer than {PROPERTY_FILE_CHARACTERS_MAX} characters")
    try:
        loaded: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PropertyInvalid("", f"not JSON: {error}") from error
    root = _Place("", loaded).table(_TOP_KEYS)
    property_id = root.text("property_id", _identifier)
    return PropertyDefinition(
        property_id=property_id,
        root_key=bytes.fromhex(root.text("root_key", _public_key)),
        name_ja=root.text("name_ja") if root.has("name_ja") else property_id,
        name_en=root.text("name_en") if root.has("name_en") else property_id,
        zone=root.text("zone", _zone) if root.has("zone") else "UTC",
        currency=currency_of(root.text("currency", _currency)) if root.has("currency") else JPY,
        opening_date=root.text("opening_date", _date) if root.has("opening_date") else NOT_OPENED,
        rooms=_rooms(root) if root.has("rooms") else RoomPlan(()),
        relay_url=root.text("relay_url", _address) if root.has("relay_url") else None,
        peers=tuple(
            PeerAddress(row.text("name", _identifier), row.text("url", _address))
            for row in root.rows("peers", ("name", "url"))
        ),
        staff=_staff(root),
        register_fields=tuple(place.as_text(_profile_field) for place in root.items("register_fields")),
    )


def render_property(definition: PropertyDefinition) -> str:
    """The property file of a definition: what `parse_property` reads back as an equal definition."""
    content: dict[str, object] = {
        "property_id": definition.property_id,
        "root_key": definition.root_key.hex(),
        "name_ja": definition.name_ja,
        "name_en": definition.name_en,
        "zone": definition.zone,
        "currency": definition.currency.code,
        "opening_date": definition.opening_date,
        "relay_url": definition.relay_url,
        "peers": [{"name": peer.name, "url": peer.url} for peer in definition.peers],
        "staff": [
            {"staff_id": one.staff_id, "name_ja": one.name_ja, "name_en": one.name_en, "role": one.role}
            for one in definition.staff
        ],
        "register_fields": list(definition.register_fields),
        "rooms": [
            {"number": room.number, "floor": room.floor, "room_type": room.room_type} for room in definition.rooms.rooms
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


_TOP_KEYS = (
    "property_id",
    "root_key",
    "name_ja",
    "name_en",
    "zone",
    "currency",
    "opening_date",
    "relay_url",
    "peers",
    "staff",
    "register_fields",
    "rooms",
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A value of the file and the path to it."""

    path: str
    value: object

    def table(self, keys: tuple[str, ...]) -> "_Table":
        """This value as an object with no keys but those. A misspelt key is an error, not an ignored wish."""
        if not isinstance(self.value, dict):
            raise PropertyInvalid(self.path, "give an object")
        content = cast("dict[str, Any]", self.value)
        for key in content:
            if key not in keys:
                raise PropertyInvalid(_path(self.path, key), f"not a key of this object: {', '.join(keys)}")
        return _Table(self.path, content)

    def as_text(self, check: Callable[[str], str | None] | None = None) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise PropertyInvalid(self.path, "give a text")
        if self.value != self.value.strip():
            raise PropertyInvalid(self.path, "give the text without spaces around it")
        problem = check(self.value) if check is not None else None
        if problem is not None:
            raise PropertyInvalid(self.path, problem)
        return self.value


@dataclass(frozen=True, slots=True)
class _Table:
    path: str
    content: dict[str, Any]

    def has(self, key: str) -> bool:
        return self.content.get(key) is not None

    def place(self, key: str) -> _Place:
        if key not in self.content:
            raise PropertyInvalid(_path(self.path, key), "missing")
        return _Place(_path(self.path, key), self.content[key])

    def text(self, key: str, check: Callable[[str], str | None] | None = None) -> str:
        return self.place(key).as_text(check)

    def integer(self, key: str) -> int:
        place = self.place(key)
        if isinstance(place.value, bool) or not isinstance(place.value, int):
            raise PropertyInvalid(place.path, "give an integer")
        return place.value

    def items(self, key: str) -> list[_Place]:
        """The members of a list; a key that is absent is an empty list."""
        listed: object = self.content.get(key, [])
        path = _path(self.path, key)
        if not isinstance(listed, list):
            raise PropertyInvalid(path, "give a list")
        return [_Place(f"{path}[{at}]", value) for at, value in enumerate(cast("list[object]", listed))]

    def rows(self, key: str, keys: tuple[str, ...]) -> "list[_Table]":
        return [place.table(keys) for place in self.items(key)]


def _path(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _rooms(root: _Table) -> RoomPlan:
    rows = root.rows("rooms", ("number", "floor", "room_type"))
    seen: dict[str, str] = {}
    rooms: list[Room] = []
    for row in rows:
        room = Room(row.text("number"), row.integer("floor"), row.text("room_type", _room_type))
        if room.number in seen:
            raise PropertyInvalid(f"{row.path}.number", f"{room.number!r} is also at {seen[room.number]}")
        seen[room.number] = row.path
        try:
            RoomPlan((room,))
        except HotelError as error:
            raise PropertyInvalid(f"{row.path}.number", str(error)) from error
        rooms.append(room)
    try:
        return RoomPlan(rooms)
    except HotelError as error:
        raise PropertyInvalid("rooms", str(error)) from error


def _staff(root: _Table) -> tuple[StaffMember, ...]:
    staff: list[StaffMember] = []
    seen: set[str] = set()
    for row in root.rows("staff", ("staff_id", "name_ja", "name_en", "role")):
        member = StaffMember(
            row.text("staff_id", _identifier),
            row.text("name_ja"),
            row.text("name_en"),
            row.text("role", _staff_role),
        )
        if member.staff_id in seen:
            raise PropertyInvalid(f"{row.path}.staff_id", f"{member.staff_id!r} is given twice")
        seen.add(member.staff_id)
        staff.append(member)
    return tuple(staff)


def _identifier(text: str) -> str | None:
    if _IDENTIFIER.fullmatch(text):
        return None
    return "give 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit"


def _room_type(text: str) -> str | None:
    return None if len(text) <= ROOM_TYPE_LENGTH_MAX else f"give at most {ROOM_TYPE_LENGTH_MAX} characters"


def _zone(text: str) -> str | None:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return f"{text!r} is no IANA time zone: write one like Asia/Tokyo"
    return None


def _currency(text: str) -> str | None:
    return _problem_of(currency_of, text)


def _date(text: str) -> str | None:
    return _problem_of(parse_date, text)


def _problem_of(parse: Callable[[str], object], text: str) -> str | None:
    try:
        parse(text)
    except HotelError as error:
        return str(error)
    return None


def _address(text: str) -> str | None:
    return None if _ADDRESS.fullmatch(text) else "give a WebSocket address like ws://192.0.2.7:7411"


def _public_key(text: str) -> str | None:
    return None if _PUBLIC_KEY.fullmatch(text) else f"give {PUBLIC_KEY_HEX_LENGTH} lower-case hexadecimal digits"


def _staff_role(text: str) -> str | None:
    return None if text in STAFF_ROLES else f"choose one of {', '.join(STAFF_ROLES)}"


def _profile_field(text: str) -> str | None:
    return None if text in PROFILE_FIELDS else f"choose one of {', '.join(PROFILE_FIELDS)}"
