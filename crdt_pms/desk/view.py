"""The desk as its author sees it: the rows, the board, the property. Everything an action or a screen reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar, cast

from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import Occupancy, Stay, Terms, posting_of
from crdt_pms.hotel.folio import Posting
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.hotel.rooms import Room, RoomPlan
from crdt_pms.hotel.statuses import (
    BOARD_DEFAULTS,
    GUEST_SERVICE,
    HK_CONDITION,
    HK_OCCUPANCY,
    MAINTENANCE,
    MAINTENANCE_REASON,
    GuestService,
    HousekeepingCondition,
    HousekeepingOccupancy,
    Maintenance,
)
from crdt_pms.journal.identifiers import DeviceId, VersionVector
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import (
    BUSINESS_DAY,
    FOLIO_WINDOW,
    GUEST_PROFILE,
    OCCUPANCY,
    POSTING,
    STAY_GUEST,
    TERMS,
)


class BoardValueRead(Protocol):
    """One value of the board as it is shown: what, when (UTC milliseconds, counter), by whom."""

    @property
    def value(self) -> str:
        """What was set."""
        ...

    @property
    def stamp(self) -> tuple[int, int]:
        """When it was set."""
        ...

    @property
    def author(self) -> str:
        """The staff id of the person who set it."""
        ...


class BoardReader(Protocol):
    """The room board, for reading."""

    def read(self, room: str) -> Mapping[str, BoardValueRead]:
        """The newest value of every field that was ever set for the room."""
        ...

    def concurrent(self, room: str, field: str) -> Sequence[BoardValueRead]:
        """All values that stand for a field, the shown one first."""
        ...


@dataclass(frozen=True, slots=True)
class RoomBoard:
    """The board's fields of one room; a field that was never set says its default."""

    condition: HousekeepingCondition
    occupancy: HousekeepingOccupancy
    maintenance: Maintenance
    maintenance_reason: str
    guest_service: GuestService


@dataclass(frozen=True, slots=True)
class DeskView:
    """What one terminal shows at one moment.

    `held` is the version vector of the entries that this node holds; with it, a form can only name entries that
    exist. `device_names` are what administrators called the devices, by device id. `device` is the one that this is shown
    on, None at a node without desk; `is_administrator` whether it may change what the property is. `newer_rows` are the kinds
    and ids of rows about which a newer program has written what this one cannot read. Nothing here may change while an action
    decides or a screen is made.
    """

    ledger: Ledger
    board: BoardReader
    definition: PropertyDefinition
    held: VersionVector | None = None
    device_names: Mapping[str, str] = field(default_factory=dict[str, str])
    device: DeviceId | None = None
    is_administrator: bool = False
    newer_rows: frozenset[tuple[str, str]] = frozenset()

    @property
    def rooms(self) -> RoomPlan:
        """The property's rooms."""
        return self.definition.rooms

    @property
    def business_date(self) -> str:
        """The date that the desk works on, as this terminal knows it."""
        shown = self.ledger.shown(Register(BUSINESS_DAY, self.definition.property_id))
        return self.definition.opening_date if shown is None else cast("str", shown["date"])

    def stay(self, stay_id: str) -> Stay | None:
        """The stay of that id, or None."""
        occupancy = self.ledger.shown(Register(OCCUPANCY, stay_id))
        terms = self.ledger.shown(Register(TERMS, stay_id))
        guest = self.ledger.shown(Register(STAY_GUEST, stay_id))
        if occupancy is None or terms is None or guest is None:
            return None
        return Stay(stay_id, Occupancy.of(occupancy), Terms.of(terms), cast("str", guest["guest"]))

    def require_stay(self, stay_id: str) -> Stay:
        """The stay of that id. Refused when this terminal has none."""
        found = self.stay(stay_id)
        if found is None:
            raise Refused(RefusalCode.STAY_UNKNOWN, stay=stay_id[:80])
        return found

    def require_stay_understood(self, stay_id: str) -> Stay:
        """The stay of that id, for money and departures. Refused also when this program cannot read all that is known of it."""
        found = self.require_stay(stay_id)
        if not self.understands(found):
            raise Refused(RefusalCode.UPDATE_NEEDED, row=stay_id[:80])
        return found

    def understands(self, stay: Stay) -> bool:
        """Whether this program can read everything that was written about a stay and its folio."""
        if self.newer_rows and not self.newer_rows.isdisjoint({("stay", stay.stay_id), ("folio", stay.folio)}):
            return False
        registers = (
            Register(OCCUPANCY, stay.stay_id),
            Register(TERMS, stay.stay_id),
            Register(FOLIO_WINDOW, stay.folio),
        )
        writes = (self.ledger.shown_write(register) for register in registers)
        return not any(write is not None and write.reading.without_meaning for write in writes)

    def stays(self) -> Iterable[Stay]:
        """Every stay, in the order of their ids."""
        for stay_id in sorted(stay_id for stay_id, _occupancy in self.ledger.rows(OCCUPANCY)):
            found = self.stay(stay_id)
            if found is not None:
                yield found

    def guest(self, guest_id: str) -> Value | None:
        """The profile of a guest, or None."""
        return self.ledger.shown(Register(GUEST_PROFILE, guest_id))

    def require_guest(self, guest_id: str) -> Value:
        """The profile of a guest. Refused when this terminal has none."""
        found = self.guest(guest_id)
        if found is None:
            raise Refused(RefusalCode.GUEST_UNKNOWN, guest=guest_id[:80])
        return found

    def require_room(self, number: str) -> Room:
        """The room of that number. Refused when the property has none."""
        found = self.rooms.get(number)
        if found is None:
            raise Refused(RefusalCode.ROOM_UNKNOWN, room=number[:40])
        return found

    def posting(self, row: str) -> Posting | None:
        """The posting of that row id, or None."""
        value = self.ledger.shown(Register(POSTING, row))
        return None if value is None else posting_of(row, value)

    def room_board(self, room: str) -> RoomBoard:
        """What the board says of a room."""
        read = self.board.read(room)

        def said(field: str) -> str:
            written = read.get(field)
            return BOARD_DEFAULTS[field] if written is None else written.value

        return RoomBoard(
            _known(HousekeepingCondition, said(HK_CONDITION), HousekeepingCondition.DIRTY),
            _known(HousekeepingOccupancy, said(HK_OCCUPANCY), HousekeepingOccupancy.UNREPORTED),
            # A word of a newer version is taken for the state that keeps guests out.
            _known(Maintenance, said(MAINTENANCE), Maintenance.OUT_OF_ORDER),
            said(MAINTENANCE_REASON),
            _known(GuestService, said(GUEST_SERVICE), GuestService.NONE),
        )


_Member = TypeVar("_Member", bound=StrEnum)


def _known(members: type[_Member], value: str, otherwise: _Member) -> _Member:
    try:
        return members(value)
    except ValueError:
        return otherwise
