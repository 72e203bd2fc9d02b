"""What is held of journals, and in which order: the node's own, and the relay's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.positions import Checkpoint, CommittedRun
from crdt_pms.ports.records import EntryName, HeldJournal, JournalRecord, Placed


class Log(Protocol):
    """See the module."""

    def journals(self) -> list[JournalRecord]:
        """All known journals with their heads."""
        ...

    def held_journals(self) -> list[HeldJournal]:
        """All known journals. No certificate is decoded for that."""
        ...

    def device_names(self) -> Mapping[str, str]:
        """What administrators called the devices of the known journals, by device id; of one certificate of each device."""
        ...

    def newest_stamps(self) -> Mapping[JournalId, tuple[int, Stamp]]:
        """Number and stamp of the last entry of each journal of which one is held. No entry is decoded for that."""
        ...

    def certificate(self, journal: JournalId) -> Certificate | None:
        """The certificate of a journal; None for one that is not known."""
        ...

    def head(self, journal: JournalId) -> Head | None:
        """How far a journal is held; None for one that is not known."""
        ...

    def add_journal(self, certificate: Certificate) -> None:
        """Remember a verified certificate; a repeat is a no-op."""
        ...

    def append_entries(self, placed: Sequence[Placed]) -> None:
        """Add verified entries at the end of the log and advance the heads of their journals.

        The caller must give positions that continue `last_position` and entries that continue their journals.
        """
        ...

    def last_position(self) -> int:
        """The position of the newest entry of the log; 0 when empty. On PostgreSQL this locks the property's commit counter
        until the transaction ends, so that positions are given out in commit order."""
        ...

    def entries_after(self, position: int, entries_max: int, bytes_max: int) -> list[Placed]:
        """The next entries of the log; at least one if there is any, else within both limits."""
        ...

    def entries_beyond(self, committed: int, position: int, entries_max: int, bytes_max: int) -> list[Placed]:
        """Those of `entries_after` that stand beyond a committed position, or are tentative."""
        ...

    def first_beyond(self, committed: int) -> int | None:
        """The position of the first entry of the log that stands beyond a committed position, or is tentative."""
        ...

    def journals_beyond(self, committed: int) -> list[JournalId]:
        """The journals that have entries beyond a committed position, or tentative ones, in order."""
        ...

    def entry(self, dot: Dot) -> Placed | None:
        """One entry by its identity."""
        ...

    def entry_hash(self, dot: Dot) -> bytes | None:
        """The hash of an entry by its identity."""
        ...

    def entry_name(self, dot: Dot) -> EntryName | None:
        """What later entries may need of an entry, also of one that is absent because a snapshot stands for it."""
        ...

    def journal_entries(self, journal: JournalId, first_seq: int, entries_max: int) -> list[Placed]:
        """The entries of one journal in the log from a number on."""
        ...

    def mark_committed(self, run: CommittedRun) -> int:
        """Note the committed positions of a run. Returns how many of its entries were held and tentative, and so are marked."""
        ...

    def forget_committed(self, after: int) -> None:
        """Make the entries beyond a committed position tentative again, and forget the checkpoints there: the relay's database
        has another order."""
        ...

    def committed_hashes(self, after: int, entries_max: int) -> list[bytes]:
        """The hashes of the entries at the committed positions after `after`, ascending, up to `after + entries_max`."""
        ...

    def put_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep the digest of the committed order at a position; a repeat replaces it."""
        ...

    def remove_checkpoint(self, position: int) -> None:
        """Keep the digest at a position no longer."""
        ...

    def checkpoint_before(self, position: int) -> Checkpoint:
        """The last one that is kept at or before a position; the start of the order, at 0, if there is none."""
        ...

    def committed_runs(self, after: int, entries_max: int) -> list[CommittedRun]:
        """The known committed order after position `after`, without a gap at its start, ascending."""
        ...

    def tentative_count(self) -> int:
        """How many entries of the log have no committed position: the outbox of a terminal."""
        ...

    def is_committed(self, dot: Dot) -> bool:
        """Whether an entry is held and has a committed position."""
        ...
