"""The room board: last-writer-wins registers inside a Yjs map, with concurrent values kept readable.

Yjs decides two concurrent sets of one key by *client id*. So every journal writes under a key of its own
(`room/field@journal`), the value carries its time, and a write removes the keys that its author has seen. Reading takes the
newest by (stamp, journal, number). What stands beside it was written concurrently and stays readable until somebody who saw it
writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, cast

import msgpack
import pycrdt

from crdt_pms.documents.gate import BOARD_ROOT, apply_update, load_states
from crdt_pms.documents.limits import BOARD_KEY_CHARACTERS_MAX, BOARD_NUMBER_MAX, BOARD_VALUE_BYTES_MAX

JOURNAL_HEX_CHARACTERS = 32


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


class Board:
    """The board of one property. It lives on one thread."""

    def __init__(self, client_id: int) -> None:
        """`client_id` must belong to a journal that this process run alone writes."""
        self._document: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client_id)
        self._map: pycrdt.Map[Any] = self._document.get(BOARD_ROOT, type=pycrdt.Map)
        self._standing: dict[tuple[str, str], dict[str, BoardValue]] = {}
        self._rooms: dict[str, set[str]] = {}
        self._touched: set[str] = set()
        self._oddities: dict[str, str] = {}
        self._update: bytes | None = None
        self._map_subscription = self._map.observe(self._on_change)
        self._document_subscription = self._document.observe(self._on_transaction)

    @classmethod
    def load(cls, client_id: int, states: Iterable[bytes]) -> Board:
        """A board brought up to stored states and updates. DocumentCorrupt when one does not load."""
        board = cls(client_id)
        load_states(board._document, list(states))
        board._touched.clear()
        return board

    def apply(self, update: bytes) -> None:
        """Merge an update that passed `gate.check_update`. Raises UpdateRefused."""
        apply_update(self._document, update)

    def set_many(
        self, writes: Iterable[tuple[str, str, str]], stamp: tuple[int, int], journal: bytes, seq: int, author: str
    ) -> bytes:
        """Write (room, field, value) triples in one step and return the update to be journaled as entry (journal, seq)."""
        self._update = None
        with self._document.transaction():
            for room, field, value in writes:
                own = f"{room}/{field}@{journal.hex()}"
                for key in self._standing.get((room, field), {}):
                    if key != own:
                        del self._map[key]
                self._map[own] = _encode(BoardValue(value, stamp, journal, seq, author))
        assert self._update is not None, "a write always changes the document"
        return self._update

    def rooms(self) -> list[str]:
        """The rooms that anything was ever written about."""
        return sorted(self._rooms)

    def read(self, room: str) -> dict[str, BoardValue]:
        """The shown value of each field of a room; fields that nobody wrote are absent."""
        return {field: self._newest(room, field) for field in sorted(self._rooms.get(room, ()))}

    def concurrent(self, room: str, field: str) -> list[BoardValue]:
        """All standing values of a field, the shown one first."""
        standing = self._standing.get((room, field), {})
        return sorted(standing.values(), key=lambda value: value.rank, reverse=True)

    def conflicts(self) -> list[tuple[str, str, list[BoardValue]]]:
        """Fields with two or more standing values that differ: (room, field, values, the shown one first)."""
        return [
            (room, field, self.concurrent(room, field))
            for (room, field), standing in sorted(self._standing.items())
            if len({value.value for value in standing.values()}) > 1
        ]

    def oddities(self) -> Mapping[str, str]:
        """Keys that no honest writer makes, and what is wrong with each; they are never shown."""
        return self._oddities

    def take_touched(self) -> set[str]:
        """The rooms changed since the last call."""
        touched, self._touched = self._touched, set()
        return touched

    def dump(self) -> bytes:
        """The merged document."""
        return self._document.get_update()

    def content(self) -> dict[str, list[list[object]]]:
        """Canonical content: every standing value of every field, in an order that depends on nothing else."""
        return {
            f"{room}/{field}": [[*value[:2], value.journal.hex(), *value[3:]] for value in self.concurrent(room, field)]
            for room, field in sorted(self._standing)
        }

    def content_hash(self) -> bytes:
        """SHA-256 of the canonical content."""
        return hashlib.sha256(repr(sorted(self.content().items())).encode()).digest()

    def _newest(self, room: str, field: str) -> BoardValue:
        return max(self._standing[room, field].values(), key=lambda value: value.rank)

    def _on_transaction(self, event: Any) -> None:
        self._update = cast(bytes, event.update)

    def _on_change(self, event: Any) -> None:
        for key, change in cast(dict[str, dict[str, object]], event.keys).items():
            self._index(key, change.get("newValue") if change["action"] != "delete" else None)

    def _index(self, key: str, data: object) -> None:
        self._oddities.pop(key, None)
        parsed = _parse_key(key)
        if parsed is None:
            if data is not None:
                self._oddities[key[:BOARD_KEY_CHARACTERS_MAX]] = "not a key of the board"
            return
        room, field, journal = parsed
        self._touched.add(room)
        standing = self._standing.setdefault((room, field), {})
        value = None if data is None else _decode(data, journal)
        if value is not None:
            standing[key] = value
            self._rooms.setdefault(room, set()).add(field)
            return
        if data is not None:
            self._oddities[key] = "not a value of the board"
        standing.pop(key, None)
        if not standing:
            del self._standing[room, field]
            self._rooms.get(room, set()).discard(field)


def _encode(value: BoardValue) -> bytes:
    packed = msgpack.packb([value.value, *value.stamp, value.seq, value.author])
    assert len(packed) <= BOARD_VALUE_BYTES_MAX, "the desk bounds what it writes"
    return packed


def _decode(data: object, journal: bytes) -> BoardValue | None:
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


def _parse_key(key: str) -> tuple[str, str, bytes] | None:
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
    return (room, field, parsed) if parsed.hex() == journal else None
