"""Reads the structure of a Yjs v1 update without applying it.

Format: y-protocols and yjs `src/utils/UpdateDecoder.js`, `src/structs/Item.js` (encoding v1). Only what our documents are
made of is known here; everything else is refused, which also keeps nested shared types out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crdt_pms.documents.errors import UpdateRefused
from crdt_pms.documents.limits import CLIENTS_PER_UPDATE_MAX, STRUCTS_PER_UPDATE_MAX

_HAS_ORIGIN: Final = 0x80
_HAS_RIGHT_ORIGIN: Final = 0x40
_HAS_PARENT_KEY: Final = 0x20
_CONTENT_MASK: Final = 0x1F

_GARBAGE: Final = 0
_DELETED: Final = 1
_BINARY: Final = 3
_STRING: Final = 4
_ANY: Final = 8

_ANY_BUFFER: Final = 116
_VARIABLE_BITS_MAX: Final = 63


@dataclass(frozen=True, slots=True)
class UpdateOutline:
    """Which clients an update adds content of, and which root types it names."""

    authors: frozenset[int]
    roots: frozenset[str]


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


def read_outline(update: bytes) -> UpdateOutline:
    """The outline of an update. UpdateRefused when it is malformed or holds what our documents never hold."""
    reader = _Reader(update)
    roots: set[str] = set()
    authors: set[int] = set()
    budget = STRUCTS_PER_UPDATE_MAX
    for _ in range(_bounded(reader.number(), CLIENTS_PER_UPDATE_MAX, "clients")):
        structs = _bounded(reader.number(), budget, "structs")
        budget -= structs
        authors.add(reader.number())
        reader.number()
        for _ in range(structs):
            _read_struct(reader, roots)
    for _ in range(_bounded(reader.number(), CLIENTS_PER_UPDATE_MAX, "clients with deletions")):
        reader.number()
        for _ in range(_bounded(reader.number(), STRUCTS_PER_UPDATE_MAX, "deletions")):
            reader.number()
            reader.number()
    if not reader.at_end:
        raise UpdateRefused("bytes follow the end of the update")
    return UpdateOutline(frozenset(authors), frozenset(roots))


def _bounded(value: int, maximum: int, of_what: str) -> int:
    if value > maximum:
        raise UpdateRefused(f"the update has {value} {of_what}, at most {maximum} are allowed")
    return value


def _read_struct(reader: _Reader, roots: set[str]) -> None:
    info = reader.byte()
    if info == _GARBAGE:
        reader.number()
        return
    for flag in (_HAS_ORIGIN, _HAS_RIGHT_ORIGIN):
        if info & flag:
            reader.number()
            reader.number()
    if not info & (_HAS_ORIGIN | _HAS_RIGHT_ORIGIN):
        if reader.number() != 1:
            raise UpdateRefused("the update holds a nested shared type")
        roots.add(reader.text())
        if info & _HAS_PARENT_KEY:
            reader.text()
    _read_content(reader, info & _CONTENT_MASK)


def _read_content(reader: _Reader, content: int) -> None:
    if content == _DELETED:
        reader.number()
    elif content in (_BINARY, _STRING):
        reader.buffer()
    elif content == _ANY:
        for _ in range(_bounded(reader.number(), STRUCTS_PER_UPDATE_MAX, "values")):
            if reader.byte() != _ANY_BUFFER:
                raise UpdateRefused("the update holds a value that is not bytes")
            reader.buffer()
    else:
        raise UpdateRefused(f"the update holds content of kind {content}")
