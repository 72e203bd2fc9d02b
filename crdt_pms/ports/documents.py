"""Documents: their updates in the log, and their stored states."""

from __future__ import annotations

from typing import Protocol

from crdt_pms.ports.records import DocumentSnapshot, Placed


class Documents(Protocol):
    """See the module."""

    def entries_of_document(self, subject: str, after_position: int) -> list[Placed]:
        """All entries that name a document in their header, after a position, in log order."""
        ...

    def documents(self) -> list[str]:
        """The ids of all documents that have any update."""
        ...

    def document_snapshot(self, subject: str) -> DocumentSnapshot | None:
        """The newest stored snapshot of a document."""
        ...

    def document_snapshot_position(self, subject: str) -> int:
        """The position of the newest stored snapshot of a document, without its state; 0 when there is none."""
        ...

    def put_document_snapshot(self, snapshot: DocumentSnapshot) -> None:
        """Replace the stored snapshot of a document."""
        ...
