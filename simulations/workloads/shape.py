"""The shape of a hotel's bookings: which figures describe it. `figures` holds them, `measure` takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from textwrap import fill
from typing import TypeVar, cast

from simulations.workloads.booking import Deposit, HotelName

_Value = TypeVar("_Value")

LITERAL_WIDTH = 118

_SPACE = "\0"
"""Stands for a space where no line may break."""
Shares = tuple[tuple[_Value, float], ...]
"""Values with their shares, the most frequent first. Rare values may be left out: the shares sum to 1 or a bit less."""

Quantiles = tuple[float, ...]
"""Values at equal steps of the distribution, from nearly the least (0.5 %) to nearly the greatest (99.5 %)."""


@dataclass(frozen=True, slots=True)
class EndShape:
    """What is different between bookings that were kept (checked out or no-show) and bookings that were cancelled.

    `group_sizes` says how many bookings equal in everything come at once: the rooms of a group are booked, and
    cancelled, together. Shares are of such requests there, of bookings everywhere else.
    """

    group_sizes: Shares[int]
    lead_days: Quantiles
    sources: Shares[tuple[str, str]]
    """Segment and channel."""
    changes: Shares[int]
    special_requests: Shares[int]
    deposits: Shares[Deposit]
    repeated_share: float
    rate_zero_share: float
    type_changed_share: float
    """Of bookings whose assigned room type differs from the booked one."""


@dataclass(frozen=True, slots=True)
class HotelShape:
    """The figures of one hotel. Rates are euros a night."""

    hotel: HotelName
    rooms: int
    """Rooms that the bookings need, by assigned type and without reserve: arrivals scale with them."""
    arrivals_per_day: tuple[float, ...]
    """Bookings, cancelled ones included, that arrive on a day of each month, January first."""
    weekday_factors: tuple[float, ...]
    """Arrivals on a weekday relative to the mean, Monday first."""
    canceled_share: float
    no_show_share: float
    left_early_share: float
    """Of the stays of 1 night or more."""
    children_unknown_share: float
    nights: Shares[int]
    parties: Shares[tuple[int, int, int]]
    """Adults, children, babies."""
    types_booked: Shares[str]
    types_assigned: Mapping[str, Shares[str]]
    """Where a guest who booked a type and got another was put instead."""
    rate_of_month: tuple[float, ...]
    """Mean of the rates above 0, January first."""
    rate_relative: Mapping[str, Quantiles]
    """Rates above 0 relative to the month's mean, by booked type; `""` for the types too rare to measure."""
    cancel_notice: Quantiles
    """How much of the lead time is left when a booking is cancelled: 1 is at once, 0 on the day of arrival."""
    kept: EndShape
    canceled: EndShape


def literal(value: object, indent: str = "") -> str:
    """A shape as it stands in the source of `figures`, wrapped at `LITERAL_WIDTH` columns."""
    inner = indent + "    "
    if is_dataclass(value):
        lines = (f"{inner}{one.name}={literal(getattr(value, one.name), inner)},\n" for one in fields(value))
        return f"{type(value).__name__}(\n{''.join(lines)}{indent})"
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        lines = (f'{inner}"{key}": {literal(one, inner)},\n' for key, one in table.items())
        return f"{{\n{''.join(lines)}{indent}}}"
    one_line = _one_line(value)
    if len(one_line) < LITERAL_WIDTH - 34:
        return one_line.replace(_SPACE, " ")
    filled = fill(
        _whole_members(value), LITERAL_WIDTH, initial_indent=inner, subsequent_indent=inner, break_on_hyphens=False
    )
    return f"(\n{filled.replace(_SPACE, ' ')},\n{indent})"


def _whole_members(value: object) -> str:
    members = cast("tuple[object, ...]", value)
    return ", ".join(_one_line(one).replace(" ", _SPACE) for one in members)


def _one_line(value: object) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        members = [_one_line(one) for one in cast("tuple[object, ...]", value)]
        return f"({members[0]},)" if len(members) == 1 else f"({', '.join(members)})"
    return repr(value)
