"""The statuses of a stay and the fields of the room board.

A room has several separate axes and never one status: what housekeeping says of its condition, what an attendant saw
in it, whether it is out of use, what its guest asked for. What the front office thinks of it is derived
(`crdt_pms.hotel.occupancy`).
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType

from crdt_pms.hotel.errors import BoardValueInvalid


class PresenceClass(IntEnum):
    """How much a status says about a person being in the house; the higher one is shown when statuses collide."""

    PAPER = 0
    CHECKED_OUT = 1
    IN_HOUSE = 2


class StayStatus(StrEnum):
    """Where a stay is in its life, from an enquiry to a departed guest."""

    REQUESTED = "requested"
    WAITLISTED = "waitlisted"
    OPTIONAL = "optional"
    RESERVED = "reserved"
    IN_HOUSE = "in_house"
    CHECKED_OUT = "checked_out"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"

    @property
    def presence(self) -> PresenceClass:
        """The declared class of policy `presence`: in-house over checked-out over paper."""
        return _PRESENCE.get(self, PresenceClass.PAPER)

    @property
    def holds_room(self) -> bool:
        """Whether a room named by a stay in this status is taken: a guest is in it, or it is promised."""
        return self in (StayStatus.IN_HOUSE, StayStatus.RESERVED)

    @property
    def is_due(self) -> bool:
        """Whether the guest is still expected or here: neither gone nor cancelled."""
        return self in DUE_STATUSES


_PRESENCE: Mapping[StayStatus, PresenceClass] = {
    StayStatus.IN_HOUSE: PresenceClass.IN_HOUSE,
    StayStatus.CHECKED_OUT: PresenceClass.CHECKED_OUT,
}

TENTATIVE_STATUSES = frozenset({StayStatus.REQUESTED, StayStatus.WAITLISTED, StayStatus.OPTIONAL})
DUE_STATUSES = TENTATIVE_STATUSES | {StayStatus.RESERVED, StayStatus.IN_HOUSE}


class HousekeepingCondition(StrEnum):
    """How clean a room is. `PICKUP` needs a touch only."""

    DIRTY = "dirty"
    PICKUP = "pickup"
    CLEAN = "clean"
    INSPECTED = "inspected"

    @property
    def is_ready(self) -> bool:
        """Whether a guest may be shown to the room."""
        return self in (HousekeepingCondition.CLEAN, HousekeepingCondition.INSPECTED)


class HousekeepingOccupancy(StrEnum):
    """What the attendant saw in the room."""

    UNREPORTED = "unreported"
    VACANT = "vacant"
    OCCUPIED = "occupied"


class Maintenance(StrEnum):
    """Whether the room is out of use. Out of order leaves the inventory; out of service stays sellable."""

    NONE = "none"
    OUT_OF_SERVICE = "out_of_service"
    OUT_OF_ORDER = "out_of_order"


class GuestService(StrEnum):
    """What the guest in the room asked of housekeeping."""

    NONE = "none"
    DO_NOT_DISTURB = "do_not_disturb"
    MAKE_UP_ROOM = "make_up_room"
    DECLINED = "declined"


HK_CONDITION = "hk_condition"
HK_OCCUPANCY = "hk_occupancy"
MAINTENANCE = "maintenance"
MAINTENANCE_REASON = "maintenance_reason"
GUEST_SERVICE = "guest_service"

BOARD_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        HK_CONDITION: tuple(member.value for member in HousekeepingCondition),
        HK_OCCUPANCY: tuple(member.value for member in HousekeepingOccupancy),
        MAINTENANCE: tuple(member.value for member in Maintenance),
        GUEST_SERVICE: tuple(member.value for member in GuestService),
    }
)
"""Every board field with a fixed set of values, and those values."""

BOARD_TEXT_FIELDS: Mapping[str, int] = MappingProxyType({MAINTENANCE_REASON: 200})
"""Every board field that is free text, and how many characters it may have.

`maintenance_reason` is written with every `maintenance`, in the same step and with the same time, so that the newest
of both is always of one author.
"""

BOARD_DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        # No attendant has said that the room is clean, so no guest is shown to it.
        HK_CONDITION: HousekeepingCondition.DIRTY.value,
        HK_OCCUPANCY: HousekeepingOccupancy.UNREPORTED.value,
        MAINTENANCE: Maintenance.NONE.value,
        MAINTENANCE_REASON: "",
        GUEST_SERVICE: GuestService.NONE.value,
    }
)
"""What a field says before anybody wrote it."""


def require_board_value(field: str, value: str) -> None:
    """Raise `BoardValueInvalid` unless the board has that field and the field may have that value."""
    allowed = BOARD_FIELDS.get(field)
    if allowed is not None:
        if value not in allowed:
            raise BoardValueInvalid(f"{field} cannot be {value!r}: choose one of {', '.join(allowed)}")
        return
    length_max = BOARD_TEXT_FIELDS.get(field)
    if length_max is None:
        known = ", ".join((*BOARD_FIELDS, *BOARD_TEXT_FIELDS))
        raise BoardValueInvalid(f"the board has no field {field!r}: it has {known}")
    if len(value) > length_max:
        raise BoardValueInvalid(f"{field} has {len(value)} characters: give at most {length_max}")
