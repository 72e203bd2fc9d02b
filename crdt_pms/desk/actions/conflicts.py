"""Actions on the conflict desk."""

from dataclasses import dataclass
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.reservations import require_reason
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.view import DeskView
from crdt_pms.ledger.alerts import written_dot
from crdt_pms.ledger.conflicts import BOARD_GROUP
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import FIELD_GROUPS


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
        if conflict is None:
            raise Refused(RefusalCode.NO_CONFLICT)
        for sibling in conflict.siblings:
            if written_dot(sibling.dot) == self.chosen:
                break
        else:
            raise Refused(RefusalCode.CHOICE_UNKNOWN, choice=self.chosen[:80])
        base = conflict.shown if FIELD_GROUPS[self.group].waits_for_person else None
        write = Write(register, sibling.value, view.ledger.names(register), base, resolution=True)
        reason = require_reason(self.reason)
        return Decision(operations=(Operation(self.name, moment.origin, reason, (write,)),))
