"""The hotel that grows: its rows, its devices, and where its files lie."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from crdt_pms.hotel.nights import days_after
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.store.desk_file import open_desk
from crdt_pms.store.witnessed import WitnessedStore
from simulations.workloads.booking import hotel_named
from simulations.workloads.property import ZONE, make_property
from simulations.world.hotel import enrolled_device

OPENING_DATE: Final = "2024-01-01"
DESKS: Final = 4
JOINING: Final = 5
"""The number of the device that joins the property when it is measured."""
RELAY: Final = 0
ROOM_TYPES: Final = {"A": 4.0, "D": 2.0, "E": 1.0}
_ROOT_KEY: Final = enrolled_device("minatomachi", 1).chain.root_key


@dataclass(frozen=True, slots=True)
class Size:
    """How large the hotel is: its rooms, and how many stays begin on a day."""

    rooms: int = 250
    stays_a_day: int = 80


def definition_of(size: Size) -> PropertyDefinition:
    """The property."""
    return make_property(hotel_named("city"), size.rooms, ROOM_TYPES, OPENING_DATE, _ROOT_KEY)


def device_of(definition: PropertyDefinition, number: int) -> EnrolledDevice:
    """A machine as the property enrolled it: the relay (0), the desks (1 to 4), the one that joins."""
    return enrolled_device(definition.property_id, number)


def moment_ms(day: int, hour: float) -> int:
    """UTC milliseconds of an hour, by the hotel's clocks, of a day; 0 is the day of opening."""
    midnight = datetime.fromisoformat(days_after(OPENING_DATE, day)).replace(tzinfo=ZoneInfo(ZONE))
    return round((midnight.timestamp() + hour * 3_600) * 1_000)


@dataclass(frozen=True, slots=True)
class Files:
    """The folder of one hotel: its desk's database with the witness, and the relay's database."""

    folder: Path

    @property
    def desk(self) -> Path:
        """The desk's database."""
        return self.folder / "desk" / "desk.sqlite"

    @property
    def relay(self) -> Path:
        """The relay's database."""
        return self.folder / "relay" / "relay.sqlite"

    @property
    def former(self) -> Path:
        """The desk's database as it was 60 days ago."""
        return self.folder / "former" / "desk.sqlite"

    def copy_to(self, folder: Path) -> Files:
        """A copy of everything. No process may have the files open."""
        shutil.copytree(self.folder, folder)
        return Files(folder)

    def megabytes(self) -> float:
        """The size of the desk's database and what lies beside it."""
        return sum(one.stat().st_size for one in self.desk.parent.iterdir()) / 1e6


def open_desk_store(path: Path, definition: PropertyDefinition, device: EnrolledDevice) -> WitnessedStore:
    """A desk's database, made where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return open_desk(path, definition.property_id, device.device_id)
