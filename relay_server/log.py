"""The relay's order of forwarding: the newest entries in memory, older ones in PostgreSQL.

Sessions read in the order in which this process took entries, committed or not. With one relay process that is the committed
order; with several, entries that another process committed come in between, so the two orders must not be confused. A cursor
therefore says in which of them it counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import Dot, JournalId
from relay_server.limits import CHECKPOINTS_MAX, TAIL_BYTES_MAX, TAIL_ENTRIES_MAX


class InMemory(NamedTuple):
    """A cursor after the entry of that number of the forwarding order."""

    number: int


class InDatabase(NamedTuple):
    """A cursor after that committed position."""

    position: int


Place = InMemory | InDatabase


def cursor_of(place: Place) -> int:
    """A place as one integer, for sessions, to whom it means nothing."""
    return place.number * 2 + 1 if isinstance(place, InMemory) else place.position * 2


def place_of(cursor: int) -> Place:
    """Read back `cursor_of`."""
    return InMemory(cursor // 2) if cursor % 2 else InDatabase(cursor // 2)


class _Checkpoint(NamedTuple):
    """All entries up to `position` of the committed order have numbers up to `number` of the forwarding order."""

    number: int
    position: int


class ForwardLog:
    """The tail of the forwarding order.

    Invariants:
    1. Every committed entry up to `through` was appended here or lies before the tail; entries keep their number.
    2. Only committed entries leave the tail, so that a peer that falls behind finds them in PostgreSQL.
    3. A cursor leads to every entry after it at least once. An entry may come twice where the orders differ: receivers take
       repeats for what they are.
    """

    def __init__(self, through: int) -> None:
        """`through` is the last position that PostgreSQL holds at the start."""
        self._tail: list[Entry] = []
        self._tail_bytes = 0
        self._hashes: dict[Dot, bytes] = {}
        self._before = 0
        self._positions: dict[Dot, int] = {}
        self._before_position = through
        self._checkpoints: list[_Checkpoint] = [_Checkpoint(0, through)]
        self.through = through

    @property
    def end(self) -> InMemory:
        """The place after the newest entry."""
        return InMemory(self._before + len(self._tail))

    @property
    def held(self) -> int:
        """How many entries are in memory."""
        return len(self._tail)

    def hash_of(self, dot: Dot) -> bytes | None:
        """The hash of an entry that is still in memory."""
        return self._hashes.get(dot)

    def of_journal(self, journal: JournalId, first_seq: int) -> list[Entry]:
        """The entries of one journal that are still in memory, from a number on."""
        return [entry for entry in self._tail if entry.dot.journal == journal and entry.dot.seq >= first_seq]

    def append(self, entries: Iterable[Entry]) -> None:
        """Take entries for forwarding."""
        for entry in entries:
            self._tail.append(entry)
            self._tail_bytes += entry.size
            self._hashes[entry.dot] = entry.hash

    def note_committed(self, positions: Mapping[Dot, int], through: int) -> None:
        """Note where entries of the tail stand in the committed order, known without a gap up to `through`."""
        self._positions.update(positions)
        self.through = through
        checkpoint = _Checkpoint(self.end.number, through)
        if checkpoint != self._checkpoints[-1]:
            self._checkpoints.append(checkpoint)
        if len(self._checkpoints) > CHECKPOINTS_MAX:
            # A coarser memory only makes a peer that falls behind read a little more again.
            del self._checkpoints[1:-1:2]
        self._trim()

    def resolve(self, place: Place) -> Place:
        """The same place as it can be read now: in memory if at all possible, else in PostgreSQL."""
        if isinstance(place, InMemory):
            if place.number >= self._before:
                return place
            index = bisect_right(self._checkpoints, place.number, key=lambda checkpoint: checkpoint.number)
            place = InDatabase(self._checkpoints[index - 1].position)
        return InMemory(self._before) if place.position >= self._before_position else place

    def journals_beyond(self, position: int) -> set[JournalId]:
        """The journals of the entries in memory that stand beyond a committed position, or in none."""
        return {entry.dot.journal for entry in self._tail if self._is_beyond(entry, position)}

    def read(self, place: InMemory, position: int, entries_max: int, bytes_max: int) -> tuple[list[Entry], InMemory]:
        """The next entries in memory that stand beyond a committed position, or in none: at least one if there is any, else
        within both limits."""
        entries: list[Entry] = []
        size = 0
        number = place.number
        for entry in self._tail[number - self._before :]:
            if self._is_beyond(entry, position):
                size += entry.size
                if entries and (size > bytes_max or len(entries) == entries_max):
                    break
                entries.append(entry)
            number += 1
        return entries, InMemory(number)

    def _is_beyond(self, entry: Entry, position: int) -> bool:
        return self._positions.get(entry.dot, position + 1) > position

    def _trim(self) -> None:
        leaving = 0
        while len(self._tail) - leaving > TAIL_ENTRIES_MAX or self._tail_bytes > TAIL_BYTES_MAX:
            entry = self._tail[leaving]
            position = self._positions.pop(entry.dot, None)
            if position is None:
                break
            leaving += 1
            self._tail_bytes -= entry.size
            del self._hashes[entry.dot]
            self._before_position = max(self._before_position, position)
        del self._tail[:leaving]
        self._before += leaving
