"""Fills a new hotel: guests in house, arrivals of today, bookings of the days to come, clean rooms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.hotel.rooms import Room
from simulations.processes.cluster import Cluster
from simulations.processes.hotel_driver import HotelDriver, Refusal
from simulations.workloads.booking import Booking
from simulations.workloads.bookings_read import BookingsRead
from simulations.workloads.generator import generate_bookings
from simulations.workloads.property import make_property

ROOMS: Final = 60
ROOM_TYPE_SHARES: Final = {"A": 0.6, "D": 0.25, "E": 0.15}
DAYS: Final = 5


def demo_property(today: date) -> PropertyDefinition:
    """The hotel of the demo, opening today."""
    return make_property("city", ROOMS, ROOM_TYPE_SHARES, today.isoformat())


def demo_bookings(definition: PropertyDefinition, today: date, seed: int) -> BookingsRead:
    """Bookings around today, from the product's own generator."""
    return generate_bookings(Random(seed), "city", today, today + timedelta(days=DAYS), definition.rooms)


async def populate(cluster: Cluster, driver: HotelDriver, read: BookingsRead) -> None:
    """Bring guests and rooms in through the same doors as in a real hotel: the desks and the booking engine."""
    free = list(cluster.definition.rooms)
    for number, booking in enumerate([*read.in_house_at_start, *read.due_out_at_start]):
        room = _take_room(free, booking.room_type_assigned)
        if room is None:
            break
        answer = await driver.take_over(cluster.terminals[number % len(cluster.terminals)], booking, room.number)
        if isinstance(answer, Refusal):
            raise RuntimeError(f"{booking.booking_id} was not taken over: {answer.words}")
    for number, room in enumerate(free):
        desk = cluster.terminals[number % len(cluster.terminals)]
        await driver.must(desk, "set_room_condition", "yamamoto", room=room.number, field="hk_condition", value="clean")
        if number % 3:
            await driver.must(
                desk, "set_room_condition", "yamamoto", room=room.number, field="hk_condition", value="inspected"
            )
    await _book(driver, [booking for booking in read.bookings if not booking.is_canceled])
    await driver.must(
        cluster.terminals[0], "edit_note", document=f"shift-log/{read.first.isoformat()}", base_text="",
        new_text="夜勤より: 205号室の冷蔵庫を点検済み。朝食は7時から。",
    )  # fmt: skip


def _take_room(free: list[Room], room_type: str) -> Room | None:
    found = next((room for room in free if room.room_type == room_type), free[0] if free else None)
    if found is not None:
        free.remove(found)
    return found


async def _book(driver: HotelDriver, bookings: Sequence[Booking]) -> None:
    for booking in bookings:
        answer = await driver.book(booking)
        if isinstance(answer, Refusal):
            raise RuntimeError(f"{booking.booking_id} was not booked: {answer.words}")
