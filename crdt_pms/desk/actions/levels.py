"""Raising the level of the property, after which desks may write new meaning."""

from dataclasses import dataclass
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.administration import require_administrator
from crdt_pms.desk.decision import Decision, Notice
from crdt_pms.desk.drafting import Draft
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.view import DeskView
from crdt_pms.ledger.levels import LEVEL
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import PROPERTY_LEVEL


@dataclass(frozen=True, slots=True)
class RaiseLevel(Action):
    """Raise the property by one level. It never falls again.

    From then on desks write what programs below that level cannot read; these programs keep working, hold what they cannot
    read, and ask for their update. Raising to a level that is reached already changes nothing.
    """

    name: ClassVar[str] = "raise_level"

    level: int

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        require_administrator(view)
        present = view.ledger.level
        if 1 <= self.level <= present:
            return Decision(notices=(Notice.UNCHANGED,))
        if self.level != present + 1:
            raise Refused(RefusalCode.LEVEL_NOT_NEXT, level=self.level, present=present)
        if self.level > LEVEL:
            raise Refused(RefusalCode.PROGRAM_TOO_OLD, level=self.level, known=LEVEL)
        draft = Draft(view, moment, self.name)
        draft.create(Register(PROPERTY_LEVEL, str(self.level)), {"level": self.level})
        return Decision(operations=(draft.operation(),))
