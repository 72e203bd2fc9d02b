"""Reads a Yjs v1 update without applying it: what it adds, under which keys, and what it deletes.

Format: y-protocols and yjs `src/utils/UpdateDecoder.js`, `src/structs/Item.js` (encoding v1). Only what our documents are
made of is known here; everything else is refused, which also keeps nested shared types, formats and embeds out.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from crdt_pms.documents.errors import UpdateRefused
from crdt_pms.documents.limits import CLIENT_ID_BITS, CLOCK_MAX

_HAS_ORIGIN: Final = 0x80
_HAS_RIGHT_ORIGIN: Final = 0x40
_HAS_PARENT_KEY: Final = 0x20
_CONTENT_MASK: Final = 0x1F

_GARBAGE: Final = 0
_DELETED: Final = 1
_STRING: Final = 4
_ANY: Final = 8

_ANY_BUFFER: Final = 116
_VARIABLE_BITS_MAX: Final = 63
_BASIC_PLANE_LAST: Final = "\uffff"


class ItemId(NamedTuple):
    """One item of a document: its author's client id, and its place among what that client added."""

    client: int
    clock: int


class Item(NamedTuple):
    """One piece of added content, from `clock` on.

    `content` is a text, the bytes of one value, or None for what was deleted again before it was sent. Neighbours are
    `origin` on the left and `right_origin`. An item without any names its `root` type and, in a map, its `key`; every other
    item stands where its neighbours stand, in a map under the key of its origin.
    """

    clock: int
    content: str | bytes | None
    origin: ItemId | None = None
    right_origin: ItemId | None = None
    root: str | None = None
    key: str | None = None


class Deletion(NamedTuple):
    """The items of one client from `clock` on, as many as `length`."""

    client: int
    clock: int
    length: int


class Update(NamedTuple):
    """What one update says. `client` is None when it adds nothing; else it adds what that client has from `start` to `end`."""

    client: int | None
    start: int
    end: int
    items: tuple[Item, ...]
    deletions: tuple[Deletion, ...]


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at == len(self._data)

    def byte(self) -> int:
        if self._at >= len(self._data):
            raise UpdateRefused("the update is truncated")
        value = self._data[self._at]
        self._at += 1
        return value

    def number(self) -> int:
        value = 0
        for shift in range(0, _VARIABLE_BITS_MAX, 7):
            part = self.byte()
            value |= (part & 0x7F) << shift
            if part < 0x80:
                return value
        raise UpdateRefused("a number in the update is too large")

    def client(self) -> int:
        client = self.number()
        if client >> CLIENT_ID_BITS:
            raise UpdateRefused("a client id in the update is too large")
        return client

    def item_id(self) -> ItemId:
        return ItemId(self.client(), _within_clock(self.number()))

    def buffer(self) -> bytes:
        length = self.number()
        end = self._at + length
        if end > len(self._data):
            raise UpdateRefused("the update is truncated")
        value = self._data[self._at : end]
        self._at = end
        return value

    def text(self) -> str:
        try:
            return self.buffer().decode()
        except UnicodeDecodeError as error:
            raise UpdateRefused("the update holds text that is not UTF-8") from error


def read_update(update: bytes) -> Update:
    """What an update says. UpdateRefused when it is malformed, or holds what our documents never hold.

    It adds content of one client at most: an update is what one journal says.
    """
    reader = _Reader(update)
    authors = reader.number()
    if authors > 1:
        raise UpdateRefused(f"the update adds content of {authors} clients, a journal writes as one")
    client: int | None = None
    start = clock = 0
    items: list[Item] = []
    if authors:
        count, client, start = reader.number(), reader.client(), _within_clock(reader.number())
        clock = start
        for _ in range(count):
            item, length = _read_item(reader, clock)
            items.append(item)
            clock = _within_clock(clock + length)
    deletions: list[Deletion] = []
    for _ in range(reader.number()):
        deleted = reader.client()
        for _ in range(reader.number()):
            deletion = Deletion(deleted, reader.number(), reader.number())
            _within_clock(deletion.clock + deletion.length)
            deletions.append(deletion)
    if not reader.at_end:
        raise UpdateRefused("bytes follow the end of the update")
    return Update(client, start, clock, tuple(items), tuple(deletions))


def read_state_vector(state: bytes) -> dict[int, int]:
    """For each client how many clocks of it a document has."""
    reader = _Reader(state)
    return {reader.number(): reader.number() for _ in range(reader.number())}


def _within_clock(clock: int) -> int:
    if clock > CLOCK_MAX:
        raise UpdateRefused(f"an item of the update has the number {clock}, at most {CLOCK_MAX} is allowed")
    return clock


def _read_item(reader: _Reader, clock: int) -> tuple[Item, int]:
    """The item that begins at `clock`, and how many clocks it takes."""
    info = reader.byte()
    if info == _GARBAGE:
        return Item(clock, None), reader.number()
    origin = reader.item_id() if info & _HAS_ORIGIN else None
    right_origin = reader.item_id() if info & _HAS_RIGHT_ORIGIN else None
    root = key = None
    if origin is None and right_origin is None:
        if reader.number() != 1:
            raise UpdateRefused("the update holds a nested shared type")
        root = reader.text()
        key = reader.text() if info & _HAS_PARENT_KEY else None
    content, length = _read_content(reader, info & _CONTENT_MASK)
    return Item(clock, content, origin, right_origin, root, key), length


def _read_content(reader: _Reader, kind: int) -> tuple[str | bytes | None, int]:
    if kind == _DELETED:
        return None, reader.number()
    if kind == _STRING:
        text = reader.text()
        # Yjs counts UTF-16 units.
        return text, len(text) + sum(character > _BASIC_PLANE_LAST for character in text)
    if kind == _ANY:
        if reader.number() != 1 or reader.byte() != _ANY_BUFFER:
            raise UpdateRefused("the update holds a value that is not one piece of bytes")
        return reader.buffer(), 1
    raise UpdateRefused(f"the update holds content of kind {kind}")
