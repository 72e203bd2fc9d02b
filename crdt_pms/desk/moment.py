"""When, by whom and from where an action is taken."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

HOTEL_PMS: Final = "hotel-pms"
HOTEL_MEMBER: Final = "hotel-member"
BOOKING_ENGINE: Final = "booking-engine"
ORIGINS: Final = (HOTEL_PMS, HOTEL_MEMBER, BOOKING_ENGINE)


@dataclass(frozen=True, slots=True)
class Moment:
    """The circumstances of one action.

    `now_ms` is UTC milliseconds, `author` the id of whoever acts, `origin` the system in which they act. `new_id`
    must give a text that no other call on any node ever gives; 32 hexadecimal digits of real randomness are meant.
    """

    now_ms: int
    author: str
    origin: str
    new_id: Callable[[], str]
