"""The property, and the words for everything on its screens that has a fixed set of values."""

from dataclasses import dataclass

from crdt_pms.desk.documents import shift_log
from crdt_pms.desk.revisions import revision_of
from crdt_pms.desk.view import DeskView
from crdt_pms.desk.views.said import NamedValue, Said, named, said
from crdt_pms.hotel.statuses import BOARD_DEFAULTS
from crdt_pms.hotel.transaction_codes import PostingKind
from crdt_pms.hotel.words import (
    BOARD_FIELD_WORDS,
    BOARD_VALUE_WORDS,
    DISCREPANCY_WORDS,
    DUE_WORDS,
    FO_OCCUPANCY_WORDS,
    HK_RESERVATION_WORDS,
    POSTING_KIND_WORDS,
    PROFILE_FIELD_WORDS,
    STAY_STATUS_WORDS,
    WINDOW_STATUS_WORDS,
    Words,
)
from crdt_pms.ledger.matters import Matter, Policy


@dataclass(frozen=True, slots=True)
class CurrencyView:
    """The property's money: ISO 4217 code, decimal digits of its minor unit, its signs."""

    code: str
    minor_digits: int
    sign_ja: str
    sign_en: str


@dataclass(frozen=True, slots=True)
class StaffView:
    """A person who may act here. `role` is `clerk`, `manager` or `housekeeping`."""

    staff: str
    name: Said
    role: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device that an administrator wrote down. `device_class` is `terminal`, `administrator` or `relay`."""

    device: str
    name: str
    device_class: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class CodeView:
    """A transaction code and the kinds of posting that may carry it."""

    code: str
    words: Said
    kinds: tuple[PostingKind, ...]


@dataclass(frozen=True, slots=True)
class BoardFieldView:
    """A field of the room board. `values` is empty for free text; `default` is what it says before anybody wrote it."""

    field: str
    words: Said
    default: str
    values: tuple[NamedValue, ...]


@dataclass(frozen=True, slots=True)
class MatterView:
    """A kind of conflict or alert, and how it is settled."""

    matter: Matter
    words: Said
    policy: Policy
    is_conflict: bool


@dataclass(frozen=True, slots=True)
class PropertyView:
    """What a screen needs to know of the property before anything else. `shift_log` is the id of today's document.

    `is_founded` is false where no row has arrived yet: what is said of rooms, staff and days then means nothing. `revision`
    goes back with a form that changes the business date.
    """

    property_id: str
    is_founded: bool
    name: Said
    zone: str
    currency: CurrencyView
    business_date: str
    revision: str
    shift_log: str
    staff: tuple[StaffView, ...]
    devices: tuple[DeviceView, ...]
    is_administrator: bool
    room_types: tuple[str, ...]
    transaction_codes: tuple[CodeView, ...]
    board_fields: tuple[BoardFieldView, ...]
    matters: tuple[MatterView, ...]
    stay_statuses: tuple[NamedValue, ...]
    dues: tuple[NamedValue, ...]
    fo_occupancies: tuple[NamedValue, ...]
    discrepancies: tuple[NamedValue, ...]
    hk_reservations: tuple[NamedValue, ...]
    window_statuses: tuple[NamedValue, ...]
    posting_kinds: tuple[NamedValue, ...]
    profile_fields: tuple[NamedValue, ...]


def property_view(view: DeskView) -> PropertyView:
    """The property as screens know it."""
    definition = view.definition
    currency = definition.currency
    return PropertyView(
        property_id=definition.property_id,
        is_founded=definition.is_founded,
        name=Said(definition.name_ja, definition.name_en),
        zone=definition.zone,
        currency=CurrencyView(currency.code, currency.minor_digits, currency.sign_ja, currency.sign_en),
        business_date=view.business_date,
        revision=revision_of(view, "property", definition.property_id),
        shift_log=shift_log(view.business_date),
        staff=tuple(
            StaffView(one.staff_id, Said(one.name_ja, one.name_en), one.role, one.is_active) for one in definition.staff
        ),
        devices=tuple(
            DeviceView(one.device_id, one.name, one.device_class, one.is_active) for one in definition.devices
        ),
        is_administrator=view.is_administrator,
        room_types=definition.rooms.room_types,
        transaction_codes=tuple(
            CodeView(code.code, Said(code.ja, code.en), tuple(sorted(code.kinds))) for code in definition.codes.values()
        ),
        board_fields=tuple(
            BoardFieldView(field, said(words), BOARD_DEFAULTS[field], named(BOARD_VALUE_WORDS.get(field, {})))
            for field, words in BOARD_FIELD_WORDS.items()
        ),
        matters=tuple(_matter(matter) for matter in Matter),
        stay_statuses=named(STAY_STATUS_WORDS),
        dues=named(DUE_WORDS),
        fo_occupancies=named(FO_OCCUPANCY_WORDS),
        discrepancies=named(DISCREPANCY_WORDS),
        hk_reservations=named(HK_RESERVATION_WORDS),
        window_statuses=named(WINDOW_STATUS_WORDS),
        posting_kinds=named(POSTING_KIND_WORDS),
        profile_fields=named(PROFILE_FIELD_WORDS),
    )


def _matter(matter: Matter) -> MatterView:
    words = said(Words(matter.japanese, matter.english))
    return MatterView(matter, words, matter.policy, matter.is_conflict)
