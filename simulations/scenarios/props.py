"""What many scripts need: bookings, guests who are here already, a clean room."""

from __future__ import annotations

from collections.abc import Callable

from crdt_pms.desk.actions.arrivals import TakeOverStay, WalkIn
from crdt_pms.desk.actions.conflicts import Resolve
from crdt_pms.desk.actions.folio import SettleFolio
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.reservations import CreateStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.folios import balance_by_now
from crdt_pms.desk.view import DeskView
from crdt_pms.desk.views import conflict_lines
from crdt_pms.hotel.nights import days_after
from crdt_pms.hotel.statuses import HK_CONDITION, HousekeepingCondition
from crdt_pms.ledger.conflicts import ConflictState
from crdt_pms.ledger.matters import Matter
from simulations.world.hotel import OPENING_DATE

RATE_MINOR = 12_000
CONTACT, ADDRESS = "090-0000-0000", "Matsumoto, Nagano"


def date_of(day: int) -> str:
    """The date of a day of a script."""
    return days_after(OPENING_DATE, day - 1)


def booked(
    stay: str, name: str, *, day: int = 1, nights: int = 1, room: str | None = None, source: str = "phone"
) -> CreateStay:
    """A reservation for two."""
    return CreateStay(
        date_of(day), nights, "A", RATE_MINOR, 2, source, room=room, stay=stay, guest_name=name, guest_contact=CONTACT,
        guest_address=ADDRESS,
    )  # fmt: skip


def here_already(stay: str, name: str, room: str, *, until_day: int) -> TakeOverStay:
    """A guest who came on the day before the system did and stays until that day."""
    reason = "here before the system was"
    return TakeOverStay(room, date_of(0), until_day, RATE_MINOR, 2, name, reason, stay=stay)


def from_the_street(stay: str, name: str, room: str, *, nights: int = 1) -> WalkIn:
    """Somebody without a reservation."""
    return WalkIn(room, nights, RATE_MINOR, 2, stay=stay, guest_name=name, guest_contact=CONTACT, guest_address=ADDRESS)


def reported(room: str, condition: HousekeepingCondition) -> SetRoomCondition:
    """What housekeeping says of a room."""
    return SetRoomCondition(room, HK_CONDITION, condition.value)


def settled(stay: str, method: str, slip: str) -> Callable[[DeskView], SettleFolio]:
    """A guest pays the balance that the screen shows."""

    def decide(view: DeskView) -> SettleFolio:
        return SettleFolio(stay, method, slip, balance_by_now(view, view.require_stay(stay)))

    return decide


def audit(view: DeskView) -> RunNightAudit:
    """The night audit of the date that the desk works on."""
    return RunNightAudit(view.business_date)


def chosen(matter: Matter, reason: str, *, by: str) -> Callable[[DeskView], Resolve]:
    """A manager decides an open conflict of that kind for what that member of staff wrote."""

    def decide(view: DeskView) -> Resolve:
        lines = conflict_lines(view)
        line = next(one for one in lines if one.matter is matter and one.state is ConflictState.OPEN)
        option = next(one for one in line.options if one.author == by)
        return Resolve(line.group, line.row, option.dot, reason)

    return decide
