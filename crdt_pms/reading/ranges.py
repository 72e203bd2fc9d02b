"""Ranges of dates that an answer may span."""

from __future__ import annotations

from datetime import date
from typing import Final

from crdt_pms.hotel.nights import YEAR_MAX, YEAR_MIN

RANGE_DAYS_MAX: Final = 93
"""Three months: what a tape chart shows at most, so that an answer is bounded by the house."""


class RangeInvalid(ValueError):
    """The caller's fault: the first date is after the last, or the dates are too far apart."""


def require_range(first: date, until: date) -> tuple[str, str]:
    """Both dates, included, as ISO text. Raises RangeInvalid."""
    if not YEAR_MIN <= first.year <= until.year <= YEAR_MAX and first <= until:
        raise RangeInvalid(f"the years are {YEAR_MIN} to {YEAR_MAX}")
    if first > until:
        raise RangeInvalid(f"{first} is after {until}")
    days = (until - first).days + 1
    if days > RANGE_DAYS_MAX:
        raise RangeInvalid(f"{days} days, at most {RANGE_DAYS_MAX}")
    return first.isoformat(), until.isoformat()
