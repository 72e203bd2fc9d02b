"""What an operation may say, by its structure alone, and what its fields mean: its own reading of the declared field groups.

What does not fit the structure is malformed and never counts; what makes no sense in a field is shown by a safe value.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, cast

from simulations.checkers.tables import Cell
from simulations.checkers.violation import Dot
from simulations.checkers.wire import CONTENT, PERSONAL, FormatWrong, Header, digest, packed, unpacked

Value = Mapping[str, Cell]
Check = Callable[[object], bool]

OCCUPANCY: Final = "stay.occupancy"
TERMS: Final = "stay.terms"
STAY_GUEST: Final = "stay.guest"
PROFILE: Final = "guest.profile"
WINDOW: Final = "folio.window"
SETTLEMENT: Final = "folio.settlement"
POSTING: Final = "posting.content"
DECISION: Final = "posting.decision"
DAY: Final = "property.day"

ROOM: Final = "room.definition"
ROOM_TYPE: Final = "room_type.definition"
CODE: Final = "code.definition"
STAFF: Final = "staff.member"
DEVICE: Final = "device.enrolment"
HOTEL: Final = "hotel.profile"
PREFERENCES: Final = "stay.preferences"
"""A group of the version after this one, as worlds of mixed versions have it; no readable row shows it."""
OF_PROPERTY: Final = (ROOM, ROOM_TYPE, CODE, STAFF, DEVICE, HOTEL)

APPEND: Final = 1
"""The flag of registers whose writes are never superseded."""
ADMINISTRATORS: Final = 2
"""The flag of registers that only administrators' devices write."""

ORIGINS: Final = ("hotel-pms", "hotel-member", "booking-engine")
_SALT_BYTES: Final = 16
_NEEDED: Final = object()
"""In place of what the absence of a field means: it means nothing."""
_INTEGER_MAX: Final = 2**53 - 1
_ISO_DATE: Final = re.compile(r"(19|2\d)\d\d-\d\d-\d\d", re.ASCII)
_UNUSABLE: Final = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, line separators and surrogates, by number: Unicode's own tables grow."""


NEXT_FORMAT: Final = 2
"""The format of the version after this one, as worlds of mixed versions have it: the content is compressed."""


class Write(NamedTuple):
    """One register written whole by an operation. `said` is equal for writes that say the same."""

    group: str
    row: str
    flags: int
    content: Value | None
    names: tuple[Dot, ...]
    reads: tuple[Dot, ...]
    base: Value | None
    resolution: bool
    said: bytes

    @property
    def is_declared(self) -> bool:
        """Whether this is a register of a group that is known here, of the kind that it has."""
        return self.group in FIELDS and self.flags == flags_of(self.group)


def flags_of(group: str) -> int:
    """The flags of the registers of a group that is known here."""
    return APPEND if group == POSTING else ADMINISTRATORS if group in OF_PROPERTY else 0


class Operation(NamedTuple):
    """What was done and by which system, as writes that apply together."""

    action: str
    origin: str
    reason: str
    writes: tuple[Write, ...]


def decode_operation(header: Header, parts: Sequence[bytes | None]) -> Operation:
    """The operation of an entry. Raises FormatWrong where every node, of whatever version, must have quarantined it."""
    _require([role for role, _digest in header.parts] in ([CONTENT], [CONTENT, PERSONAL]), "parts")
    content = parts[0]
    _require(content is not None, "no content")
    match unpacked(_opened(content or b"") if header.format == NEXT_FORMAT else content or b""):
        case [str(origin), str(reason), list(items)]:
            listed = cast("list[object]", items)
        case _:
            raise FormatWrong("not an operation")
    _require(1 <= len(origin) <= 100 and len(reason) <= 2_000 and "\0" not in origin + reason, "heading")
    _require(1 <= len(listed) <= 1_000 and len(listed) == len(header.keys), "number of writes")
    _require(all(_is_key(*key) for key in header.keys), "keys")
    _require(len({(group, row) for group, row, _flags in header.keys}) == len(listed), "one register written twice")
    seal = header.parts[1][1] if len(parts) > 1 else None
    sealed = None if seal is None or parts[1] is None else _unsealed(parts[1])
    writes = tuple(_write(place, item, header, seal, sealed) for place, item in enumerate(listed))
    _require({dot for write in writes for dot in write.names} == set(header.supersedes), "names that nothing replaces")
    _require({dot for write in writes for dot in write.reads} == set(header.reads), "reads that nothing has")
    hidden = {place for place, item in enumerate(listed) if cast("list[object]", item)[0] is None}
    _require(sealed is None or sealed.keys() == hidden, "personal content of no write")
    return Operation(header.action[0], origin, reason, writes)


