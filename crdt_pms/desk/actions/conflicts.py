"""Actions on the conflict desk."""

from dataclasses import dataclass
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.reservations import require_reason
from crdt_pms.desk.administration import require_administrator
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.drafting import Draft, shown_by, with_reads
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.view import DeskView
from crdt_pms.ledger.alerts import written_dot
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.conflicts import BOARD_GROUP, ConflictState
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import FIELD_GROUPS, OCCUPANCY, POSTING_DECISION


@dataclass(frozen=True, slots=True)
class Resolve(Action):
    """Choose one of the values that stand against each other in a register; it is shown from now on.

    `chosen` names it as the conflict desk does: the journal in hexadecimal digits, a colon, the number. A conflict
    that a policy settled can be decided otherwise in the same way. Both payments of a folio that was settled twice
    stand in any case: the refund is a posting of its own.
    """

    name: ClassVar[str] = "resolve"

    group: str
    row: str
    chosen: str
    reason: str = ""

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        if self.group.startswith(BOARD_GROUP):
            raise Refused(RefusalCode.RESOLVE_ON_BOARD)
        register = Register(self.group, self.row)
        conflict = view.ledger.conflict(register) if self.group in FIELD_GROUPS else None
        if conflict is None or conflict.state is ConflictState.CLOSED:
            raise Refused(RefusalCode.NO_CONFLICT)
        if FIELD_GROUPS[self.group].is_administrators:
            require_administrator(view)
        for sibling in conflict.siblings:
            if written_dot(sibling.dot) == self.chosen:
                break
        else:
            raise Refused(RefusalCode.CHOICE_UNKNOWN, choice=self.chosen[:80])
        reason = require_reason(self.reason)
        write = _decision(view, register, sibling) if register.is_append else _choice(view, register, sibling)
        return Decision(operations=(Operation(self.name, moment.origin, reason, (write,)),))


@dataclass(frozen=True, slots=True)
class KeepStay(Action):
    """Say that a stay is right as it is shown, of which status and terms were changed apart, by a person who sees both."""

    name: ClassVar[str] = "keep_stay"

    stay: str
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay(self.stay)
        draft = Draft(view, moment, self.name, shown=shown_by(view, self.revision, "stay", stay.stay_id))
        draft.put(Register(OCCUPANCY, stay.stay_id), stay.occupancy.value())
        return Decision(operations=(draft.operation(),), stay=stay.stay_id)


def _choice(view: DeskView, register: Register, chosen: AppliedWrite) -> Write:
    """What was chosen, written anew in place of all that stands."""
    content = chosen.write.content
    if content is None:
        raise Refused(RefusalCode.CHOICE_UNKNOWN, choice=written_dot(chosen.dot))
    if chosen.reading.without_meaning:
        # It is shown as what is safe; what its author meant only a newer program can say.
        raise Refused(RefusalCode.CHOICE_WITHOUT_MEANING)
    content = FIELD_GROUPS[register.group].content_of(chosen.value, content)
    base = view.ledger.shown_content(register) if FIELD_GROUPS[register.group].waits_for_person else None
    write = Write(register, content, view.ledger.names(register), base=base, resolution=True)
    return with_reads(view, write, (register,), view.ledger.names)


def _decision(view: DeskView, register: Register, chosen: AppliedWrite) -> Write:
    """Of writes that are never superseded one is chosen in a register of its own; it names all that it chose among."""
    decision = Register(POSTING_DECISION, register.row)
    value = {"entry": written_dot(chosen.dot)}
    return with_reads(view, Write.of(decision, value, view.ledger.names(decision)), (), view.ledger.names)
