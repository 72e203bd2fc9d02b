"""What people do at a desk whose program is of the next version, and at no other."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.drafting import Draft
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import OCCUPANCY
from simulations.world.versions import PREFERENCES, WORD_SINCE_NEXT


@dataclass(frozen=True, slots=True)
class SetPreferences(Action):
    """Note which pillow a guest likes: a field group that only the next version knows."""

    name: ClassVar[str] = "set_preferences"

    stay: str
    pillow: str

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        draft = Draft(view, moment, self.name)
        draft.put(Register(PREFERENCES, self.stay), {"pillow": self.pillow})
        return Decision(operations=(draft.operation(),))


@dataclass(frozen=True, slots=True)
class Waitlist(Action):
    """Put a reserved stay on the waiting list: a word that only the next version knows."""

    name: ClassVar[str] = "waitlist"

    stay: str

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        occupancy = view.require_stay(self.stay).occupancy.value()
        draft = Draft(view, moment, self.name)
        draft.put(Register(OCCUPANCY, self.stay), {**occupancy, "status": WORD_SINCE_NEXT, "room": None})
        return Decision(operations=(draft.operation(),))


def choose(random: Random, view: DeskView) -> Action | None:
    """Something that only the next version can do; None when no stay is there to do it with."""
    stays = sorted(
        stay for stay, occupancy in view.ledger.rows(OCCUPANCY) if occupancy["status"] == StayStatus.RESERVED
    )
    if not stays:
        return None
    stay = stays[random.randrange(len(stays))]
    return (
        Waitlist(stay) if random.random() < 0.3 else SetPreferences(stay, random.choice(("そば殻", "羽毛", "低反発")))
    )
