"""The newest entries of a node's own log, decoded: every peer is sent them, and as a rule soon after they came."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.positions import CommittedRun

RECENT_ENTRIES_MAX: Final = 512


class RecentEntries:
    """The end of the log, of at most `RECENT_ENTRIES_MAX` entries.

    Invariant: `last_position` is that of the newest entry of the log, whether it is still kept here or not.
    """

    def __init__(self, last_position: int) -> None:
        self.last_position = last_position
        self._entries: deque[Entry] = deque()
        self._positions: dict[Dot, int] = {}
        self._committed: dict[Dot, int] = {}

    def __len__(self) -> int:
        """How many entries are kept."""
        return len(self._entries)

    def extend(self, entries: Sequence[Entry]) -> None:
        """What was stored is the newest of the log now."""
        for entry in entries:
            self.last_position += 1
            self._entries.append(entry)
            self._positions[entry.dot] = self.last_position
        self._forget()

    def hash_of(self, dot: Dot) -> bytes | None:
        """The hash of an entry; None when it is not kept here."""
        position = self._positions.get(dot)
        return None if position is None else self._entries[position - self._first].hash

    def note_committed(self, run: CommittedRun) -> None:
        """Those entries of a run that are kept here have a place in the committed order now."""
        for seq in range(run.first_seq, run.first_seq + run.count):
            dot = Dot(run.journal, seq)
            if dot in self._positions:
                self._committed[dot] = run.position + seq - run.first_seq

    def note_cut(self, position: int) -> None:
        """What stood after a position of the committed order has no place in it any more."""
        self._committed = {dot: committed for dot, committed in self._committed.items() if committed <= position}

    def following(self, after: int, position: int, entries_max: int, bytes_max: int) -> tuple[list[Entry], int] | None:
        """The entries after place `after` of the log that stand beyond a position of the committed order, or in none: at least
        one if there is any, else within both limits; and the place after which the next ones stand.

        None when they begin before what is kept here.
        """
        if after >= self.last_position:
            return [], after
        start = after + 1 - self._first
        if start < 0:
            return None
        found: list[Entry] = []
        size = 0
        for entry in islice(self._entries, start, None):
            if self._committed.get(entry.dot, position + 1) > position:
                size += entry.size
                if found and (size > bytes_max or len(found) == entries_max):
                    break
                found.append(entry)
            after += 1
        return found, after

    def _forget(self) -> None:
        while len(self._entries) > RECENT_ENTRIES_MAX:
            dot = self._entries.popleft().dot
            del self._positions[dot]
            self._committed.pop(dot, None)

    @property
    def _first(self) -> int:
        """The position of the oldest entry that is kept."""
        return self.last_position + 1 - len(self._entries)
