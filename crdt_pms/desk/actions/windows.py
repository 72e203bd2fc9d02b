"""Actions on the window of a folio besides check-out: open a closed one again, close one whose guest is gone.

What was posted at a desk that was cut off arrives when the guest has left and the folio is closed, perhaps days ago. It is a
fact; a clerk opens the folio again, takes the money or reverses the posting, and closes it, or claims the balance.
"""

from dataclasses import dataclass
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.reservations import require_reason
from crdt_pms.desk.decision import Decision, Notice
from crdt_pms.desk.drafting import Draft, require_no_open_conflict, shown_by
from crdt_pms.desk.folios import Folio, folio_by_now, folio_of, require_seen_balance, require_settled_or_note
from crdt_pms.desk.inputs import REASON_CHARACTERS_MAX, require_text
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import window_value
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.words import WINDOW_STATUS_WORDS, stay_status_words
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import FOLIO_WINDOW


@dataclass(frozen=True, slots=True)
class ReopenFolio(Action):
    """Open a closed folio again, with a reason, however long ago the guest left. The stay itself does not change."""

    name: ClassVar[str] = "reopen_folio"

    stay: str
    reason: str
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay_understood(self.stay)
        reason = require_reason(self.reason)
        if not reason:
            raise Refused(RefusalCode.REASON_NEEDED)
        folio = folio_of(view, stay)
        register = Register(FOLIO_WINDOW, folio.row)
        require_no_open_conflict(view, register)
        if folio.status is WindowStatus.OPEN:
            return Decision(notices=(Notice.UNCHANGED,), stay=stay.stay_id)
        _require_not_void(folio)
        draft = Draft(view, moment, self.name, reason, shown_by(view, self.revision, "folio", folio.row))
        draft.put(register, window_value(stay.stay_id, WindowStatus.OPEN))
        return Decision(operations=(draft.operation(),), stay=stay.stay_id)


@dataclass(frozen=True, slots=True)
class CloseFolio(Action):
    """Close the folio of a stay that is over: at zero, or to receivables with a note and the balance that was seen.

    Closing one that is closed says that what has come since was seen. The folio of a guest who is expected or in house
    is closed at check-out.
    """

    name: ClassVar[str] = "close_folio"

    stay: str
    manager_note: str = ""
    seen_balance_minor: int = 0
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay_understood(self.stay)
        note = require_text("note", self.manager_note, REASON_CHARACTERS_MAX)
        if stay.status.is_due:
            raise Refused(RefusalCode.FOLIO_IN_USE, status=stay_status_words(stay.status))
        folio, _owed = folio_by_now(view, stay)
        _require_not_void(folio)
        require_settled_or_note(view, folio, note)
        require_seen_balance(view, folio, self.seen_balance_minor)
        reason = note if folio.balance_minor else ""
        draft = Draft(view, moment, self.name, reason, shown_by(view, self.revision, "folio", folio.row))
        closed = window_value(stay.stay_id, WindowStatus.CLOSED, reason or None)
        draft.put(Register(FOLIO_WINDOW, folio.row), closed)
        return Decision(operations=(draft.operation(),), stay=stay.stay_id)


def _require_not_void(folio: Folio) -> None:
    if folio.status is WindowStatus.VOID:
        raise Refused(RefusalCode.WINDOW_NOT_OPEN, status=WINDOW_STATUS_WORDS[folio.status])
