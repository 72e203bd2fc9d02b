"""Keys and values of the board, as they stand in its Yjs map: `room/field@journal` → value, stamp, entry number, author."""

from __future__ import annotations

from typing import NamedTuple

import msgpack

from crdt_pms.documents.errors import BoardWriteRefused
from crdt_pms.documents.limits import BOARD_KEY_CHARACTERS_MAX, BOARD_NUMBER_MAX, BOARD_VALUE_BYTES_MAX

JOURNAL_HEX_CHARACTERS = 32


class BoardKey(NamedTuple):
    """Where a journal's value of one field of one room stands."""

    room: str
    field: str
    journal: bytes

    @property
    def place(self) -> tuple[str, str]:
        """Room and field."""
        return (self.room, self.field)


class BoardValue(NamedTuple):
    """One value of one field of one room: what, when (UTC milliseconds and counter), in which entry, by whom."""

    value: str
    stamp: tuple[int, int]
    journal: bytes
    seq: int
    author: str

    @property
    def rank(self) -> tuple[tuple[int, int], bytes, int]:
        """What decides: the newest stamp, then journal and number as a tie-break that means nothing."""
        return (self.stamp, self.journal, self.seq)


def encode_key(key: BoardKey) -> str:
    """The key in the map. BoardWriteRefused when `parse_key` would not give the same key back."""
    text = f"{key.room}/{key.field}@{key.journal.hex()}"
    if parse_key(text) != key or not _is_text(text):
        raise BoardWriteRefused(f"field {key.field!r} of room {key.room!r} cannot be written to the board")
    return text


def parse_key(key: str) -> BoardKey | None:
    """Room, field and journal; None for what no writer of ours makes."""
    place, at, journal = key.partition("@")
    room, slash, field = place.partition("/")
    if not (room and slash and field and at) or len(key) > BOARD_KEY_CHARACTERS_MAX:
        return None
    if len(journal) != JOURNAL_HEX_CHARACTERS or "/" in field or "\0" in place:
        return None
    try:
        parsed = bytes.fromhex(journal)
    except ValueError:
        return None
    # Only one spelling: two keys of one journal would tie, and what is shown would depend on the order of arrival.
    return BoardKey(room, field, parsed) if parsed.hex() == journal else None


def encode_value(value: BoardValue) -> bytes:
    """The value in the map. BoardWriteRefused when `decode_value` would not give the same value back."""
    if not _is_text(value.value + value.author):
        raise BoardWriteRefused("a value of the board and its author's name are text that a database can hold")
    packed = msgpack.packb([value.value, *value.stamp, value.seq, value.author])
    if decode_value(packed, value.journal) != value:
        raise BoardWriteRefused(f"the value and its author's name take {len(packed)} bytes, more than the board takes")
    return packed


def decode_value(data: object, journal: bytes) -> BoardValue | None:
    """The value under a key of that journal; None for what no writer of ours makes."""
    if not isinstance(data, bytes | bytearray) or len(data) > BOARD_VALUE_BYTES_MAX:
        return None
    try:
        fields: object = msgpack.unpackb(bytes(data))
    except Exception:  # noqa: BLE001 - msgpack raises many kinds; all mean the same here
        return None
    match fields:
        case [str() as value, int() as milliseconds, int() as counter, int() as seq, str() as author] if (
            _are_numbers(milliseconds, counter, seq) and "\0" not in value + author
        ):
            return BoardValue(value, (milliseconds, counter), journal, seq, author)
        case _:
            return None


def _are_numbers(*numbers: int) -> bool:
    return all(type(number) is int and 0 <= number <= BOARD_NUMBER_MAX for number in numbers)


def _is_text(text: str) -> bool:
    """Whether every reader can hold it: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
