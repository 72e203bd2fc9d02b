"""What registers and their values are called on the conflict desk and in alerts, in both languages."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final, cast

from crdt_pms.desk.folios import said as money
from crdt_pms.desk.view import DeskView
from crdt_pms.desk.views.stays import guest_name
from crdt_pms.hotel.field_words import FIELD_WORDS
from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.nights import local_date, local_time
from crdt_pms.hotel.transaction_codes import PostingKind
from crdt_pms.hotel.words import (
    BOARD_FIELD_WORDS,
    POSTING_KIND_WORDS,
    WINDOW_STATUS_WORDS,
    Words,
    board_value_words,
    code_words,
    stay_status_words,
)
from crdt_pms.ledger.conflicts import BOARD_GROUP
from crdt_pms.ledger.fields import Scalar, Value
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import FOLIO_WINDOW, POSTING, POSTING_DECISION
from crdt_pms.ledger.property_groups import CODE, DEVICE, HOTEL, ROOM, ROOM_TYPE, STAFF

_NOTHING: Final = Words("なし", "none")
_YES, _NO = Words("はい", "yes"), Words("いいえ", "no")
PASSPORT_CHARACTERS_SHOWN: Final = 2
_PASSPORT_CHARACTERS_MIN: Final = 6


def masked_value(group: str, value: Value) -> dict[str, Scalar]:
    """A copy of a value that a screen may have: the passport number but for its last two characters hidden."""
    passport = value.get("passport")
    if not group.startswith("guest.") or not isinstance(passport, str) or not passport:
        return dict(value)
    # Two characters tell two numbers apart for the person who must choose, and nothing else.
    shown = passport[-PASSPORT_CHARACTERS_SHOWN:] if len(passport) >= _PASSPORT_CHARACTERS_MIN else ""
    return {**value, "passport": f"•••{shown}"}


def value_words(view: DeskView, group: str, value: Value, fields: Collection[str]) -> Words:
    """Those fields of a register's value in words, in the order of `FIELD_WORDS`. Pass masked values only."""
    if group.startswith(BOARD_GROUP):
        return board_value_words(group.removeprefix(BOARD_GROUP), str(value["value"]))
    named = [
        (FIELD_WORDS[field], scalar_words(view, group, field, value[field]))
        for field in FIELD_WORDS
        if field in fields and field in value
    ]
    return Words(
        "、".join(f"{name.ja} {content.ja}" for name, content in named),
        ", ".join(f"{name.en} {content.en}" for name, content in named),
    )


def scalar_words(view: DeskView, group: str, field: str, scalar: Scalar) -> Words:
    """One field's content in words."""
    if scalar is None or scalar == "":
        return _NOTHING
    if isinstance(scalar, bool):
        return _YES if scalar else _NO
    if field.endswith("_minor") and isinstance(scalar, int):
        return money(view, scalar)
    if field.endswith("_at") and isinstance(scalar, int):
        return instant_words(view, scalar)
    if field == "guest":
        return _plain(guest_name(view, str(scalar)))
    if field == "stay":
        return stay_words(view, str(scalar))
    if field == "status" and group == FOLIO_WINDOW:
        return WINDOW_STATUS_WORDS[WindowStatus(str(scalar))]
    if field in ("code", "method"):
        return code_words(str(scalar), view.definition.codes)
    says = _SAYINGS.get(field)
    return _plain(str(scalar)) if says is None else says(str(scalar))


_SAYINGS: Final[Mapping[str, Callable[[str], Words]]] = MappingProxyType(
    {
        "status": stay_status_words,
        "kind": lambda kind: POSTING_KIND_WORDS[PostingKind(kind)],
    }
)


_OF_PROPERTY: Final[Mapping[str, Words]] = MappingProxyType(
    {
        ROOM: Words("客室", "Room"),
        ROOM_TYPE: Words("部屋タイプ", "Room type"),
        CODE: Words("科目", "Transaction code"),
        STAFF: Words("スタッフ", "Member of staff"),
        DEVICE: Words("端末", "Device"),
        HOTEL: Words("施設", "Hotel"),
    }
)


def instant_words(view: DeskView, milliseconds: int) -> Words:
    """An instant (UTC milliseconds) as date and time at the property."""
    zone = view.definition.zone
    return _plain(f"{local_date(milliseconds, zone)} {local_time(milliseconds, zone)}")


def stay_words(view: DeskView, stay_id: str) -> Words:
    """A stay as people call it: its guest, and its room if it names one; the id where there is no such stay."""
    stay = view.stay(stay_id)
    if stay is None:
        return _plain(stay_id)
    name = guest_name(view, stay.guest)
    if stay.room is None:
        return Words(f"{name} 様", name)
    return Words(f"{name} 様({stay.room}号室)", f"{name} (room {stay.room})")


def staff_words(view: DeskView, staff_id: str) -> Words:
    """A member of staff by name; the id of a person of whom no row is known."""
    for member in view.definition.staff:
        if member.staff_id == staff_id:
            return Words(member.name_ja, member.name_en)
    return _plain(staff_id)


def device_words(view: DeskView, device: str) -> Words:
    """A device as its administrator called it; the beginning of its id where no journal of it is known."""
    return _plain(view.device_names.get(device, device[:8]))


def about(view: DeskView, register: Register) -> Words:
    """What a register is about, as a heading."""
    group, row, _flags = register
    if group.startswith(BOARD_GROUP):
        field = group.removeprefix(BOARD_GROUP)
        named = BOARD_FIELD_WORDS.get(field, Words(field, field))
        return Words(f"{row}号室 {named.ja}", f"Room {row}: {named.en}")
    kind = group.partition(".")[0]
    if kind == "stay":
        return stay_words(view, row)
    if kind == "guest":
        name = guest_name(view, row)
        return Words(f"{name} 様", name)
    if kind == "folio":
        stay = stay_words(view, row.rpartition("/")[0])
        return Words(f"{stay.ja}の会計", f"Folio of {stay.en}")
    if group in (POSTING, POSTING_DECISION):
        return _about_posting(view, register)
    named = _OF_PROPERTY.get(group)
    if named is not None:
        return Words(f"{named.ja} {row}", f"{named.en} {row}")
    return Words("営業日", "Business date")


def _about_posting(view: DeskView, register: Register) -> Words:
    value = view.ledger.shown(register)
    if value is None:
        return _plain(register.row)
    stay = stay_words(view, cast("str", value["stay"]))
    code = code_words(cast("str", value["code"]), view.definition.codes)
    return Words(f"{stay.ja}の{code.ja}", f"{code.en} of {stay.en}")


def _plain(text: str) -> Words:
    return Words(text, text)
