"""Which entries are not applied, or not wholly understood, and why."""

from __future__ import annotations

from typing import Protocol

from crdt_pms.journal.identifiers import Dot
from crdt_pms.ports.records import HeldRecord, QuarantineRecord


class WithheldEntries(Protocol):
    """See the module."""

    def put_held(self, record: HeldRecord) -> None:
        """Remember why an entry waits; a repeat replaces the reason."""
        ...

    def remove_held(self, dot: Dot) -> None:
        """Forget that an entry waited: it was applied or quarantined."""
        ...

    def held(self) -> list[HeldRecord]:
        """All entries that wait, in the order of the log."""
        ...

    def put_of_newer_group(self, dot: Dot) -> None:
        """Remember an applied entry that writes a group which this program does not know; a repeat is a no-op."""
        ...

    def remove_of_newer_group(self, dot: Dot) -> None:
        """Forget it: this program knows its groups."""
        ...

    def of_newer_groups(self) -> list[Dot]:
        """All applied entries that write groups which the program that applied them did not know."""
        ...

    def add_quarantine(self, record: QuarantineRecord) -> None:
        """Remember why an entry is not applied; a repeat is a no-op."""
        ...

    def quarantine(self) -> list[QuarantineRecord]:
        """All quarantined entries, in dot order."""
        ...
