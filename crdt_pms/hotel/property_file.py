"""The property file: which property this is, whom to trust first, and where others are found. It says nothing else.

JSON, read once at start and validated whole. An error names the place, such as `peers[3].url`, and what to write
there. The root key in it is trusted first: devices speak for the property by a chain of certificates that ends there.
What the property is (names, rooms, staff) are rows, which an administrator's desk writes.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from crdt_pms.hotel.checked_json import identifier, read_json
from crdt_pms.hotel.money import JPY, Currency
from crdt_pms.hotel.rooms import RoomPlan
from crdt_pms.hotel.transaction_codes import TRANSACTION_CODES, TransactionCode

PUBLIC_KEY_HEX_LENGTH = 64
NOT_OPENED = "1900-01-01"
"""The opening date of a property of which no row is known."""

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
    this locality asks for besides the ones that every locality needs. `codes` are the transaction codes,
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

    @property
    def is_founded(self) -> bool:
        """Whether it is known what the property is. A node that holds no rows yet knows neither its rooms nor its staff."""
        return self.opening_date != NOT_OPENED

    def device(self, device_id: str) -> Device | None:
        """What is written of a device; None for one that no administrator wrote down."""
        return next((device for device in self.devices if device.device_id == device_id), None)

    def member(self, staff_id: str) -> StaffMember | None:
        """The member of staff of that id."""
        return next((member for member in self.staff if member.staff_id == staff_id), None)


STAFF_ROLES = ("clerk", "manager", "housekeeping")


_KEYS = ("property_id", "root_key", "relay_url", "peers")
_WRITTEN_BY = {
    **dict.fromkeys(("name_ja", "name_en", "zone", "currency", "opening_date", "register_fields"), "define_hotel"),
    "rooms": "define_room",
    "room_types": "define_room_type",
    "staff": "define_staff",
    "codes": "define_code",
    "devices": "define_device",
}
"""What a property is, and the action with which an administrator's desk writes it."""


def parse_property(text: str) -> PropertyDefinition:
    """Read a property file: a property of which no row is known yet.

    Raises `PropertyInvalid` with the place of the first wrong value; for what is a row it says how an administrator writes it.
    """
    root = read_json(text).table(_KEYS, _row_advice)
    property_id = root.text("property_id", identifier)
    return PropertyDefinition(
        property_id=property_id,
        root_key=bytes.fromhex(root.text("root_key", _public_key)),
        name_ja=property_id,
        name_en=property_id,
        zone="UTC",
        currency=JPY,
        opening_date=NOT_OPENED,
        rooms=RoomPlan(()),
        relay_url=root.text("relay_url", _address) if root.has("relay_url") else None,
        peers=tuple(
            PeerAddress(row.text("name", identifier), row.text("url", _address))
            for row in root.rows("peers", ("name", "url"))
        ),
    )


def render_property(definition: PropertyDefinition) -> str:
    """The property file of a property: its id, its root key, and where others are found. Nothing of its rows."""
    content: dict[str, object] = {
        "property_id": definition.property_id,
        "root_key": definition.root_key.hex(),
        "relay_url": definition.relay_url,
        "peers": [{"name": peer.name, "url": peer.url} for peer in definition.peers],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _row_advice(key: str) -> str | None:
    action = _WRITTEN_BY.get(key)
    if action is None:
        return None
    return (
        f"{key} is written by an administrator's desk (action {action}); "
        "a new property is given its first rows by crdt-pms property init --founding"
    )


def _address(text: str) -> str | None:
    return None if _ADDRESS.fullmatch(text) else "give a WebSocket address like ws://192.0.2.7:7411"


def _public_key(text: str) -> str | None:
    return None if _PUBLIC_KEY.fullmatch(text) else f"give {PUBLIC_KEY_HEX_LENGTH} lower-case hexadecimal digits"
