"""Calendar dates and nights. A stay's nights are half-open: `[arrival, departure)`.

Dates travel as ISO text (`2016-08-08`), the form in which rows hold them; they compare and sort as text. A stay of 0
nights is day use: it arrives and departs on one date and holds the room for no night.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from crdt_pms.hotel.errors import DateInvalid

NIGHTS_MAX = 366
"""The longest stay that a desk may agree on. Rows may hold longer ones; the functions here do not mind."""

YEAR_MIN = 1900
YEAR_MAX = 2999


@lru_cache(maxsize=8_192)
def parse_date(text: str) -> date:
    """The date that ISO text `YYYY-MM-DD` names. Raises `DateInvalid`, for years outside 1900…2999 too."""
    try:
        parsed = date.fromisoformat(text)
    except ValueError as error:
        raise DateInvalid(f"{text!r} is not a date: write it as YYYY-MM-DD") from error
    # `fromisoformat` also reads week dates and dates without dashes; rows know one spelling.
    if parsed.isoformat() != text or not YEAR_MIN <= parsed.year <= YEAR_MAX:
        raise DateInvalid(f"{text!r} is not a date of the years {YEAR_MIN} to {YEAR_MAX}: write YYYY-MM-DD")
    return parsed


@lru_cache(maxsize=8_192)
def days_after(text: str, days: int) -> str:
    """The ISO date that many days after another (before it, if negative). Raises `DateInvalid`."""
    try:
        return (_day(text) + timedelta(days=days)).isoformat()
    except OverflowError as error:
        raise DateInvalid(f"{days} days after {text} is outside the calendar") from error


def days_between(earlier: str, later: str) -> int:
    """How many nights lie between two ISO dates; negative when the second is before the first. Raises `DateInvalid`."""
    return (_day(later) - _day(earlier)).days


def _day(text: str) -> date:
    """A date of rows, or one that follows from them: a stay that begins on the last day of the calendar ends after it."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DateInvalid(f"{text!r} is not a date: write it as YYYY-MM-DD") from error


def departure_date(arrival: str, nights: int) -> str:
    """The date on which a stay leaves. Raises `DateInvalid` for fewer than no nights."""
    _require_not_negative(nights)
    return days_after(arrival, nights)


def nights_of(arrival: str, nights: int) -> tuple[str, ...]:
    """Every night of a stay, each by the date on which it begins; none for day use.

    Raises `DateInvalid` as `departure_date` does.
    """
    _require_not_negative(nights)
    return tuple(days_after(arrival, day) for day in range(nights))


def shared_nights(arrival: str, nights: int, other_arrival: str, other_nights: int) -> tuple[str, ...]:
    """The nights that two stays have in common. A stay may arrive on the day on which another departs."""
    begin = max(arrival, other_arrival)
    end = min(departure_date(arrival, nights), departure_date(other_arrival, other_nights))
    if begin >= end:
        return ()
    return nights_of(begin, days_between(begin, end))


def _require_not_negative(nights: int) -> None:
    if nights < 0:
        raise DateInvalid(f"a stay cannot have {nights} nights: give 0 (day use) or more")


def local_date(milliseconds: int, zone: str) -> str:
    """The calendar date of an instant (UTC milliseconds) in an IANA zone. Not the business date: that is declared."""
    return _local(milliseconds, zone).date().isoformat()


def local_time(milliseconds: int, zone: str) -> str:
    """The wall-clock time `HH:MM` of an instant (UTC milliseconds) in an IANA zone."""
    return _local(milliseconds, zone).strftime("%H:%M")


def _local(milliseconds: int, zone: str) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC).astimezone(ZoneInfo(zone))