def _opened(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error as error:
        raise FormatWrong("not compressed") from error


def read(group: str, content: Value | None) -> Value:
    """What is shown of a content: defaults where a field is absent, the safe value where it makes no sense."""
    shown: dict[str, Cell] = {}
    for name, field in FIELDS[group].items():
        written = (content or {}).get(field.wire, field.absent)
        shown[name] = cast("Cell", written) if field.makes_sense(written) else field.safe
    return shown


def senseless(group: str, content: Value | None) -> tuple[str, ...]:
    """The fields of a content that make no sense; of an erased one none."""
    if content is None:
        return ()
    return tuple(
        name for name, field in FIELDS[group].items() if not field.makes_sense(content.get(field.wire, field.absent))
    )


def _unsealed(part: bytes) -> dict[int, tuple[object, object]]:
    _require(len(part) >= _SALT_BYTES, "no salt")
    match unpacked(part[_SALT_BYTES:]):
        case list(items):
            found: dict[int, tuple[object, object]] = {}
        case _:
            raise FormatWrong("not a personal part")
    for item in cast("list[object]", items):
        match item:
            case [place, content, base] if (
                type(place) is int and place > max(found, default=-1) and content is not None
            ):
                found[place] = content, base
            case _:
                raise FormatWrong("not a personal content")
    return found


def _write(
    place: int,
    item: object,
    header: Header,
    seal: bytes | None,
    sealed: Mapping[int, tuple[object, object]] | None,
) -> Write:
    match item:
        case [content, list(indices), list(read_indices), base, bool(resolution)]:
            names = _dots(cast("list[object]", indices), header.supersedes)
            reads = _dots(cast("list[object]", read_indices), header.reads)
        case _:
            raise FormatWrong("not a write")
    group, row, flags = header.keys[place]
    _require(not resolution or len(names) > 0, "a resolution of nothing")
    _require(not flags & APPEND or not names, "a change of what is never superseded")
    said = b""
    if content is None:
        _require(seal is not None and base is None, "no content")
        said = digest((seal or b"") + place.to_bytes(4, "big"))
        _require(sealed is None or place in sealed, "no personal content")
        content, base = (None, None) if sealed is None else sealed[place]
    whole = None if content is None else _content(content)
    before = None if base is None else _content(base)
    return Write(group, row, flags, whole, names, reads, before, resolution, said or said_by(whole))


def said_by(content: Value | None) -> bytes:
    """The same for contents that say the same."""
    return digest(packed(None if content is None else sorted(content.items())))


def _is_key(group: str, row: str, flags: int) -> bool:
    return 1 <= len(group) <= 100 and "\0" not in group and _is_row_id(row) and 0 <= flags <= 3


def _dots(indices: list[object], listed: tuple[Dot, ...]) -> tuple[Dot, ...]:
    numbers = [index for index in indices if type(index) is int and 0 <= index < len(listed)]
    _require(len(numbers) == len(indices), "a name that the header has not")
    _require(numbers == sorted(set(numbers)), "names out of order")
    return tuple(listed[index] for index in numbers)


def _content(content: object) -> Value:
    _require(isinstance(content, dict), "a content that is no mapping")
    given = cast("dict[Any, Any]", content)
    _require(len(given) <= 200, "fields")
    for name, scalar in given.items():
        _require(isinstance(name, str) and 1 <= len(name) <= 60, "the name of a field")
        _require(_is_scalar(scalar), "a field")
    return cast("dict[str, Cell]", given)


def _is_scalar(scalar: object) -> bool:
    if isinstance(scalar, str):
        return len(scalar) <= 10_000
    return scalar is None or type(scalar) is bool or (type(scalar) is int and -_INTEGER_MAX <= scalar <= _INTEGER_MAX)


def _require(fits: bool, place: str) -> None:
    if not fits:
        raise FormatWrong(f"the operation does not fit: {place}")


def _text(characters_max: int = 2_000) -> Check:
    return lambda value: isinstance(value, str) and len(value) <= characters_max and "\0" not in value


def _integer(low: int = -_INTEGER_MAX, high: int = _INTEGER_MAX) -> Check:
    return lambda value: type(value) is int and low <= value <= high


def _choice(*words: str) -> Check:
    return lambda value: isinstance(value, str) and value in words


def _is_truth(value: object) -> bool:
    return type(value) is bool


def _is_row_id(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 200 and not _UNUSABLE.search(value)


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


class FieldRule(NamedTuple):
    """What a field may hold, what it shows where that makes no sense, and what its absence means."""

    check: Check
    safe: Cell
    absent: object = _NEEDED
    wire: str = ""

    def makes_sense(self, written: object) -> bool:
        """Whether a field may hold this."""
        return written is not _NEEDED and ((written is None and self.absent is None) or self.check(written))


def _fields(**rules: FieldRule) -> Mapping[str, FieldRule]:
    return {name: rule._replace(wire=rule.wire + name) for name, rule in rules.items()}


def _some(check: Check, safe: Cell) -> FieldRule:
    return FieldRule(check, safe)


def _maybe(check: Check, wire: str = "") -> FieldRule:
    return FieldRule(check, None, None, wire)


_NAME: Final = _some(_text(200), "")
_ACTIVE: Final = FieldRule(_is_truth, safe=True, absent=True)
FIELDS: Final[Mapping[str, Mapping[str, FieldRule]]] = {
    PREFERENCES: _fields(pillow=_maybe(_text())),
    OCCUPANCY: _fields(
        status=_some(
            _choice(
                "requested", "waitlisted", "optional", "reserved", "in_house", "checked_out", "cancelled", "no_show"
            ),
            "in_house",
        ),
        room=_maybe(_text(16)),
        arrived_at=_maybe(_integer(0)),
        departed_at=_maybe(_integer(0)),
        note=_maybe(_text()),
    ),
    TERMS: _fields(
        arrival=_some(_is_date, "2990-01-01"),
        nights=_some(_integer(0, 1_000), 1),
        room_type=_some(_text(100), ""),
        rate_minor=_some(_integer(), 0),
        adults=_some(_integer(0, 1_000), 1),
        children=_some(_integer(0, 1_000), 0),
        source=FieldRule(_text(200), "", wire="+"),
        segment=_maybe(_text(200), "+"),
        do_not_move=FieldRule(_is_truth, safe=True, absent=False),
    ),
    STAY_GUEST: _fields(guest=_some(_is_row_id, "")),
    PROFILE: _fields(
        name=_some(_text(), ""),
        **dict.fromkeys(("kana", "contact", "address", "nationality", "passport", "member"), _maybe(_text())),
    ),
    WINDOW: _fields(
        stay=_some(_is_row_id, ""), status=_some(_choice("open", "closed", "void"), "open"), note=_maybe(_text())
    ),
    SETTLEMENT: _fields(
        payment=_some(_is_row_id, ""), balance_minor=_some(_integer(), 0), method=_some(_text(100), "")
    ),
    POSTING: _fields(
        stay=_some(_is_row_id, ""),
        folio=_some(_is_row_id, ""),
        kind=_some(_choice("charge", "tax", "payment", "refund", "reversal", "transfer", "deposit"), "charge"),
        code=_some(_text(100), ""),
        amount_minor=_some(_integer(), 0),
        business_date=_some(_is_date, "1900-01-01"),
        revenue_date=_some(_is_date, "1900-01-01"),
        reverses=_maybe(_is_row_id),
        reference=_maybe(_text()),
        description=_some(_text(), ""),
    ),
    DECISION: _fields(entry=_some(_text(100), "")),
    DAY: _fields(date=_some(_is_date, "1900-01-01")),
    ROOM: _fields(floor=_some(_integer(-999, 999), 0), room_type=_some(_text(100), ""), active=_ACTIVE),
    ROOM_TYPE: _fields(name_ja=_NAME, name_en=_NAME, active=_ACTIVE),
    CODE: _fields(name_ja=_NAME, name_en=_NAME, kinds=_some(_text(500), ""), active=_ACTIVE),
    STAFF: _fields(
        name_ja=_NAME,
        name_en=_NAME,
        role=_some(_choice("clerk", "manager", "housekeeping"), "housekeeping"),
        active=_ACTIVE,
    ),
    DEVICE: _fields(
        name=_some(_text(64), ""),
        device_class=_some(_choice("terminal", "administrator", "relay"), "terminal"),
        public_key=_some(_text(64), ""),
        active=_ACTIVE,
    ),
    HOTEL: _fields(
        name_ja=_NAME,
        name_en=_NAME,
        zone=_some(_text(200), ""),
        currency=_some(_choice("JPY", "EUR", "USD"), "JPY"),
        opening_date=_some(_is_date, "1900-01-01"),
        register_fields=_some(_text(500), ""),
    ),
}
"""Every field group, what each of its fields may hold, and what is shown in its place."""
