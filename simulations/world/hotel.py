"""What the worlds of one program run share: keys, hotels, empty databases, and the bookings that guests call in with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from crdt_pms.hotel.nights import days_after, days_between
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.keys import DeviceKey
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice, found_property
from simulations.checkers.contents import PropertyFacts
from simulations.workloads.booking import Booking, hotel_named
from simulations.workloads.generator import generate_bookings
from simulations.workloads.property import make_property
from simulations.world.disk import Disk, DiskTemplate
from simulations.world.people import People
from simulations.world.plan import DAY_MS, RELAY, Property, WorldPlan

TERMINALS_MAX: Final = 12
ADMINISTRATORS: Final = 2
"""So many desks, the first ones, are administrators' devices."""
OPENING_DATE: Final = "2026-07-01"
BOOKINGS_LAST: Final = "2026-07-14"
BEHIND_DAYS: Final = 7
"""How far a hotel with shortened days is behind the calendar when its world begins, so that it may audit every one."""
DISK_KEY: Final = bytes(range(48))
BOOKED_ROOMS: Final = 40
"""Callers are those of a hotel of that many rooms: a smaller one is asked for more than it has."""
ROOM_TYPES: Final = {"A": 4.0, "D": 2.0, "E": 1.0}
_KEY_BYTES: Final = 32
_ROOT: Final = DeviceKey(b"r" * _KEY_BYTES)
_ADMINISTRATOR: Final = DeviceKey(b"a" * _KEY_BYTES)


@cache
def device_key(number: int) -> DeviceKey:
    """The key of a machine, by its number."""
    return DeviceKey((number + 1).to_bytes(_KEY_BYTES, "big"))


@cache
def enrolled_device(property_id: str, number: int) -> EnrolledDevice:
    """A machine as the property's administrator enrolled it; a number beyond the terminals': under another root."""
    root = _ROOT if number <= TERMINALS_MAX else DeviceKey(bytes(_KEY_BYTES))
    administrator = found_property(root, property_id, _ADMINISTRATOR, "administrator", Stamp(0, 0))
    device_class, name = _class_of(number), RELAY if number == 0 else f"desk-{number}"
    key = device_key(number)
    return EnrolledDevice(key, administrator.enrol(key.public_bytes, device_class, name, Stamp(0, 0)))


def _class_of(number: int) -> DeviceClass:
    if number == 0:
        return DeviceClass.RELAY
    return DeviceClass.ADMINISTRATOR if number <= ADMINISTRATORS else DeviceClass.TERMINAL


@cache
def _definition(hotel: str, rooms: int, opening_date: str) -> PropertyDefinition:
    return make_property(hotel_named(hotel), rooms, ROOM_TYPES, opening_date, _ROOT.public_bytes)


@cache
def _bookings(hotel: str, rooms: int, opening_date: str, seed: int) -> Sequence[Booking]:
    random = Random(seed)
    rooms_plan = _definition(hotel, rooms, opening_date).rooms
    last_date = days_after(opening_date, days_between(OPENING_DATE, BOOKINGS_LAST))
    first, last = date.fromisoformat(opening_date), date.fromisoformat(last_date)
    return generate_bookings(random, hotel_named(hotel), first, last, rooms_plan).bookings


@cache
def _template(property_id: str, key: bytes | None) -> DiskTemplate:
    """The empty database of a property, made once in a program and then copied; encrypted with `key` if there is one."""
    with TemporaryDirectory(prefix="crdt-pms-template-") as folder:
        return DiskTemplate(Path(folder), property_id, key)


def _opening_date(prop: Property) -> str:
    return OPENING_DATE if prop.day_ms == DAY_MS else days_after(OPENING_DATE, -BEHIND_DAYS)


class Hotel:
    """The hotel of one world; what takes long to make is made once in a process."""

    def __init__(self, plan: WorldPlan, bookings: Sequence[Booking] | None = None) -> None:
        """`bookings` are real ones; without them some are generated."""
        self.property = plan.property
        self.definition = _definition(self.property.hotel, self.property.rooms, _opening_date(self.property))
        self._given = bookings

    @property
    def facts(self) -> PropertyFacts:
        """What the judge knows of the property."""
        return PropertyFacts(self.definition.property_id, self.definition.root_key, self.definition.opening_date)

    def device(self, number: int) -> EnrolledDevice:
        """A machine as it is enrolled."""
        return enrolled_device(self.definition.property_id, number)

    @property
    def manager(self) -> str:
        """A manager's staff id."""
        return next(member.staff_id for member in self.definition.staff if member.role == "manager")

    def disk(self, folder: Path, *, is_encrypted: bool) -> Disk:
        """A new, empty disk."""
        key = DISK_KEY if is_encrypted else None
        template = _template(self.definition.property_id, key)
        return Disk(folder, template, self.definition.property_id, key)

    def people(self, plan: WorldPlan) -> People:
        """Everybody who works there, and the other systems."""
        return People(self._bookings_of(self.property), plan, self.definition)

    def _bookings_of(self, prop: Property) -> Sequence[Booking]:
        if self._given is not None:
            return self._given
        return _bookings(prop.hotel, BOOKED_ROOMS, _opening_date(prop), prop.bookings_seed)
