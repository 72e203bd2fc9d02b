"""Which entries are held and forwarded but never applied. A pure function of the entries, hence the same on every replica."""

from __future__ import annotations

from crdt_pms.documents.errors import DocumentError
from crdt_pms.documents.gate import check_update, client_id_of
from crdt_pms.journal.entry import Entry, EntryKind
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ledger.errors import OperationMalformed
from crdt_pms.ledger.operation import Operation, decode_operation
from crdt_pms.replica.port import QuarantineRecord
from crdt_pms.replica.subjects import is_subject


class Quarantine:
    """Judges each entry once, before it is applied.

    An operation waits for ever when it names a quarantined entry; an update waits when an earlier update of its journal to the
    same document is quarantined, since it builds on it. Everything else flows on.
    """

    def __init__(self) -> None:
        self.records: dict[Dot, QuarantineRecord] = {}
        self._closed_documents: set[tuple[JournalId, str]] = set()

    def load(self, record: QuarantineRecord, subject: str) -> None:
        """Take over a stored record; `subject` is the document that its entry writes, empty for an operation."""
        self.records[record.dot] = record
        if subject:
            self._closed_documents.add((record.dot.journal, subject))

    def judge(self, entry: Entry) -> Operation | bytes | QuarantineRecord:
        """The decoded operation, the checked update, or the record of why the entry is not applied."""
        try:
            content = self._operation(entry) if entry.kind is EntryKind.OPERATION else self._update(entry)
        except (OperationMalformed, DocumentError) as error:
            content = QuarantineRecord(entry.dot, type(error).__name__, str(error))
        if isinstance(content, QuarantineRecord):
            self.load(content, document_of(entry))
        return content

    def _operation(self, entry: Entry) -> Operation | QuarantineRecord:
        if entry.subject:
            # Whoever reads a document back finds its updates by their subject.
            return QuarantineRecord(entry.dot, "subject_unknown", "an operation writes rows, not a document")
        for dependency in entry.dependencies:
            if dependency in self.records:
                return QuarantineRecord(entry.dot, "names_quarantined", f"it names {dependency}, which is quarantined")
        return decode_operation(entry.payload, entry.dependencies)

    def _update(self, entry: Entry) -> bytes | QuarantineRecord:
        if not is_subject(entry.subject):
            return QuarantineRecord(entry.dot, "subject_unknown", f"there is no document {entry.subject!r}")
        if (entry.dot.journal, entry.subject) in self._closed_documents:
            return QuarantineRecord(entry.dot, "names_quarantined", "an earlier update of its journal is quarantined")
        check_update(entry.payload, client_id_of(entry.dot.journal))
        return entry.payload


def document_of(entry: Entry) -> str:
    """The document that an entry writes; empty for an operation, whatever its header says."""
    return entry.subject if entry.kind is EntryKind.DOCUMENT else ""
