"""What follows from the stays of a room and from its board: derived, never stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from crdt_pms.hotel.nights import days_after
from crdt_pms.hotel.statuses import HousekeepingOccupancy, StayStatus


class FrontOfficeOccupancy(StrEnum):
    """Whether the front office has a guest in the room."""

    VACANT = "vacant"
    OCCUPIED = "occupied"


class Discrepancy(StrEnum):
    """How front office and housekeeping disagree about a room.

    `SLEEP`: the front office has it vacant, the attendant saw a guest. `SKIP`: the reverse. `PERSON`: both have a
    guest, but not the same number of persons.
    """

    NONE = "none"
    SLEEP = "sleep"
    SKIP = "skip"
    PERSON = "person"


class HousekeepingReservation(StrEnum):
    """What housekeeping must know of the reservations of a room today."""

    NOT_RESERVED = "not_reserved"
    DEPARTED = "departed"
    ARRIVAL = "arrival"
    STAY_OVER = "stay_over"
    ARRIVED = "arrived"
    DUE_OUT = "due_out"
    DAY_USE = "day_use"


@dataclass(frozen=True, slots=True)
class RoomStay:
    """What of a stay matters to the room that it holds or has left."""

    status: StayStatus
    arrival: str
    nights: int


def fo_occupancy(stays: Iterable[RoomStay]) -> FrontOfficeOccupancy:
    """Occupied as soon as one stay of the room is in house."""
    if any(stay.status is StayStatus.IN_HOUSE for stay in stays):
        return FrontOfficeOccupancy.OCCUPIED
    return FrontOfficeOccupancy.VACANT


def discrepancy(
    front_office: FrontOfficeOccupancy,
    housekeeping: HousekeepingOccupancy,
    persons_expected: int | None = None,
    persons_seen: int | None = None,
) -> Discrepancy:
    """Compare what the front office has with what the attendant saw. Nothing seen is no disagreement.

    Persons are compared only where both numbers are known.
    """
    if housekeeping is HousekeepingOccupancy.UNREPORTED:
        return Discrepancy.NONE
    occupied_here = front_office is FrontOfficeOccupancy.OCCUPIED
    occupied_there = housekeeping is HousekeepingOccupancy.OCCUPIED
    if occupied_here != occupied_there:
        return Discrepancy.SKIP if occupied_here else Discrepancy.SLEEP
    if occupied_here and persons_expected is not None and persons_seen is not None:
        return Discrepancy.NONE if persons_expected == persons_seen else Discrepancy.PERSON
    return Discrepancy.NONE


def hk_reservation(stays: Iterable[RoomStay], business_date: str) -> HousekeepingReservation:
    """The most telling of what holds for a room's stays on the business date.

    A guest in house comes before an arrival, and an arrival before a departure: the attendant who sees `due_out` goes
    there first whether or not a guest follows.
    """
    strongest = HousekeepingReservation.NOT_RESERVED
    for stay in stays:
        found = _reservation_of(stay, business_date)
        if _STRENGTH[found] > _STRENGTH[strongest]:
            strongest = found
    return strongest


_STRENGTH = {reservation: strength for strength, reservation in enumerate(HousekeepingReservation)}


def _reservation_of(stay: RoomStay, business_date: str) -> HousekeepingReservation:
    departure = days_after(stay.arrival, stay.nights)
    if stay.status is StayStatus.IN_HOUSE:
        if departure <= business_date:
            same_day = stay.arrival == business_date
            return HousekeepingReservation.DAY_USE if same_day else HousekeepingReservation.DUE_OUT
        arrived_today = stay.arrival == business_date
        return HousekeepingReservation.ARRIVED if arrived_today else HousekeepingReservation.STAY_OVER
    if stay.status is StayStatus.RESERVED and stay.arrival == business_date:
        return HousekeepingReservation.ARRIVAL
    if stay.status is StayStatus.CHECKED_OUT and departure == business_date:
        return HousekeepingReservation.DEPARTED
    return HousekeepingReservation.NOT_RESERVED
