"""The room board as a screen shows it: what housekeeping and maintenance say, and what follows from the stays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from crdt_pms.desk.holding import holding_of
from crdt_pms.desk.rows import Stay
from crdt_pms.desk.view import DeskView
from crdt_pms.desk.views.room_matters import DoubleBooking, RoomMatter, RoomMatters, room_matters
from crdt_pms.desk.views.stays import guest_name
from crdt_pms.hotel.occupancy import (
    Discrepancy,
    FrontOfficeOccupancy,
    HousekeepingReservation,
    RoomStay,
    discrepancy,
    fo_occupancy,
    hk_reservation,
)
from crdt_pms.hotel.rooms import Room
from crdt_pms.hotel.statuses import (
    GuestService,
    HousekeepingCondition,
    HousekeepingOccupancy,
    Maintenance,
    StayStatus,
)
from crdt_pms.ledger.alerts import Alert
from crdt_pms.ledger.conflicts import StandingValue


class StandingBoard(Protocol):
    """What the read models ask of the board beyond `crdt_pms.desk.view.BoardReader`."""

    def concurrent(self, room: str, field: str) -> Sequence[StandingValue]:
        """All values that stand for a field, the shown one first."""
        ...

    def conflicts(self) -> Sequence[tuple[str, str, Sequence[StandingValue]]]:
        """Room, field and standing values wherever two or more of these differ."""
        ...


class DepartedStay(Protocol):
    """A stay that has left, as readable rows say it."""

    @property
    def room(self) -> str | None:
        """The room that it left."""
        ...

    @property
    def arrival(self) -> str | None:
        """ISO date."""
        ...

    @property
    def nights(self) -> int | None:
        """How many nights it was to stay."""
        ...


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One room as the board shows it.

    `stay` is the one whose guest is shown in the room. `double_bookings` are other stays that hold it too, `matters` what
    else stands about it on the conflict desk. `contested` names the board fields for which differing values stand.
    `updated_at_ms` (UTC milliseconds) and `updated_by` are of the newest report; both None before the first.
    """

    room: str
    floor: int
    room_type: str
    hk_condition: HousekeepingCondition
    hk_occupancy: HousekeepingOccupancy
    maintenance: Maintenance
    maintenance_reason: str
    guest_service: GuestService
    fo_occupancy: FrontOfficeOccupancy
    discrepancy: Discrepancy
    hk_reservation: HousekeepingReservation
    stay: str | None
    guest_name: str | None
    double_bookings: tuple[DoubleBooking, ...]
    matters: tuple[RoomMatter, ...]
    contested: tuple[str, ...]
    updated_at_ms: int | None
    updated_by: str | None


def standing_board(view: DeskView) -> StandingBoard:
    """The view's board with its concurrent values."""
    # At run time it is a `crdt_pms.documents.board.Board`, which the desk must not import.
    return cast("StandingBoard", view.board)


def room_board(view: DeskView, alerts: Sequence[Alert], departed: Iterable[DepartedStay]) -> tuple[BoardRow, ...]:
    """Every room of the property, in the order of the corridor. The caller gives all alerts, as for `alert_lines`, and the
    stays that have left and whose date of departure is the business date: most of these are at rest."""
    contested: dict[str, list[str]] = {}
    for room, field, _values in standing_board(view).conflicts():
        contested.setdefault(room, []).append(field)
    left: dict[str, list[RoomStay]] = {}
    for stay in departed:
        if stay.room is not None and stay.arrival is not None and stay.nights is not None:
            left.setdefault(stay.room, []).append(RoomStay(StayStatus.CHECKED_OUT, stay.arrival, stay.nights))
    matters = room_matters(view, alerts)
    return tuple(
        _row(
            view,
            room,
            left.get(room.number, ()),
            matters.get(room.number, RoomMatters()),
            tuple(contested.get(room.number, ())),
        )
        for room in view.rooms
    )


def _row(
    view: DeskView, room: Room, departed: Sequence[RoomStay], matters: RoomMatters, contested: tuple[str, ...]
) -> BoardRow:
    board = view.room_board(room.number)
    holding = holding_of(view, room.number)
    keeping = [_room_stay(stay) for stay in holding.keeping]
    front_office = fo_occupancy(keeping)
    here = holding.in_house
    newest = max(view.board.read(room.number).values(), key=lambda value: value.stamp, default=None)
    return BoardRow(
        room=room.number,
        floor=room.floor,
        room_type=room.room_type,
        hk_condition=board.condition,
        hk_occupancy=board.occupancy,
        maintenance=board.maintenance,
        maintenance_reason=board.maintenance_reason,
        guest_service=board.guest_service,
        fo_occupancy=front_office,
        discrepancy=discrepancy(front_office, board.occupancy),
        hk_reservation=hk_reservation((*keeping, *departed), view.business_date),
        stay=None if here is None else here.stay_id,
        guest_name=None if here is None else guest_name(view, here.guest),
        double_bookings=matters.double_bookings,
        matters=matters.others,
        contested=contested,
        updated_at_ms=None if newest is None else newest.stamp[0],
        updated_by=None if newest is None else newest.author,
    )


def _room_stay(stay: Stay) -> RoomStay:
    return RoomStay(stay.status, stay.terms.arrival, stay.terms.nights)
