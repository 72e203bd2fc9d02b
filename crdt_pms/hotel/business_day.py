"""The business day: the date that the desk works on, which changes at night audit and not at midnight.

It is a row of the property (`property.day`), apart from the clock. Until the first audit it is the opening date of the
property file. A desk at one in the morning that has not run its audit still works on yesterday.
"""

from enum import StrEnum
from typing import Final

from crdt_pms.hotel.nights import days_after, departure_date, local_date

BUSINESS_DATE_AHEAD_DAYS: Final = 1
"""How far the business date may be ahead of the calendar: the audit of an evening rolls to the date of tomorrow."""


class Due(StrEnum):
    """How a stay that is expected or here stands to the business date."""

    FUTURE = "future"
    DUE_IN = "due_in"
    STAYING = "staying"
    DUE_OUT = "due_out"
    OVERDUE = "overdue"


def next_business_date(business_date: str) -> str:
    """The date that night audit rolls to."""
    return days_after(business_date, 1)


def latest_business_date(now_ms: int, zone: str) -> str:
    """The last date that a desk may take for its business date at that moment (UTC milliseconds) in that zone."""
    return days_after(local_date(now_ms, zone), BUSINESS_DATE_AHEAD_DAYS)


def due(arrival: str, nights: int, business_date: str, *, in_house: bool) -> Due:
    """Derive how a stay stands to the business date.

    Expected stays are `FUTURE`, `DUE_IN`, or `OVERDUE` when their arrival has passed without them. Guests in house
    are `STAYING`, `DUE_OUT` on the day of departure, or `OVERDUE` after it.
    """
    if not in_house:
        if arrival > business_date:
            return Due.FUTURE
        return Due.DUE_IN if arrival == business_date else Due.OVERDUE
    departure = departure_date(arrival, nights)
    if departure > business_date:
        return Due.STAYING
    return Due.DUE_OUT if departure == business_date else Due.OVERDUE
