"""The newest entries of a node's own log, decoded: every peer is sent them, and as a rule soon after they came."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import Dot

RECENT_ENTRIES_MAX: Final = 512


class RecentEntries:
    """The end of the log, of at most `RECENT_ENTRIES_MAX` entries.

    Invariant: `last_position` is that of the newest entry of the log, whether it is still kept here or not.
    """

    def __init__(self, last_position: int) -> None:
        self.last_position = last_position
        self._entries: deque[Entry] = deque()
        self._positions: dict[Dot, int] = {}

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

    def following(self, after: int, entries_max: int, bytes_max: int) -> list[Entry] | None:
        """The entries at the positions after `after`: at least one if there is any, else within both limits.

        None when they begin before what is kept here.
        """
        if after >= self.last_position:
            return []
        start = after + 1 - self._first
        if start < 0:
            return None
        found: list[Entry] = []
        size = 0
        for entry in islice(self._entries, start, start + entries_max):
            size += entry.size
            if found and size > bytes_max:
                break
            found.append(entry)
        return found

    def _forget(self) -> None:
        while len(self._entries) > RECENT_ENTRIES_MAX:
            del self._positions[self._entries.popleft().dot]

    @property
    def _first(self) -> int:
        """The position of the oldest entry that is kept."""
        return self.last_position + 1 - len(self._entries)
