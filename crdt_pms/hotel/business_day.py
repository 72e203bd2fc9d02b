"""The business day: the date that the desk works on, which changes at night audit and not at midnight.

It is a row of the property (`property.day`), apart from the clock. Until the first audit it is the opening date of the
property file. A desk at one in the morning that has not run its audit still works on yesterday.
"""

from enum import StrEnum

from crdt_pms.hotel.nights import days_after, departure_date


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
