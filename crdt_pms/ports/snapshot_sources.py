"""What a relay reads to make a snapshot: where in the order things began, and what was written since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from crdt_pms.journal.positions import Checkpoint
from crdt_pms.ports.records import CoveredJournal, WriteRecord


class SnapshotSources(Protocol):
    """See the module."""

    def register_segments(self, after: int, width: int) -> set[int]:
        """The segments of that width in which those registers began that were written after a position of the order."""
        ...

    def registers_begun(self, after: int, last: int) -> Iterator[WriteRecord]:
        """Every write of the registers that began in a range of the order, those of one register together."""
        ...

    def journal_segments(self, after: int, last: int, width: int) -> set[int]:
        """The segments in which those journals began that have entries in a range of the order."""
        ...

    def journals_begun(self, after: int, last: int, through: int) -> list[CoveredJournal]:
        """The journals that began in a range of the order, as they stood where the order ended at `through`."""
        ...

    def document_segments(self, after: int, last: int, width: int) -> set[int]:
        """The segments in which those documents began that have updates in a range of the order."""
        ...

    def documents_begun(self, after: int, last: int) -> list[str]:
        """The documents of which the first update stands in a range of the order."""
        ...

    def checkpoints_within(self, after: int, last: int) -> list[Checkpoint]:
        """The digests that are kept of the order in a range, without proofs."""
        ...
