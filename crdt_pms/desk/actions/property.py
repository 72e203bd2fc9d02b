"""Actions that change what the property is: rooms, types, transaction codes, staff, devices, the hotel itself.

Only on a device of the class administrator. Nothing is deleted: what is no longer wanted becomes inactive, and any
administrator can write it anew, so that a misuse by one is undone by another.
"""

import re
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.administration import require_administrator
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.drafting import Draft
from crdt_pms.desk.holding import holding_of
from crdt_pms.desk.inputs import require_date, require_filled, require_key
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.errors import HotelError
from crdt_pms.hotel.money import CURRENCIES
from crdt_pms.hotel.property_file import NOT_OPENED, STAFF_ROLES
from crdt_pms.hotel.register import PROFILE_FIELDS
from crdt_pms.hotel.rooms import ROOM_NUMBER_LENGTH_MAX, ROOM_TYPE_LENGTH_MAX, ROOMS_MAX, Room, RoomPlan
from crdt_pms.hotel.transaction_codes import PostingKind
from crdt_pms.journal.identifiers import device_id_of
from crdt_pms.journal.limits import DEVICE_NAME_CHARACTERS_MAX
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.property_groups import CODE, DEVICE, FLOOR_MAX, HOTEL, ROOM, ROOM_TYPE, STAFF

_PUBLIC_KEY: Final = re.compile(r"[0-9a-f]{64}")


class PropertyAction(Action):
    """Writes one row of what the property is."""

    __slots__ = ()

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        require_administrator(view)
        register, value = self.row(view)
        draft = Draft(view, moment, self.name)
        draft.put(register, value)
        return Decision(operations=(draft.operation(),))

    @abstractmethod
    def row(self, view: DeskView) -> tuple[Register, Value]:
        """The row and what it will say. Raises `Refused`."""


@dataclass(frozen=True, slots=True)
class DefineRoom(PropertyAction):
    """Add a room, change its floor or type, or take a retired one back."""

    name: ClassVar[str] = "define_room"

    room: str
    floor: int
    room_type: str

    def row(self, view: DeskView) -> tuple[Register, Value]:
        """See `PropertyAction`."""
        number = require_filled("room", self.room, ROOM_NUMBER_LENGTH_MAX)
        room_type = require_filled("room_type", self.room_type, ROOM_TYPE_LENGTH_MAX)
        rooms = view.rooms
        try:
            RoomPlan((Room(number, self.floor, room_type),))
        except HotelError as error:
            raise Refused(RefusalCode.DEFINITION_UNUSABLE, value=number) from error
        if abs(self.floor) > FLOOR_MAX or (number not in rooms and len(rooms) >= ROOMS_MAX):
            raise Refused(RefusalCode.DEFINITION_UNUSABLE, value=number)
        return Register(ROOM, number), {"floor": self.floor, "room_type": room_type, "active": True}


@dataclass(frozen=True, slots=True)
class RetireRoom(PropertyAction):
    """Take a room out of the property. Refused while a stay is in it or has it assigned."""

    name: ClassVar[str] = "retire_room"

    room: str

    def row(self, view: DeskView) -> tuple[Register, Value]:
        """See `PropertyAction`."""
        room = view.require_room(self.room)
        for stay in holding_of(view, room.number).keeping:
            raise Refused(RefusalCode.ROOM_IN_USE, room=room.number, other=stay.stay_id)
        return Register(ROOM, room.number), {"floor": room.floor, "room_type": room.room_type, "active": False}


@dataclass(frozen=True, slots=True)
class DefineRoomType(PropertyAction):
    """Name a room type in both languages."""

    name: ClassVar[str] = "define_room_type"

    room_type: str
    name_ja: str
    name_en: str

    def row(self, view: DeskView) -> tuple[Register, Value]:
        """See `PropertyAction`."""
        room_type = require_filled("room_type", self.room_type, ROOM_TYPE_LENGTH_MAX)
        return Register(ROOM_TYPE, room_type), {**_names(self.name_ja, self.name_en), "active": True}


