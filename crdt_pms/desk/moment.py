"""When, by whom and from where an action is taken."""

from collections.abc import Callable
from dataclasses import dataclass

from crdt_pms.ledger.policies import HOTEL_PMS


@dataclass(frozen=True, slots=True)
class Moment:
    """The circumstances of one action.

    `now_ms` is UTC milliseconds, `author` the id of the person who acts, `origin` the system in which they act (one of
    `crdt_pms.ledger.policies.ORIGINS`). `new_id` must give a text that no other call on any node ever gives: 32
    hexadecimal digits of real randomness are meant.
    """

    now_ms: int
    author: str
    origin: str
    new_id: Callable[[], str]

    @property
    def at_desk(self) -> bool:
        """Whether a person at the front desk acts, and not another system."""
        return self.origin == HOTEL_PMS
