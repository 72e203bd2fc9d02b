"""The readable rows: written by the projection, and asked for what belongs together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from crdt_pms.ports.records import RowChange, Scalar


class ReadableRows(Protocol):
    """See the module."""

    def folios_naming(self, stay: str) -> list[str]:
        """The folios of which the readable window, or a readable posting, names the stay."""
        ...

    def postings_in(self, folio: str) -> list[str]:
        """The readable postings of a folio."""
        ...

    def postings_reversing(self, posting: str) -> list[str]:
        """The readable postings that reverse one."""
        ...

    def newest_closed(self, conflicts_max: int) -> list[tuple[str, str]]:
        """Field group and row of the conflicts that were closed last, the newest first."""
        ...

    def project(self, changes: Iterable[RowChange]) -> None:
        """Write readable rows, in order; see `crdt_pms.store.readable` for the tables."""
        ...

    def clear_projected(self, table: str) -> None:
        """Delete all readable rows of this property in one table."""
        ...

    def projected_row(self, table: str, key: Mapping[str, Scalar]) -> dict[str, Scalar] | None:
        """One readable row by its whole key; None when there is none."""
        ...

    def projected(self, table: str) -> list[dict[str, Scalar]]:
        """All readable rows of this property in one table, in key order; for rebuild checks and comparison."""
        ...
