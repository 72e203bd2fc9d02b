"""The notes and shift logs of a property: what they are called, and which of them there are."""

from typing import Final

from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.errors import DateInvalid
from crdt_pms.hotel.nights import parse_date

ROOM_NOTE: Final = "note/room/"
STAY_NOTE: Final = "note/stay/"
SHIFT_LOG: Final = "shift-log/"


def room_note(number: str) -> str:
    """The document id of a room's note."""
    return f"{ROOM_NOTE}{number}"


def stay_note(stay_id: str) -> str:
    """The document id of a stay's note."""
    return f"{STAY_NOTE}{stay_id}"


def shift_log(business_date: str) -> str:
    """The document id of the shift log of a business day."""
    return f"{SHIFT_LOG}{business_date}"


def has_document(view: DeskView, document: str) -> bool:
    """Whether the property has a note of that id: of one of its rooms or stays, or a date's shift log."""
    kind, row = document[: document.rfind("/") + 1], document[document.rfind("/") + 1 :]
    if kind == ROOM_NOTE:
        return row in view.rooms
    if kind == STAY_NOTE:
        return view.stay(row) is not None
    return kind == SHIFT_LOG and _is_date(row)


def _is_date(text: str) -> bool:
    try:
        parse_date(text)
    except DateInvalid:
        return False
    return True
