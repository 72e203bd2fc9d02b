"""What an action decided: everything that is to be written, in one transaction or not at all."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from crdt_pms.hotel.words import Words
from crdt_pms.ledger.operation import Operation


class BoardWrite(NamedTuple):
    """One value for one field of one room of the board."""

    room: str
    field: str
    value: str


class NoteEdit(NamedTuple):
    """One edit of a note: the difference from `base_text` to `new_text` is laid over what the note says by now."""

    document: str
    base_text: str
    new_text: str


class Notice(StrEnum):
    """What the author should hear about a decision that was not refused."""

    ALREADY_POSTED = "already_posted"
    ALREADY_CREATED = "already_created"
    UNCHANGED = "unchanged"


NOTICE_WORDS: dict[Notice, Words] = {
    Notice.ALREADY_POSTED: Words(
        "この受付番号の処理は記帳済みです。二重には記帳していません。",
        "This key was posted before. Nothing was posted twice.",
    ),
    Notice.ALREADY_CREATED: Words(
        "この予約は登録済みです。二重には登録していません。",
        "This stay was created before. Nothing was created twice.",
    ),
    Notice.UNCHANGED: Words("変更はありません。", "Nothing has changed."),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that one action writes.

    `stay`, `guest` and `posting` name the rows that it was about, so that a caller can find what it created.
    A decision that writes nothing carries a notice saying why.
    """

    operations: tuple[Operation, ...] = ()
    board_writes: tuple[BoardWrite, ...] = ()
    note_edits: tuple[NoteEdit, ...] = ()
    notices: tuple[Notice, ...] = ()
    stay: str | None = None
    guest: str | None = None
    posting: str | None = None

    @property
    def writes_nothing(self) -> bool:
        """Whether there is nothing to store."""
        return not (self.operations or self.board_writes or self.note_edits)
