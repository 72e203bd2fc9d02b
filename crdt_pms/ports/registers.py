"""The merged state of rows: every write of every register, which rows are live, and the content digest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from crdt_pms.journal.identifiers import Dot
from crdt_pms.ports.records import NOWHERE, WriteRecord


class Registers(Protocol):
    """See the module."""

    def writes(self) -> Iterator[WriteRecord]:
        """Every write of every register, those of one register together, for loading a ledger."""
        ...

    def writes_of_row(self, groups: Sequence[str], row: str) -> list[WriteRecord]:
        """Every write of the registers of these groups of one row, those of one register together."""
        ...

    def writes_of_group(self, group: str) -> Iterator[WriteRecord]:
        """Every write of the registers of one group, those of one register together."""
        ...

    def live_writes(self, kind: str, groups: Sequence[str]) -> Iterator[WriteRecord]:
        """Every write of the registers of these groups of the live rows of a kind, those of one register together."""
        ...

    def put_live(self, kind: str, row: str) -> None:
        """Mark a row as live; a repeat is a no-op."""
        ...

    def remove_live(self, kind: str, row: str) -> None:
        """Take the mark away; a repeat is a no-op."""
        ...

    def live_rows(self) -> list[tuple[str, str]]:
        """Kind and id of every live row, in order."""
        ...

    def put_writes(self, records: Iterable[WriteRecord], positions: Mapping[Dot, int] = NOWHERE) -> None:
        """Write how writes are held, replacing how each was held before.

        `positions` are the places of their entries in the committed order, on a node that makes snapshots. The first one of a
        write stays.
        """
        ...

    def registers_after(self, register: tuple[str, str, int] | None, registers_max: int) -> list[tuple[str, str, int]]:
        """The next registers, by group, row and flags; None: from the first one on."""
        ...

    def content_sums(self) -> dict[int, bytes]:
        """The sums of the content digest by bucket; those that were never put are absent."""
        ...

    def put_content_sums(self, sums: Mapping[int, bytes]) -> None:
        """Replace the sums of these buckets."""
        ...

    def forget_derived(self) -> None:
        """Empty every table of what follows from the log."""
        ...
