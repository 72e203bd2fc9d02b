"""What a replay will try is drawn once, from bookings and a seed."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random

from simulations.processes.replay.schedule import HOURS, ORIGIN_KINDS, PAIR_HOURS, Kind, Pair, Schedule, draw_schedule
from simulations.workloads.bookings_read import BookingsRead
from simulations.workloads.generator import generate_bookings
from simulations.workloads.property import make_property

FIRST, LAST = date(2016, 8, 8), date(2016, 8, 10)


def read() -> BookingsRead:
    rooms = make_property("city", 60, {"A": 0.7, "D": 0.3}, FIRST.isoformat()).rooms
    return generate_bookings(Random(3), "city", FIRST, LAST, rooms)


def kinds(schedule: Schedule) -> Counter[tuple[str, Kind]]:
    events = [*schedule.before, *(event for day in schedule.days for event in day.events)]
    return Counter((event.booking.booking_id, event.kind) for event in events if event.booking is not None)


def test_the_same_seed_gives_the_same_schedule() -> None:
    assert draw_schedule(read(), 4, 1, 1.0) == draw_schedule(read(), 4, 1, 1.0)
    assert draw_schedule(read(), 4, 1, 1.0) != draw_schedule(read(), 4, 2, 1.0)


def test_every_booking_is_made_once_and_ends_as_the_data_says() -> None:
    bookings = read()
    drawn = kinds(draw_schedule(bookings, 4, 1, 1.0))
    for booking in bookings.bookings:
        booked_by_then = booking.created <= LAST.isoformat()
        assert drawn[booking.booking_id, Kind.BOOK] == booked_by_then
        assert drawn[booking.booking_id, Kind.CANCEL] == (booking.is_canceled and booking.ended_on <= LAST.isoformat())
        assert drawn[booking.booking_id, Kind.CHECK_IN] == (booking.reservation_status == "check_out")
    for booking in bookings.due_out_at_start:
        assert drawn[booking.booking_id, Kind.CHECK_OUT] == 1


def test_of_one_booking_nothing_happens_before_it_was_made_and_nothing_after_it_ended() -> None:
    order = [Kind.BOOK, Kind.AMEND, Kind.CANCEL, Kind.CHECK_IN, Kind.CHECK_OUT]
    schedule = draw_schedule(read(), 4, 1, 1.0)
    reached: dict[str, int] = {}
    for event in [*schedule.before, *(event for day in schedule.days for event in day.events)]:
        if event.booking is None or event.kind not in order:
            continue
        step = order.index(event.kind)
        assert step >= reached.get(event.booking.booking_id, 0)
        reached[event.booking.booking_id] = step


def test_events_fall_into_the_hours_that_are_lived_and_have_a_desk_unless_they_come_from_the_booking_engine() -> None:
    for day in draw_schedule(read(), 4, 1, 1.0).days:
        assert sum((len(day.at(hour)) for hour in HOURS), 0) == len(day.events)
        for event in day.events:
            assert (event.desk is None) == (event.kind in ORIGIN_KINDS)
            assert event.desk is None or 0 <= event.desk < 4


def test_every_kind_of_pair_falls_on_every_day_when_its_share_is_one_and_on_none_for_a_single_desk() -> None:
    for day in draw_schedule(read(), 2, 1, 1.0).days:
        assert {pair for _hour, pair in day.pairs} == set(Pair) == set(PAIR_HOURS.values())
    assert not any(day.pairs for day in draw_schedule(read(), 1, 1, 1.0).days)
    assert not any(day.pairs for day in draw_schedule(read(), 2, 1, 0.0).days)
