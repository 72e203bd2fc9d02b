"""What stands in a Yjs document, read as board and notes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import pycrdt

from simulations.checkers.registers import BOARD_MATTER, SETTLED, Concerned, OwnConflict, identity_of
from simulations.checkers.tables import Cell, Rows
from simulations.checkers.violation import Dot
from simulations.checkers.wire import FormatWrong, unpacked

BOARD: Final = "board"
TEXT: Final = "text"
_DEFAULTS: Final[Mapping[str, str]] = {
    "hk_condition": "dirty",
    "hk_occupancy": "unreported",
    "maintenance": "none",
    "maintenance_reason": "",
    "guest_service": "none",
}
"""What a field of the board says before anybody wrote it."""
_BOARD_ORIGIN: Final = "hotel-pms"
_KEY: Final = re.compile(r"(?P<room>[^/@\0]+)/(?P<field>[^/@\0]+)@(?P<journal>[0-9a-f]{32})")
_KEY_CHARACTERS_MAX: Final = 120
_VALUE_BYTES_MAX: Final = 4_096
_NUMBER_MAX: Final = 2**53 - 1

Board = Mapping[tuple[str, str], Sequence["Standing"]]
"""(room, field) → all values that stand, the newest first."""


class Standing(NamedTuple):
    """One value of one field of one room that no later write has removed. Sorts by age."""

    stamp: tuple[int, int]
    dot: Dot
    value: str
    author: str


def text_of(document: pycrdt.Doc[Any]) -> str:
    """What a note says."""
    return str(document.get(TEXT, type=pycrdt.Text))


def board_of(document: pycrdt.Doc[Any]) -> Board:
    """Every standing value of the board. Keys and values that no board writes are passed over."""
    found: dict[tuple[str, str], list[Standing]] = {}
    content: pycrdt.Map[Any] = document.get(BOARD, type=pycrdt.Map)
    for key, data in content.items():
        place = place_of(str(key))
        standing = None if place is None else standing_of(place[2], data)
        if place is not None and standing is not None:
            found.setdefault(place[:2], []).append(standing)
    return {place: sorted(values, reverse=True) for place, values in found.items()}


def room_rows(board: Board) -> Rows:
    """The readable rows of the rooms of which anything was ever said."""
    rooms: dict[str, dict[str, Standing]] = {}
    for (room, field), values in board.items():
        rooms.setdefault(room, {})[field] = values[0]
    return {room: _room_row(room, fields) for room, fields in rooms.items()}


def conflicts_of_board(board: Board) -> dict[str, OwnConflict]:
    """A conflict, by identity, for every field on which values stand that differ; the newest is shown."""
    found: dict[str, OwnConflict] = {}
    for (room, field), values in board.items():
        newest = values[0].value
        concerned = {
            standing.dot: Concerned({"value": standing.value}, standing.author, _BOARD_ORIGIN, standing.stamp[0])
            for standing in values
        }
        if any(standing.value != newest for standing in values):
            group = f"{BOARD}.{field}"
            identity = identity_of(group, room)
            found[identity] = OwnConflict(BOARD_MATTER, SETTLED, group, room, {"value": newest}, concerned, None, None)
    return found


def _room_row(room: str, fields: Mapping[str, Standing]) -> dict[str, Cell]:
    newest = max(fields.values())
    shown = {field: fields[field].value if field in fields else default for field, default in _DEFAULTS.items()}
    return {"room": room, **shown, "updated_ms": newest.stamp[0], "updated_by": newest.author}


def place_of(key: str) -> tuple[str, str, bytes] | None:
    """Room, field and journal of a key `room/field@journal`."""
    match = _KEY.fullmatch(key)
    if match is None or len(key) > _KEY_CHARACTERS_MAX:
        return None
    return match["room"], match["field"], bytes.fromhex(match["journal"])


def standing_of(journal: bytes, data: object) -> Standing | None:
    """What bytes under a key of that journal say; None for no value of the board."""
    if not isinstance(data, bytes | bytearray) or len(data) > _VALUE_BYTES_MAX:
        return None
    try:
        fields = unpacked(bytes(data))
    except FormatWrong:
        return None
    match fields:
        case [str(value), milliseconds, counter, seq, str(author)] if (
            all(type(number) is int and 0 <= number <= _NUMBER_MAX for number in (milliseconds, counter, seq))
            and "\0" not in value + author
        ):
            return Standing((milliseconds, counter), Dot(journal, seq), value, author)
        case _:
            return None
