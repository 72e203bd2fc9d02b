"""What an operation may say: its own reading of the declared field groups. What does not fit is malformed and never counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple, cast

from simulations.checkers.tables import Cell
from simulations.checkers.violation import Dot
from simulations.checkers.wire import FormatWrong, unpacked

Value = Mapping[str, Cell]
Check = Callable[[object], bool]

OCCUPANCY: Final = "stay.occupancy"
TERMS: Final = "stay.terms"
STAY_GUEST: Final = "stay.guest"
PROFILE: Final = "guest.profile"
WINDOW: Final = "folio.window"
SETTLEMENT: Final = "folio.settlement"
POSTING: Final = "posting.content"
DAY: Final = "property.day"

ORIGINS: Final = ("hotel-pms", "hotel-member", "booking-engine")
_PAYLOAD_BYTES_MAX: Final = 262_144
_INTEGER_MAX: Final = 2**53 - 1
_ISO_DATE: Final = re.compile(r"(19|2\d)\d\d-\d\d-\d\d", re.ASCII)
_UNUSABLE: Final = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, line separators and surrogates, by number: Unicode's own tables grow."""


class Write(NamedTuple):
    """One register written whole by an operation."""

    group: str
    row: str
    value: Value
    names: tuple[Dot, ...]
    base: Value | None
    resolution: bool


class Operation(NamedTuple):
    """What was done and by which system, as writes that apply together."""

    action: str
    origin: str
    reason: str
    writes: tuple[Write, ...]


def decode_operation(payload: bytes, dependencies: tuple[Dot, ...]) -> Operation:
    """The operation in an entry's payload. Raises FormatWrong where every node must have quarantined it."""
    _require(len(payload) <= _PAYLOAD_BYTES_MAX, "too large")
    match unpacked(payload):
        case [version, str(action), str(origin), str(reason), list(items)] if type(version) is int and version == 1:
            listed = cast("list[object]", items)
        case _:
            raise FormatWrong("not an operation")
    _require(1 <= len(action) <= 100 and len(reason) <= 2_000 and origin in ORIGINS, "heading")
    _require(1 <= len(listed) <= 1_000, "number of writes")
    writes = tuple(_write(item, dependencies) for item in listed)
    _require(len({(write.group, write.row) for write in writes}) == len(writes), "one register written twice")
    _require({dot for write in writes for dot in write.names} == set(dependencies), "names that no register replaces")
    return Operation(action, origin, reason, writes)


def _write(item: object, dependencies: tuple[Dot, ...]) -> Write:
    match item:
        case [str(group), str(row), dict(value), list(indices), base, bool(resolution)] if group in FIELDS:
            names = _names(cast("list[object]", indices), dependencies)
        case _:
            raise FormatWrong("not a write")
    _require(_is_row_id(row), "row id")
    _require(not resolution or len(names) > 1, "a resolution of nothing")
    _require(group != POSTING or resolution or not names, "a posting that changes")
    before = None if base is None else _value(group, base)
    return Write(group, row, _value(group, value), names, before, resolution)


def _names(indices: list[object], dependencies: tuple[Dot, ...]) -> tuple[Dot, ...]:
    numbers = [index for index in indices if type(index) is int and 0 <= index < len(dependencies)]
    _require(len(numbers) == len(indices), "a name that is no dependency")
    _require(numbers == sorted(set(numbers)), "names out of order")
    return tuple(dependencies[index] for index in numbers)


def _value(group: str, value: object) -> Value:
    fields = FIELDS[group]
    _require(isinstance(value, dict), "a value that is no mapping")
    given = cast("dict[Any, Any]", value)
    _require(given.keys() == fields.keys(), f"the fields of {group}")
    for name, check in fields.items():
        _require(check(given[name]), f"{group}.{name}")
    return cast("dict[str, Cell]", given)


def _require(fits: bool, place: str) -> None:
    if not fits:
        raise FormatWrong(f"the operation does not fit: {place}")


def _text(characters_max: int = 2_000) -> Check:
    return lambda value: isinstance(value, str) and len(value) <= characters_max and "\0" not in value


def _integer(low: int = -_INTEGER_MAX, high: int = _INTEGER_MAX) -> Check:
    return lambda value: type(value) is int and low <= value <= high


def _choice(*words: str) -> Check:
    return lambda value: isinstance(value, str) and value in words


def _optional(check: Check) -> Check:
    return lambda value: value is None or check(value)


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


FIELDS: Final[Mapping[str, Mapping[str, Check]]] = {
    OCCUPANCY: {
        "status": _choice(
            "requested", "waitlisted", "optional", "reserved", "in_house", "checked_out", "cancelled", "no_show"
        ),
        "room": _optional(_text(16)),
        "arrived_at": _optional(_integer(0)),
        "departed_at": _optional(_integer(0)),
        "note": _optional(_text()),
    },
    TERMS: {
        "arrival": _is_date,
        "nights": _integer(0, 1_000),
        "room_type": _text(100),
        "rate_minor": _integer(),
        "adults": _integer(0, 1_000),
        "children": _integer(0, 1_000),
        "source": _text(200),
        "segment": _optional(_text(200)),
        "do_not_move": _is_truth,
    },
    STAY_GUEST: {"guest": _is_row_id},
    PROFILE: {
        "name": _text(),
        **dict.fromkeys(("kana", "contact", "address", "nationality", "passport", "member"), _optional(_text())),
    },
    WINDOW: {"stay": _is_row_id, "status": _choice("open", "closed", "void"), "note": _optional(_text())},
    SETTLEMENT: {"payment": _is_row_id, "balance_minor": _integer(), "method": _text(100)},
    POSTING: {
        "stay": _is_row_id,
        "folio": _is_row_id,
        "kind": _choice("charge", "tax", "payment", "refund", "reversal", "transfer", "deposit"),
        "code": _text(100),
        "amount_minor": _integer(),
        "business_date": _is_date,
        "revenue_date": _is_date,
        "reverses": _optional(_is_row_id),
        "reference": _optional(_text()),
        "description": _text(),
    },
    DAY: {"date": _is_date},
}
"""Every field group and what each of its fields may hold."""
