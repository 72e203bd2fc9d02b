"""Snapshots that are kept, and what a node puts away because one stands for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ports.records import CoveredEntry, CoveredJournal, EntryName, Placed


class Snapshots(Protocol):
    """See the module."""

    def snapshot_heads(self) -> list[bytes]:
        """The heads of all snapshots that are kept, encoded, the oldest first."""
        ...

    def put_snapshot_head(self, through: int, head: bytes) -> None:
        """Keep the head of a snapshot that stands at that position of the committed order."""
        ...

    def remove_snapshot_head(self, through: int) -> None:
        """Keep it no longer."""
        ...

    def snapshot_chunk(self, name: bytes) -> bytes | None:
        """A chunk, or an index, by its name; None when it is not kept."""
        ...

    def snapshot_chunk_names(self) -> set[bytes]:
        """The names of everything of which `snapshot_chunk` gives the bytes."""
        ...

    def put_snapshot_chunk(self, name: bytes, body: bytes) -> None:
        """Keep a chunk; a repeat is a no-op."""
        ...

    def remove_snapshot_chunks(self, names: Collection[bytes]) -> None:
        """Keep these no longer."""
        ...

    def cover_journals(self, journals: Iterable[CoveredJournal]) -> None:
        """Learn journals from a snapshot: what it holds of them counts as held and committed."""
        ...

    def note_covered(self, numbers: Mapping[JournalId, int]) -> None:
        """Note up to which number the entries of journals may be absent from the log: they are committed, and a snapshot holds
        what follows from them. It never falls."""
        ...

    def covered(self, journal: JournalId) -> int:
        """Up to which number that is noted of a journal; 0 for none."""
        ...

    def prunable(self, after: int, last: int, entries_max: int) -> list[CoveredEntry]:
        """Where the next entries stand that are in the log and in a range of the committed order, in that order."""
        ...

    def entries_up_to(self, journal: JournalId, seq: int) -> list[CoveredEntry]:
        """Where the entries of a journal stand up to a number, as far as they are in the log."""
        ...

    def put_entry_names(self, names: Mapping[Dot, EntryName]) -> None:
        """Remember that of entries that are absent from the log."""
        ...

    def put_losing_values(self, entries: Iterable[Entry]) -> None:
        """Keep entries whole, beside the log, with whose values conflicts were about."""
        ...

    def losing_value(self, dot: Dot) -> Entry | None:
        """One of these; None for any other entry."""
        ...

    def remove_entries(self, positions: Sequence[int]) -> None:
        """Take entries out of the log; the heads of their journals stay, and `entry_name` goes on to give theirs."""
        ...

    def put_entries(self, placed: Sequence[Placed]) -> None:
        """Put entries in the log whose journals are held further already."""
        ...
