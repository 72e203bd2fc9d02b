"""Board and notes of one property as they stand, and how they are read back from the store.

A document is loaded from its newest snapshot and the updates after it; a snapshot is taken when that many have come that
loading would take long. So neither loading nor an edit grows with a document's history.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from crdt_pms.documents.board import Board
from crdt_pms.documents.errors import UpdateRefused
from crdt_pms.documents.gate import client_id_of
from crdt_pms.documents.notes import Note
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.ports.documents import Documents
from crdt_pms.ports.records import DocumentSnapshot
from crdt_pms.state.quarantine import DocumentUpdate, Quarantine
from crdt_pms.state.subjects import BOARD


class DocumentDump(NamedTuple):
    """The merged state of a document; `is_waiting` says whether updates wait for others that never came, and are not in it."""

    content: bytes
    is_waiting: bool


NOTES_HELD_MAX: Final = 64
"""Documents other than the board that are kept decoded; the others are read back when they are touched."""
BOARD_UPDATES_BETWEEN_SNAPSHOTS: Final = 500
"""Writing a board of 200 rooms whole stalls an action."""
NOTE_UPDATES_BETWEEN_SNAPSHOTS: Final = 100


class PropertyDocuments:
    """The board, and the notes that are in use.

    `journal` is the one that this process run alone writes: it gives the Yjs client id of every edit made here.
    """

    def __init__(self, journal: JournalId, quarantine: Quarantine) -> None:
        self.board = Board(client_id_of(journal))
        self._client_id = client_id_of(journal)
        self._quarantine = quarantine
        self._notes: dict[str, Note] = {}
        self._unsaved: dict[str, int] = {BOARD: 0}
        """Of each decoded document: how many updates stand in it that its stored snapshot lacks."""
        self._touched_rooms: set[str] = set()
        self._touched_notes: set[str] = set()

    def load(self, transaction: Documents, position: int) -> None:
        """Read the board back as it stood at a position of the log. Raises DocumentCorrupt."""
        self.board = Board.load(self._client_id, *self._parts(BOARD, transaction, position))

    @property
    def notes_held(self) -> int:
        """How many documents other than the board are kept decoded."""
        return len(self._notes)

    def note(self, document: str, transaction: Documents, position: int) -> Note:
        """The note of that id as it stands at `position`, empty when it was never written."""
        note = self._notes.pop(document, None)
        if note is None:
            note = Note.load(self._client_id, *self._parts(document, transaction, position))
            while len(self._notes) >= NOTES_HELD_MAX:
                evicted = next(iter(self._notes))
                self._save_if_due(evicted, self._notes[evicted], transaction, position)
                del self._notes[evicted], self._unsaved[evicted]
        self._notes[document] = note
        return note

    def apply(self, update: DocumentUpdate, transaction: Documents, position: int) -> UpdateRefused | None:
        """Merge a checked update. Returns what the library refuses all the same; then the document stands as it stood."""
        try:
            if update.document == BOARD:
                self.board.apply(update.update)
            else:
                self.note(update.document, transaction, position).apply(update.update)
        except UpdateRefused as error:
            self._read_back(update.document, transaction, position)
            return error
        self.touch(update.document)
        return None

    def touch(self, document: str) -> None:
        """Note that an update of that document was applied, or made by an edit here."""
        if document == BOARD:
            self._touched_rooms |= self.board.take_touched()
        else:
            self._touched_notes.add(document)
        self._unsaved[document] += 1

    def save_soon(self, document: str) -> None:
        """Have a snapshot of a touched document stored: it got an update that stands before the stored one in the log."""
        self._unsaved[document] += _updates_between_snapshots(document)

    def rebuild(self, document: str, transaction: Documents, position: int) -> None:
        """Make a document anew from all its updates that are not withheld, and replace its snapshot.

        For a snapshot that may lack updates which stand before it in the log. It costs what the document's history does.
        """
        updates = self._updates(document, 0, transaction, position)
        if document == BOARD:
            self._touched_rooms.update(self.board.rooms())
            content = self.board = Board.load(self._client_id, updates)
            self._touched_rooms.update(self.board.rooms())
            self._unsaved[BOARD] = 0
        else:
            content = Note.load(self._client_id, updates)
            self._touched_notes.add(document)
            self._forget(document)
        if content.is_waiting:
            position, content = 0, Note(self._client_id)
        transaction.put_document_snapshot(DocumentSnapshot(document, position, content.dump()))

    def dump(self, document: str, transaction: Documents, position: int) -> DocumentDump:
        """A document as it stands."""
        content = self.board if document == BOARD else self.note(document, transaction, position)
        return DocumentDump(content.dump(), content.is_waiting)

    def secure(self, document: str, transaction: Documents, position: int) -> bool:
        """Have the stored snapshot of a document hold every update up to `position`.

        False when some of them wait for others, so that only the log holds them.
        """
        content, is_waiting = self.dump(document, transaction, position)
        if not is_waiting:
            transaction.put_document_snapshot(DocumentSnapshot(document, position, content))
            self._unsaved[document] = 0
        return not is_waiting

    def flush(self, transaction: Documents, position: int) -> tuple[set[str], dict[str, str]]:
        """Store the snapshots that are due. Returns the rooms, and the texts of notes, that changed since the last call."""
        self._save_if_due(BOARD, self.board, transaction, position)
        texts: dict[str, str] = {}
        for document in sorted(self._touched_notes):
            note = self.note(document, transaction, position)
            self._save_if_due(document, note, transaction, position)
            texts[document] = note.text
        rooms, self._touched_rooms, self._touched_notes = self._touched_rooms, set(), set()
        return rooms, texts

    def _save_if_due(self, document: str, content: Board | Note, transaction: Documents, position: int) -> None:
        # A state lacks what waits, so what comes after the former one is read again.
        if self._unsaved[document] >= _updates_between_snapshots(document) and not content.is_waiting:
            transaction.put_document_snapshot(DocumentSnapshot(document, position, content.dump()))
            self._unsaved[document] = 0

    def _forget(self, note: str) -> None:
        self._notes.pop(note, None)
        self._unsaved.pop(note, None)

    def _read_back(self, document: str, transaction: Documents, position: int) -> None:
        """Read a document back as it stood: a failed merge may have left half of itself behind."""
        if document == BOARD:
            self.load(transaction, position)
        else:
            self._forget(document)

    def _parts(self, document: str, transaction: Documents, position: int) -> tuple[list[bytes], bytes | None]:
        """The updates after the stored snapshot up to `position`, and the state that it holds, if there is one."""
        snapshot = transaction.document_snapshot(document)
        after, state = (0, None) if snapshot is None else (snapshot.position, snapshot.state)
        updates = self._updates(document, after, transaction, position)
        self._unsaved[document] = len(updates)
        return updates, state

    def _updates(self, document: str, after: int, transaction: Documents, position: int) -> list[bytes]:
        return [
            placed.entry.content
            for placed in transaction.entries_of_document(document, after)
            if placed.position <= position and not self._quarantine.withholds(placed.entry.dot)
        ]


def _updates_between_snapshots(document: str) -> int:
    return BOARD_UPDATES_BETWEEN_SNAPSHOTS if document == BOARD else NOTE_UPDATES_BETWEEN_SNAPSHOTS
