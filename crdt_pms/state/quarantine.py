"""Which entries are stored and forwarded but not applied.

*Quarantined*: never applied by any version. A pure function of the entries, hence the same on every replica.
*Held*: this version cannot read the payload; a newer one can, and applies it. Nothing that rests on it is applied before.
"""

from __future__ import annotations

from dataclasses import dataclass

from crdt_pms.documents.client_ids import ClientIds
from crdt_pms.documents.errors import DocumentError
from crdt_pms.documents.gate import Signed, check_board_update, check_note_update, client_id_of
from crdt_pms.journal.entry import Entry, EntryKind, KeyFlag
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.ledger.errors import OperationMalformed
from crdt_pms.ledger.levels import LEVEL
from crdt_pms.ledger.operation import OPERATION_FORMAT, Operation, decode_operation
from crdt_pms.ports.records import HeldRecord, QuarantineRecord
from crdt_pms.state.subjects import BOARD, is_subject

CLIENT_ID_TAKEN = "client_id_taken"
DOCUMENT_FORMAT = 1
"""A Yjs v1 update as the one part."""
STATEMENT_FORMAT = 1
"""No parts: the context of the header is all that is said."""
NAMES_LOSING_BRANCH = "names_losing_branch"
"""The reason of an entry that rests on one of a fork's other branch, or on one that is not there yet."""
FORMATS = {
    EntryKind.OPERATION: OPERATION_FORMAT,
    EntryKind.DOCUMENT: DOCUMENT_FORMAT,
    EntryKind.STATEMENT: STATEMENT_FORMAT,
}


@dataclass(frozen=True, slots=True)
class DocumentUpdate:
    """A checked Yjs v1 update of a document."""

    document: str
    update: bytes


@dataclass(frozen=True, slots=True)
class ContextStatement:
    """Nothing but what the author has seen, which the header says."""


Judged = Operation | DocumentUpdate | ContextStatement
Withheld = QuarantineRecord | HeldRecord