@dataclass(frozen=True, slots=True)
class DefineCode(PropertyAction):
    """Add a transaction code, or change its names or kinds. `kinds` are kinds of posting, parted by commas."""

    name: ClassVar[str] = "define_code"

    code: str
    name_ja: str
    name_en: str
    kinds: str

    def row(self, view: DeskView) -> tuple[Register, Value]:
        """See `PropertyAction`."""
        kinds = self.kinds.split(",")
        if not set(kinds) <= set(PostingKind):
            raise Refused(RefusalCode.DEFINITION_UNUSABLE, value=self.kinds[:40])
        return Register(CODE, require_key(self.code)), {
            **_names(self.name_ja, self.name_en), "kinds": ",".join(sorted(set(kinds))), "active": True,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class RetireCode(PropertyAction):
    """Take no more postings of a transaction code. What was posted keeps its words."""

    name: ClassVar[str] = "retire_code"

    code: str

    def row(self, view: DeskView) -> tuple[Register, Value]:
        """See `PropertyAction`."""
        code = view.definition.codes.get(self.code)
        if code is None:
            raise Refused(RefusalCode.CODE_UNKNOWN, code=self.code[:80])
        return Register(CODE, code.code), {
            "name_ja": code.ja, "name_en": code.en, "kinds": ",".join(sorted(code.kinds)), "active": False,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class DefineStaff(PropertyAction):
    """Add a member of staff, change names or role, or take a former one back."""

    name: ClassVar[str] = "define_staff"

    staff: str
    name_ja: str
    name_en: str
    role: str

    def row(self, view: DeskView) -> tuple[Register, Value]:
        """See `PropertyAction`."""
        if self.role not in STAFF_ROLES:
            raise Refused(RefusalCode.DEFINITION_UNUSABLE, value=self.role[:40])
        value = {**_names(self.name_ja, self.name_en), "role": self.role, "active": True}
        return Register(STAFF, require_key(self.staff)), value


@dataclass(frozen=True, slots=True)
class RemoveStaff(PropertyAction):
    """Let a member of staff act no more. What they wrote stays, under their name."""

    name: ClassVar[str] = "remove_staff"

    staff: str

    def row(self, view: DeskView) -> tuple[Register, Value]:
        """See `PropertyAction`."""
        member = view.definition.member(self.staff)
        if member is None:
            raise Refused(RefusalCode.STAFF_UNKNOWN, staff=self.staff[:40])
        return Register(STAFF, member.staff_id), {
            "name_ja": member.name_ja, "name_en": member.name_en, "role": member.role, "active": False,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class DefineDevice(PropertyAction):
    """Write down a device that is enrolled, or let a removed one write again. The chain of a device is not made here."""

    name: ClassVar[str] = "define_device"

    device_key: str
    device_name: str
    device_class: str

    def row(self, view: DeskView) -> tuple[Register, Value]:
        """See `PropertyAction`."""
        if not _PUBLIC_KEY.fullmatch(self.device_key) or self.device_class not in set(DeviceClass):
            raise Refused(RefusalCode.DEFINITION_UNUSABLE, value=self.device_key[:80])
        name = require_filled("device_name", self.device_name, DEVICE_NAME_CHARACTERS_MAX)
        return Register(DEVICE, device_id_of(bytes.fromhex(self.device_key))), {
            "name": name, "device_class": self.device_class, "public_key": self.device_key, "active": True,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class RemoveDevice(PropertyAction):
    """Let a device write no more: who knows of it ends every session with it. What it wrote stays and can be verified."""

    name: ClassVar[str] = "remove_device"

    device: str

    def row(self, view: DeskView) -> tuple[Register, Value]:
        """See `PropertyAction`."""
        if self.device == view.device:
            raise Refused(RefusalCode.DEVICE_IS_THIS)
        shown = view.ledger.shown(Register(DEVICE, self.device)) if view.definition.device(self.device) else None
        if shown is None:
            raise Refused(RefusalCode.DEVICE_UNKNOWN, device=self.device[:40])
        return Register(DEVICE, self.device), {**shown, "active": False}


@dataclass(frozen=True, slots=True)
class DefineHotel(PropertyAction):
    """Change the hotel's names, time zone, and what its guest register asks for (fields parted by commas).

    Currency and opening date are given once, with the first row of all: nothing else can be done before.
    """

    name: ClassVar[str] = "define_hotel"
    founds: ClassVar[bool] = True

    name_ja: str
    name_en: str
    zone: str
    register_fields: str = ""
    currency: str | None = None
    opening_date: str | None = None

    def row(self, view: DeskView) -> tuple[Register, Value]:
        """See `PropertyAction`."""
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, OSError, ValueError) as error:
            raise Refused(RefusalCode.DEFINITION_UNUSABLE, value=self.zone[:40]) from error
        fields = [field for field in self.register_fields.split(",") if field]
        if not set(fields) <= set(PROFILE_FIELDS):
            raise Refused(RefusalCode.DEFINITION_UNUSABLE, value=self.register_fields[:40])
        currency, opening_date = self._given_once(view)
        return Register(HOTEL, view.definition.property_id), {
            **_names(self.name_ja, self.name_en), "zone": self.zone, "currency": currency,
            "opening_date": opening_date, "register_fields": ",".join(fields),
        }  # fmt: skip

    def _given_once(self, view: DeskView) -> tuple[str, str]:
        """Currency and opening date. Amounts and nights that were written already mean what they meant."""
        definition = view.definition
        stands = definition.currency.code, definition.opening_date
        asked = self.currency or stands[0], stands[1] if self.opening_date is None else require_date(self.opening_date)
        if asked[0] not in CURRENCIES or asked[1] == NOT_OPENED or (definition.is_founded and asked != stands):
            raise Refused(RefusalCode.DEFINITION_UNUSABLE, value=" ".join(asked)[:40])
        return asked


def _names(name_ja: str, name_en: str) -> dict[str, str]:
    return {"name_ja": require_filled("name_ja", name_ja), "name_en": require_filled("name_en", name_en)}
