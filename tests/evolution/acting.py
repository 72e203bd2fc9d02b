"""An action that writes one register with any value: what a later version's desk would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.drafting import Draft
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.view import DeskView
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.operation import Register


@dataclass(frozen=True, slots=True)
class Written(Action):
    """Write `value` to the register `written_to`."""

    name: ClassVar[str] = "written"

    written_to: Register
    value: Value

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        draft = Draft(view, moment, self.name)
        draft.put(self.written_to, self.value)
        return Decision(operations=(draft.operation(),))
