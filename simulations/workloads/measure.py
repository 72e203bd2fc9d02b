"""Measures the shape of bookings: of the real ones to write `figures`, of generated ones to compare.

`.venv/bin/python -m simulations.workloads.measure ../shared/data/hotel_bookings_2015_2016.csv.xz` writes the constants
of `simulations/workloads/figures.py`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean
from typing import TypeVar

from simulations.workloads.booking import HOTELS, JPY_PER_EUR, PARTY_USUAL_MAX, Booking, Oddity, ReservationStatus
from simulations.workloads.bookings_file import read_bookings
from simulations.workloads.bookings_read import TERMS_OF, BookingsRead
from simulations.workloads.property import peak_rooms_by_type
from simulations.workloads.shape import EndShape, HotelShape, Quantiles, Shares, literal

DATA_FIRST = date(2015, 7, 1)
DATA_LAST = date(2016, 12, 31)

SHARE_LEAST = 0.0002
"""Values rarer than this are left out of a table of shares."""

TYPE_BOOKINGS_LEAST = 200
"""A room type with fewer bookings than this gets no quantiles of its own."""

QUANTILE_STEPS = 20
QUANTILE_LEAST = 0.005
"""Quantiles reach from 0.5 % to 99.5 %: between the last two, a single slip of the pen would count as 1 in 20."""

GROUP_SIZES = (1, 2, 3, 4, 5, 7, 10, 15, 20, 25, 30, 40, 50, 65, 85, 100, 150)
"""Group sizes are counted at the nearest of these."""

_Value = TypeVar("_Value", bound=Hashable)


def shape_of(read: BookingsRead) -> HotelShape:
    """The shape of the bookings that arrive in a workload; those in house at its start are left aside.

    Raises `ValueError` when there is nothing to measure: no booking kept, or none cancelled.
    """
    bookings = read.bookings
    kept = [one for one in bookings if not one.is_canceled]
    canceled = [one for one in bookings if one.is_canceled]
    if not kept or not canceled:
        raise ValueError("give bookings of which some are kept and some are cancelled")
    days = [read.first + timedelta(days=day) for day in range((read.last - read.first).days + 1)]
    stays = [one for one in kept if one.reservation_status is ReservationStatus.CHECK_OUT and one.nights]
    rates = _rate_of_month(bookings)
    return HotelShape(
        hotel=read.hotel,
        rooms=sum(peak_rooms_by_type(bookings).values()),
        arrivals_per_day=_arrivals_per_day(bookings, days),
        weekday_factors=_weekday_factors(bookings, days),
        canceled_share=_share(bookings, lambda one: one.is_canceled),
        no_show_share=_share(bookings, lambda one: one.reservation_status is ReservationStatus.NO_SHOW),
        left_early_share=_share(stays, lambda one: Oddity.LEFT_EARLY in one.oddities),
        children_unknown_share=_share(bookings, lambda one: Oddity.CHILDREN_UNKNOWN in one.oddities),
        nights=_shares(one.nights for one in bookings),
        parties=_parties(bookings),
        types_booked=_shares(one.room_type_booked for one in bookings),
        types_assigned=_types_assigned(bookings),
        rate_of_month=rates,
        rate_relative=_rate_relative(bookings, rates),
        cancel_notice=_quantiles([_notice_days(one) / one.lead_days for one in canceled if one.lead_days], 3),
        kept=_end_shape(kept),
        canceled=_end_shape(canceled),
    )


def _end_shape(bookings: Sequence[Booking]) -> EndShape:
    groups = Counter(TERMS_OF(one) for one in bookings)
    return EndShape(
        group_sizes=_shares(min(GROUP_SIZES, key=lambda near: abs(near - size)) for size in groups.values()),
        lead_days=_quantiles([one.lead_days for one in bookings], 0),
        sources=_shares((one.segment, one.channel) for one in bookings),
        changes=_shares(one.changes for one in bookings),
        special_requests=_shares(one.special_requests for one in bookings),
        deposits=_shares(one.deposit for one in bookings),
        repeated_share=_share(bookings, lambda one: one.is_repeated),
        rate_zero_share=_share(bookings, lambda one: one.rate_minor == 0),
        type_changed_share=_share(bookings, lambda one: one.room_type_booked != one.room_type_assigned),
    )


def _arrivals_per_day(bookings: Sequence[Booking], days: Sequence[date]) -> tuple[float, ...]:
    arrivals = Counter(_month(one) for one in bookings)
    length = Counter(day.month for day in days)
    return tuple(round(arrivals[month] / length[month], 1) if length[month] else 0.0 for month in range(1, 13))


def _weekday_factors(bookings: Sequence[Booking], days: Sequence[date]) -> tuple[float, ...]:
    arrivals = Counter(date.fromisoformat(one.arrival).weekday() for one in bookings)
    length = Counter(day.weekday() for day in days)
    mean = len(bookings) / len(days)
    return tuple(round(arrivals[day] / length[day] / mean, 3) if length[day] else 0.0 for day in range(7))


def _parties(bookings: Sequence[Booking]) -> Shares[tuple[int, int, int]]:
    """The usual parties, and of the large ones the most frequent in the name of all: each by itself is too rare."""
    parties = Counter((one.adults, one.children, one.babies) for one in bookings)
    large = Counter({party: number for party, number in parties.items() if sum(party) > PARTY_USUAL_MAX})
    usual = _shares((parties - large).elements())
    if not large:
        return usual
    return (*usual, (max(large, key=lambda party: (large[party], party)), round(large.total() / len(bookings), 6)))


def _types_assigned(bookings: Sequence[Booking]) -> dict[str, Shares[str]]:
    others: dict[str, list[str]] = {}
    for one in bookings:
        if one.room_type_assigned != one.room_type_booked:
            others.setdefault(one.room_type_booked, []).append(one.room_type_assigned)
    return {booked: _shares(others[booked], least=0.005, digits=3) for booked in sorted(others)}


def _rate_of_month(bookings: Sequence[Booking]) -> tuple[float, ...]:
    by_month: dict[int, list[int]] = {month: [] for month in range(1, 13)}
    for one in bookings:
        if one.rate_minor > 0:
            by_month[_month(one)].append(one.rate_minor)
    return tuple(round(fmean(rates) / float(JPY_PER_EUR), 1) if rates else 0.0 for rates in by_month.values())


def _rate_relative(bookings: Sequence[Booking], rate_of_month: Sequence[float]) -> dict[str, Quantiles]:
    by_type: dict[str, list[float]] = {"": []}
    for one in bookings:
        if one.rate_minor > 0:
            relative = one.rate_minor / float(JPY_PER_EUR) / rate_of_month[_month(one) - 1]
            by_type.setdefault(one.room_type_booked, []).append(relative)
            by_type[""].append(relative)
    return {
        room_type: _quantiles(by_type[room_type], 2)
        for room_type in sorted(by_type)
        if not room_type or len(by_type[room_type]) >= TYPE_BOOKINGS_LEAST
    }


def _notice_days(booking: Booking) -> int:
    return (date.fromisoformat(booking.arrival) - date.fromisoformat(booking.ended_on)).days


def _month(booking: Booking) -> int:
    return int(booking.arrival[5:7])


def _share(bookings: Sequence[Booking], is_so: Callable[[Booking], bool]) -> float:
    return round(sum(map(is_so, bookings)) / len(bookings), 6) if bookings else 0.0


def _shares(values: Iterable[_Value], least: float = SHARE_LEAST, digits: int = 5) -> Shares[_Value]:
    counts = Counter(values)
    whole = counts.total()
    ordered = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return tuple((value, round(number / whole, digits)) for value, number in ordered if number >= least * whole)


def _quantiles(values: Sequence[float], digits: int) -> Quantiles:
    if not values:
        return ()
    ordered = sorted(values)
    at = (QUANTILE_LEAST + step * (1 - 2 * QUANTILE_LEAST) / QUANTILE_STEPS for step in range(QUANTILE_STEPS + 1))
    return tuple(round(float(ordered[round(part * (len(ordered) - 1))]), digits) for part in at)


def main(path: Path) -> None:
    """Write the constants of both hotels in the data set to standard output."""
    for hotel in HOTELS:
        shape = shape_of(read_bookings(path, hotel, DATA_FIRST, DATA_LAST))
        sys.stdout.write(f"{hotel.upper()} = {literal(shape)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