class Quarantine:
    """Judges each entry once, before it is applied.

    An operation waits with what it supersedes; an update waits with the earlier updates of its journal to the same document,
    since it builds on them. Everything else flows on.
    """

    def __init__(self) -> None:
        self.records: dict[Dot, QuarantineRecord] = {}
        self.held: dict[Dot, HeldRecord] = {}
        self.client_ids: ClientIds[JournalId] = ClientIds()
        self.device_classes: dict[JournalId, DeviceClass] = {}
        """What the devices of journals are that wrote what only administrators may write; the caller fills it."""
        self.rows_held: dict[Dot, frozenset[tuple[str, str]]] = {}
        """Kind and id of the rows that each held entry is about."""
        self._closed_documents: dict[tuple[JournalId, str], type[Withheld]] = {}
        self._waited_for: set[Dot] = set()

    def load(self, record: Withheld, entry: Entry) -> None:
        """Take over a record of that entry: what depends on the entry is withheld too."""
        if isinstance(record, QuarantineRecord):
            self.records[record.dot] = record
            if record.reason == NAMES_LOSING_BRANCH:
                self._waited_for.update(entry.supersedes)
        else:
            self.held[record.dot] = record
            self.rows_held[record.dot] = rows_concerned(entry)
        for document in _documents_of(entry):
            known = self._closed_documents.get((entry.dot.journal, document))
            # What is quarantined for ever outranks what waits.
            if known is not QuarantineRecord:
                self._closed_documents[entry.dot.journal, document] = type(record)

    def withholds(self, dot: Dot) -> bool:
        """Whether the entry is quarantined or held."""
        return dot in self.records or dot in self.held

    def forget_held(self) -> list[Dot]:
        """Drop what is held, so that it can be judged anew, and return it."""
        waiting = list(self.held)
        self.held.clear()
        self.rows_held.clear()
        self._closed_documents = {
            place: kind for place, kind in self._closed_documents.items() if kind is QuarantineRecord
        }
        return waiting

    def waits_for(self, dot: Dot) -> bool:
        """Whether an entry is quarantined because it names this number of a branch that was not there."""
        return dot in self._waited_for

    def judge(self, entry: Entry, losing: Dot | None = None) -> Judged | Withheld:
        """What the entry says, or the record of why it is not applied.

        `losing` is what it supersedes of a branch that does not count.
        """
        judged = self._unauthorised(entry) or _of_losing_branch(entry, losing) or self._withheld_with(entry)
        judged = judged or self._unreadable(entry) or self._read(entry)
        if isinstance(judged, Withheld):
            self.load(judged, entry)
        return judged

    def _unauthorised(self, entry: Entry) -> QuarantineRecord | None:
        """The record of an entry that writes what only administrators may write, from another device.

        Judged before all else and from the header alone, so that versions that cannot read the payload say the same.
        """
        if not is_administrators_only(entry):
            return None
        device_class = self.device_classes.get(entry.dot.journal)
        if device_class is DeviceClass.ADMINISTRATOR:
            return None
        return QuarantineRecord(
            entry.dot, "administrators_only", f"only an administrator's device writes that, not a {device_class}"
        )

    def _withheld_with(self, entry: Entry) -> Withheld | None:
        """The record of an entry that builds on a withheld one."""
        for dot in entry.supersedes:
            if dot in self.records:
                return QuarantineRecord(entry.dot, "names_quarantined", f"it names {dot}, which is quarantined")
        closed = {self._closed_documents.get((entry.dot.journal, document)) for document in _documents_of(entry)}
        if QuarantineRecord in closed:
            return QuarantineRecord(entry.dot, "names_quarantined", "an earlier update of its journal is quarantined")
        for dot in entry.supersedes:
            if dot in self.held:
                return HeldRecord(entry.dot, "names_held", f"it names {dot}, which waits for an update of this program")
        if HeldRecord in closed:
            return HeldRecord(
                entry.dot, "names_held", "an earlier update of its journal waits for an update of this program"
            )
        return None

    def _unreadable(self, entry: Entry) -> HeldRecord | None:
        """The record of an entry of a kind or format that this version does not know."""
        if entry.kind not in FORMATS:
            return HeldRecord(entry.dot, "kind_unknown", f"this program does not know entries of kind {entry.kind}")
        known = FORMATS[EntryKind(entry.kind)]
        if entry.format > known:
            return HeldRecord(entry.dot, "format_unknown", f"this program reads format {known}, it has {entry.format}")
        return None

    def _read(self, entry: Entry) -> Judged | Withheld:
        try:
            match entry.kind:
                case EntryKind.OPERATION:
                    judged = self._operation(entry)
                case EntryKind.DOCUMENT:
                    judged = self._update(entry)
                case _:
                    judged = self._statement(entry)
        except (OperationMalformed, DocumentError) as error:
            judged = QuarantineRecord(entry.dot, type(error).__name__, str(error))
        if isinstance(judged, QuarantineRecord) and entry.level > LEVEL:
            # A newer version may have other limits and other structure; only it can say that the entry is wrong.
            return HeldRecord(entry.dot, "level_ahead", f"this program is of level {LEVEL}, the entry of {entry.level}")
        return judged

    def _operation(self, entry: Entry) -> Operation | QuarantineRecord:
        if entry.documents:
            # A reader finds the updates of a document by the header.
            return QuarantineRecord(entry.dot, "subject_unknown", "an operation writes rows, not a document")
        return decode_operation(entry)

    def _update(self, entry: Entry) -> DocumentUpdate | QuarantineRecord:
        if not is_subject(entry.document):
            return QuarantineRecord(entry.dot, "subject_unknown", f"there is no document {entry.documents!r}")
        if self.client_ids.is_refused(entry.dot.journal):
            return QuarantineRecord(entry.dot, CLIENT_ID_TAKEN, "another journal has the same Yjs client id")
        client_id = client_id_of(entry.dot.journal)
        if entry.document == BOARD:
            check_board_update(entry.content, client_id, Signed(*entry.dot, entry.stamp, entry.author))
        else:
            check_note_update(entry.content, client_id)
        return DocumentUpdate(entry.document, entry.content)

    def _statement(self, entry: Entry) -> ContextStatement | QuarantineRecord:
        if entry.parts or entry.keys or entry.documents or entry.supersedes:
            return QuarantineRecord(
                entry.dot, "statement_malformed", "a statement of format 1 has a context and nothing else"
            )
        return ContextStatement()


def is_administrators_only(entry: Entry) -> bool:
    """Whether an entry writes a register that only administrators write."""
    return any(key.flags & KeyFlag.ADMINISTRATORS for key in entry.keys)


def _of_losing_branch(entry: Entry, losing: Dot | None) -> QuarantineRecord | None:
    if losing is None:
        return None
    return QuarantineRecord(entry.dot, NAMES_LOSING_BRANCH, f"it names {losing} of a branch that does not count")


def rows_concerned(entry: Entry) -> frozenset[tuple[str, str]]:
    """Kind and id of every row that the header of an entry names, by a key or beside the keys."""
    return frozenset({*((key.group.partition(".")[0], key.row) for key in entry.keys), *entry.rows})


def _documents_of(entry: Entry) -> tuple[str, ...]:
    """The documents that an entry may change: an operation or a statement changes none, though its header may name one."""
    return () if entry.kind in (EntryKind.OPERATION, EntryKind.STATEMENT) else entry.documents
