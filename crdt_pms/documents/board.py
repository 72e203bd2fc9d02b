"""The room board: last-writer-wins registers inside a Yjs map, with concurrent values kept readable.

Yjs decides two concurrent sets of one key by *client id*. So every journal writes under a key of its own
(`room/field@journal`), the value carries its time, and a write removes the keys that its author has seen. Reading takes the
newest by (stamp, journal, number). What stands beside it was written concurrently and stays readable until an author who saw it
writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple, cast

import pycrdt

from crdt_pms.documents import limits
from crdt_pms.documents.board_values import (
    JOURNAL_HEX_CHARACTERS,
    BoardKey,
    BoardValue,
    decode_value,
    encode_key,
    encode_value,
    parse_key,
)
from crdt_pms.documents.errors import BoardWriteRefused, EditUndone
from crdt_pms.documents.gate import BOARD_ROOT, Signed
from crdt_pms.documents.limits import BOARD_NUMBER_MAX
from crdt_pms.documents.merging import Merger
from crdt_pms.documents.splitting import DELETION_BYTES_MAX, ITEM_BYTES_MAX, UPDATE_FRAME_BYTES_MAX

_LATEST: Final = (BOARD_NUMBER_MAX, BOARD_NUMBER_MAX)
_ANY_JOURNAL: Final = bytes(JOURNAL_HEX_CHARACTERS // 2)


class SignedUpdate(NamedTuple):
    """An update, and the entry that it is to be journaled as."""

    signed: Signed
    update: bytes


class _Portion(NamedTuple):
    """What goes into one update: values by key, and the keys that they take away."""

    values: dict[BoardKey, str]
    superseded: list[str]


class Board:
    """The board of one property. It lives on one thread."""

    def __init__(self, client_id: int) -> None:
        """`client_id` must belong to a journal that this process run alone writes."""
        self._document: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client_id)
        self._merger = Merger(self._document)
        self._map: pycrdt.Map[Any] = self._document.get(BOARD_ROOT, type=pycrdt.Map)
        self._standing: dict[tuple[str, str], dict[str, BoardValue]] = {}
        self._rooms: dict[str, set[str]] = {}
        self._touched: set[str] = set()
        self._update: bytes | None = None
        self._map_subscription = self._map.observe(self._on_change)
        self._document_subscription = self._document.observe(self._on_transaction)

    @classmethod
    def load(cls, client_id: int, updates: Iterable[bytes], state: bytes | None = None) -> Board:
        """A board brought up to a stored state and the updates after it. DocumentCorrupt when one does not load."""
        board = cls(client_id)
        board._merger.load(updates, state)
        board._touched.clear()
        return board

    def apply(self, update: bytes) -> None:
        """Merge an update that passed `gate.check_board_update`. Raises UpdateRefused."""
        self._merger.apply(update)

    def require_writable(self, writes: Iterable[tuple[str, str, str]], author: str) -> None:
        """BoardWriteRefused when some (room, field, value) triple of that author is none that every reader takes."""
        for room, field, value in writes:
            _weight(BoardKey(room, field, _ANY_JOURNAL), value, author)

    def set_many(
        self,
        writes: Iterable[tuple[str, str, str]],
        issue: Callable[[], tuple[int, int]],
        journal: bytes,
        first_seq: int,
        author: str,
    ) -> list[SignedUpdate]:
        """Write (room, field, value) triples, and return the updates to be journaled as entries `first_seq` and following.

        One update, as a rule. What it would take away may be more than one update may name; then several of them each write
        the value and take a part of the others away, so that what stands is valid after each. `issue` gives a new stamp.
        Raises BoardWriteRefused, and then nothing was written; EditUndone, and then the board must be loaded anew.
        """
        portions = list(self._portions(writes, journal, author))
        updates: list[SignedUpdate] = []
        for seq, portion in enumerate(portions, first_seq):
            signed = Signed(journal, seq, issue(), author)
            updates.append(SignedUpdate(signed, self._write(portion, signed)))
        self._merger.let_in()
        for key in (key for portion in portions for key in portion.values):
            if encode_key(key) not in self._standing.get(key.place, ()):
                raise EditUndone("what this run wrote on the board had been deleted beforehand")
        return updates

    def rooms(self) -> list[str]:
        """The rooms that anything was ever written about."""
        return sorted(self._rooms)

    def read(self, room: str) -> dict[str, BoardValue]:
        """The shown value of each field of a room; fields that were never written are absent."""
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

    def take_touched(self) -> set[str]:
        """The rooms changed since the last call."""
        touched, self._touched = self._touched, set()
        return touched

    @property
    def is_waiting(self) -> bool:
        """Whether an update waits for what it names; `dump` does not hold it."""
        return self._merger.is_waiting

    def dump(self) -> bytes:
        """The merged document."""
        return self._document.get_update()

    def content(self) -> dict[str, dict[str, list[BoardValue]]]:
        """Canonical content: of every room every standing value of every field, in an order that depends on nothing else."""
        return {room: self.content_of(room) for room in sorted(self._rooms) if self._rooms[room]}

    def content_of(self, room: str) -> dict[str, list[BoardValue]]:
        """Canonical content of one room: every standing value of every field, the shown one first."""
        return {field: self.concurrent(room, field) for field in sorted(self._rooms.get(room, ()))}

    def _portions(self, writes: Iterable[tuple[str, str, str]], journal: bytes, author: str) -> Iterator[_Portion]:
        """What is to be written, in portions that each fit an update."""
        budget = limits.UPDATE_BYTES_MAX - UPDATE_FRAME_BYTES_MAX
        portion, left = _Portion({}, []), budget
        # Of two values for one field the later one is meant.
        for key, value in {BoardKey(room, field, journal): value for room, field, value in writes}.items():
            weight = _weight(key, value, author)
            own = encode_key(key)
            waiting = [other for other in self._standing.get(key.place, ()) if other != own]
            is_written = False
            while waiting or not is_written:
                if left < weight + (DELETION_BYTES_MAX if waiting else 0):
                    yield portion
                    portion, left = _Portion({}, []), budget
                amount = (left - weight) // DELETION_BYTES_MAX
                portion.values[key] = value
                portion.superseded.extend(waiting[:amount])
                left -= weight + DELETION_BYTES_MAX * len(waiting[:amount])
                del waiting[:amount]
                is_written = True
        if portion.values:
            yield portion

    def _write(self, portion: _Portion, signed: Signed) -> bytes:
        self._update = None
        with self._document.transaction():
            for key in portion.superseded:
                del self._map[key]
            for key, value in portion.values.items():
                written = BoardValue(value, signed.stamp, signed.journal, signed.seq, signed.author)
                self._map[encode_key(key)] = encode_value(written)
        assert self._update is not None, "a write always changes the document"
        self._merger.count_own(self._update)
        return self._update

    def _newest(self, room: str, field: str) -> BoardValue:
        return max(self._standing[room, field].values(), key=lambda value: value.rank)

    def _on_transaction(self, event: Any) -> None:
        self._update = cast(bytes, event.update)

    def _on_change(self, event: Any) -> None:
        for key, change in cast(dict[str, dict[str, object]], event.keys).items():
            self._index(key, change.get("newValue") if change["action"] != "delete" else None)

    def _index(self, key: str, data: object) -> None:
        parsed = parse_key(key)
        if parsed is None:
            return  # The gate takes no such key.
        place = parsed.place
        self._touched.add(parsed.room)
        standing = self._standing.setdefault(place, {})
        value = None if data is None else decode_value(data, parsed.journal)
        if value is not None:
            standing[key] = value
            self._rooms.setdefault(parsed.room, set()).add(parsed.field)
            return
        standing.pop(key, None)
        if not standing:
            del self._standing[place]
            self._rooms.get(parsed.room, set()).discard(parsed.field)


def _weight(key: BoardKey, value: str, author: str) -> int:
    """The most bytes that a value takes in an update. BoardWriteRefused when no reader takes it, or no update holds it."""
    heaviest = BoardValue(value, _LATEST, key.journal, BOARD_NUMBER_MAX, author)
    weight = ITEM_BYTES_MAX + len(encode_key(key).encode()) + len(encode_value(heaviest))
    if UPDATE_FRAME_BYTES_MAX + weight + DELETION_BYTES_MAX > limits.UPDATE_BYTES_MAX:
        raise BoardWriteRefused(f"the value of {key.field!r} of room {key.room!r} is too long for one update")
    return weight
