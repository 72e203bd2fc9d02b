"""Actions on notes and the shift log."""

from dataclasses import dataclass
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.decision import Decision, NoteEdit, Notice
from crdt_pms.desk.documents import has_document
from crdt_pms.desk.inputs import FIELD_WORDS, NOTE_CHARACTERS_MAX, is_storable
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.view import DeskView


@dataclass(frozen=True, slots=True)
class EditNote(Action):
    """Edit the note of a room or a stay, or a day's shift log.

    `base_text` is what the author started from; only the difference to `new_text` is written, and what
    others typed meanwhile stays.
    """

    name: ClassVar[str] = "edit_note"

    document: str
    base_text: str
    new_text: str

    def plan(self, view: DeskView, _moment: Moment) -> Decision:
        """See `Action.decide`."""
        if not has_document(view, self.document):
            raise Refused(RefusalCode.DOCUMENT_UNKNOWN, document=self.document[:80])
        if not all(map(is_storable, (self.base_text, self.new_text))):
            raise Refused(RefusalCode.TEXT_UNUSABLE, field=FIELD_WORDS["note"], length_max=NOTE_CHARACTERS_MAX)
        length = max(len(self.base_text), len(self.new_text))
        if length > NOTE_CHARACTERS_MAX:
            raise Refused(RefusalCode.NOTE_TOO_LONG, length=length, length_max=NOTE_CHARACTERS_MAX)
        if self.base_text == self.new_text:
            return Decision(notices=(Notice.UNCHANGED,))
        return Decision(note_edits=(NoteEdit(self.document, self.base_text, self.new_text),))
