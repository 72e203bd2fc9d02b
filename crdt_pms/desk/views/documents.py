"""Which notes and shift logs there are."""

from crdt_pms.desk.actions.notes import ROOM_NOTE, SHIFT_LOG, STAY_NOTE
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.errors import DateInvalid
from crdt_pms.hotel.nights import parse_date


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
