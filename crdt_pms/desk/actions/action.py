"""What every action is: fields that a form fills, and a decision against a view."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from crdt_pms.desk.decision import Decision
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.view import DeskView
from crdt_pms.ledger.policies import BOOKING_ENGINE, HOTEL_MEMBER

ACTIONS_OF_ORIGIN: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        BOOKING_ENGINE: frozenset({"create_stay", "amend_terms", "amend_guest", "cancel_stay"}),
        HOTEL_MEMBER: frozenset({"amend_guest"}),
    }
)
"""What other systems may do. The desk itself may do everything."""


class Action(ABC):
    """Something that can be done. Subclasses are frozen dataclasses whose fields are plain scalars.

    `name` is what the action is called in operations, in the registry and in interfaces. A field `revision` is what
    the form showed (`crdt_pms.desk.revisions`); without one, a person at the desk means the row as it is now.
    """

    __slots__ = ()

    name: ClassVar[str]
    founds: ClassVar[bool] = False
    """Whether it can be done where nothing is known yet of what the property is."""

    def decide(self, view: DeskView, moment: Moment) -> Decision:
        """Judge the action against the author's view. Raises `Refused`; otherwise says all that is to be written.

        Reads only. The caller must store the whole decision in one transaction, or nothing of it.
        """
        if not moment.at_desk and self.name not in ACTIONS_OF_ORIGIN.get(moment.origin, frozenset()):
            raise Refused(RefusalCode.ORIGIN_NOT_ALLOWED, origin=moment.origin, action=self.name)
        if not self.founds and not view.definition.is_founded:
            raise Refused(RefusalCode.PROPERTY_NOT_HERE)
        return self.plan(view, moment)

    @abstractmethod
    def plan(self, view: DeskView, moment: Moment, /) -> Decision:
        """Decide, once the origin is known to be allowed."""
