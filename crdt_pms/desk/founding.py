"""The first rows of a new property, as actions of its first administrator."""

from crdt_pms.desk.actions.property import (
    DefineCode,
    DefineHotel,
    DefineRoom,
    DefineRoomType,
    DefineStaff,
    PropertyAction,
)
from crdt_pms.hotel.founding_file import Founding


def founding_actions(
    founding: Founding, *, name_ja: str, name_en: str, zone: str, currency: str, opening_date: str
) -> list[PropertyAction]:
    """What the administrator does, in this order: the hotel itself first, because nothing else can be done before.

    `zone` is an IANA name, `currency` an ISO 4217 code, `opening_date` the first business date, ISO 8601.
    """
    return [
        DefineHotel(name_ja, name_en, zone, ",".join(founding.register_fields), currency, opening_date),
        *(DefineRoomType(room_type, ja, en) for room_type, (ja, en) in founding.room_types.items()),
        *(DefineRoom(room.number, room.floor, room.room_type) for room in founding.rooms),
        *(DefineStaff(one.staff_id, one.name_ja, one.name_en, one.role) for one in founding.staff),
        *(DefineCode(code.code, code.ja, code.en, ",".join(sorted(code.kinds))) for code in founding.codes),
    ]
