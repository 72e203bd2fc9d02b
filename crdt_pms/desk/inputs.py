"""Checks of what a person typed, before any rule of the hotel is asked."""

import re
import unicodedata
from typing import Final

from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.hotel.card_numbers import find_card_number, find_number_written_as_card
from crdt_pms.hotel.errors import DateInvalid, MoneyInvalid
from crdt_pms.hotel.money import require_minor
from crdt_pms.hotel.nights import NIGHTS_MAX, parse_date
from crdt_pms.hotel.odd_terms import GUESTS_MAX
from crdt_pms.hotel.words import PROFILE_FIELD_WORDS, Words

TEXT_CHARACTERS_MAX: Final = 200
REASON_CHARACTERS_MAX: Final = 500
NOTE_CHARACTERS_MAX: Final = 20_000

FIELD_WORDS: Final[dict[str, Words]] = {
    **PROFILE_FIELD_WORDS,
    "reason": Words("理由", "The reason"),
    "note": Words("メモ", "The note"),
    "source": Words("予約経路", "The source"),
    "segment": Words("市場区分", "The segment"),
    "room_type": Words("部屋タイプ", "The room type"),
    "description": Words("摘要", "The description"),
    "reference": Words("参照番号", "The reference"),
    "room": Words("客室番号", "The room number"),
    "name_ja": Words("名称(日本語)", "The name in Japanese"),
    "name_en": Words("名称(英語)", "The name in English"),
    "device_name": Words("端末名", "The name of the device"),
    "override_reason": Words("例外の理由", "The reason for the exception"),
}

_FIELDS_OF_OTHER_NUMBERS: Final = frozenset({"member", "passport"})
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def require_text(field: str, given: str, characters_max: int = TEXT_CHARACTERS_MAX) -> str:
    """The text without spaces around it; it may be empty. Refused when too long, not printable, or with a card number."""
    text = given.strip()
    if len(text) > characters_max or not all(map(_is_usable, text)):
        raise Refused(
            RefusalCode.TEXT_UNUSABLE,
            field=FIELD_WORDS.get(field, Words(field, field)),
            length_max=characters_max,
        )
    if text and _find_card_number(field, text) is not None:
        raise Refused(RefusalCode.CARD_NUMBER, field=FIELD_WORDS.get(field, Words(field, field)))
    return text


def _find_card_number(field: str, text: str) -> str | None:
    """See `crdt_pms.hotel.card_numbers` for what is looked for where."""
    if field in _FIELDS_OF_OTHER_NUMBERS:
        return None
    return find_number_written_as_card(text) if field == "contact" else find_card_number(text)


def is_storable(text: str) -> bool:
    """Whether every database, file and screen takes the text: it holds no NUL and no half of a surrogate pair."""
    return _NO_TEXT.search(text) is None


def _is_usable(character: str) -> bool:
    # Python calls no space printable but the ASCII one; Japanese names are written with U+3000 between them.
    return character.isprintable() or unicodedata.category(character) == "Zs"


def require_filled(field: str, given: str, characters_max: int = TEXT_CHARACTERS_MAX) -> str:
    """Like `require_text`, refused when empty too."""
    text = require_text(field, given, characters_max)
    if not text:
        raise Refused(RefusalCode.TEXT_MISSING, field=FIELD_WORDS.get(field, Words(field, field)))
    return text


def optional_text(field: str, given: str | None) -> str | None:
    """Like `require_text`; nothing and only spaces are None."""
    return (require_text(field, given) or None) if given is not None else None


def require_key(key: str) -> str:
    """An idempotency key, or an id that another system gave. Refused when it is not of the allowed characters."""
    if not _KEY.fullmatch(key):
        raise Refused(RefusalCode.KEY_UNUSABLE, key=key[:80])
    return key


def require_date(given: str) -> str:
    """An ISO date. Refused when it is none."""
    try:
        parse_date(given)
    except DateInvalid as error:
        raise Refused(RefusalCode.DATE_IMPOSSIBLE, date=given[:40]) from error
    return given


def require_nights(nights: int) -> int:
    """A possible number of nights."""
    if not 0 <= nights <= NIGHTS_MAX:
        raise Refused(RefusalCode.NIGHTS_IMPOSSIBLE, nights=nights, nights_max=NIGHTS_MAX)
    return nights


def require_guests(adults: int, children: int) -> None:
    """Possible numbers of guests."""
    if not (0 <= adults <= GUESTS_MAX and 0 <= children <= GUESTS_MAX):
        raise Refused(RefusalCode.GUESTS_IMPOSSIBLE, adults=adults, children=children, guests_max=GUESTS_MAX)


def require_amount(amount_minor: int) -> int:
    """An amount within bounds, of either sign."""
    try:
        return require_minor(amount_minor)
    except MoneyInvalid as error:
        raise Refused(RefusalCode.AMOUNT_IMPOSSIBLE, amount_minor=str(amount_minor)[:40]) from error


def require_amount_above_zero(amount_minor: int) -> int:
    """An amount of money that changes hands."""
    if require_amount(amount_minor) <= 0:
        raise Refused(RefusalCode.AMOUNT_IMPOSSIBLE, amount_minor=amount_minor)
    return amount_minor
