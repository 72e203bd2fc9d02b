"""The steps a stay and a room's condition can take, as tables.

A pair that is in no row is a `TransitionUnknown`: there is no other way from one status to another. A row names the
guards that must hold in the view of the person who takes the step, and what else the same step does. The checks behind the
names live with the actions (`crdt_pms.desk.guards`), which have the view; a guard without a check fails a test.
"""

from dataclasses import dataclass
from enum import StrEnum

from crdt_pms.hotel.errors import TransitionUnknown
from crdt_pms.hotel.statuses import HousekeepingCondition, StayStatus


class Guard(StrEnum):
    """What must hold before a step is taken."""

    ARRIVAL_IS_BUSINESS_DATE = "arrival_is_business_date"
    ROOM_GIVEN = "room_given"
    ROOM_VACANT = "room_vacant"
    ROOM_NOT_HELD = "room_not_held"
    ROOM_READY_OR_OVERRIDE = "room_ready_or_override"
    REGISTER_COMPLETE = "register_complete"
    REASON_GIVEN = "reason_given"
    AT_NIGHT_AUDIT = "at_night_audit"
    BALANCE_ZERO_OR_NOTE = "balance_zero_or_note"
    DEPARTURE_IS_BUSINESS_DATE = "departure_is_business_date"


class Effect(StrEnum):
    """What a step does besides changing the status."""

    ROOM_RELEASED = "room_released"
    ROOM_TO_DIRTY = "room_to_dirty"
    TERMS_SHORTENED = "terms_shortened"
    FOLIO_CLOSED = "folio_closed"
    FOLIO_OPENED = "folio_opened"


@dataclass(frozen=True, slots=True)
class StayTransition:
    """One row of the table: a step, what guards it, what it does besides."""

    source: StayStatus
    target: StayStatus
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()


_REQUESTED, _WAITLISTED, _OPTIONAL = StayStatus.REQUESTED, StayStatus.WAITLISTED, StayStatus.OPTIONAL
_RESERVED, _IN_HOUSE, _CHECKED_OUT = StayStatus.RESERVED, StayStatus.IN_HOUSE, StayStatus.CHECKED_OUT
_CANCELLED, _NO_SHOW = StayStatus.CANCELLED, StayStatus.NO_SHOW

_CANCELLING = ((Guard.REASON_GIVEN,), (Effect.ROOM_RELEASED,))

STAY_TRANSITIONS: tuple[StayTransition, ...] = (
    StayTransition(_REQUESTED, _RESERVED),
    StayTransition(_WAITLISTED, _RESERVED),
    StayTransition(_OPTIONAL, _RESERVED),
    StayTransition(_REQUESTED, _CANCELLED, *_CANCELLING),
    StayTransition(_WAITLISTED, _CANCELLED, *_CANCELLING),
    StayTransition(_OPTIONAL, _CANCELLED, *_CANCELLING),
    StayTransition(
        _RESERVED,
        _IN_HOUSE,
        (
            Guard.ARRIVAL_IS_BUSINESS_DATE,
            Guard.ROOM_GIVEN,
            Guard.ROOM_VACANT,
            Guard.ROOM_NOT_HELD,
            Guard.ROOM_READY_OR_OVERRIDE,
            Guard.REGISTER_COMPLETE,
        ),
    ),
    StayTransition(_RESERVED, _CANCELLED, *_CANCELLING),
    StayTransition(_RESERVED, _NO_SHOW, (Guard.AT_NIGHT_AUDIT,), (Effect.ROOM_RELEASED,)),
    StayTransition(
        _IN_HOUSE,
        _CHECKED_OUT,
        (Guard.BALANCE_ZERO_OR_NOTE,),
        (Effect.TERMS_SHORTENED, Effect.ROOM_TO_DIRTY, Effect.FOLIO_CLOSED),
    ),
    # A check-in is taken back on its own day only: afterwards a night was slept and is owed.
    StayTransition(
        _IN_HOUSE,
        _RESERVED,
        (Guard.REASON_GIVEN, Guard.ARRIVAL_IS_BUSINESS_DATE),
        (Effect.ROOM_TO_DIRTY,),
    ),
    StayTransition(
        _CHECKED_OUT,
        _IN_HOUSE,
        (Guard.REASON_GIVEN, Guard.DEPARTURE_IS_BUSINESS_DATE, Guard.ROOM_VACANT, Guard.ROOM_NOT_HELD),
        (Effect.FOLIO_OPENED,),
    ),
    # House policy: the person who takes a no-show back says why. The room was released and is assigned anew.
    StayTransition(_NO_SHOW, _RESERVED, (Guard.REASON_GIVEN,)),
)

_STAY_STEPS = {(row.source, row.target): row for row in STAY_TRANSITIONS}


def stay_transition(source: StayStatus, target: StayStatus) -> StayTransition:
    """The row for that step. Raises `TransitionUnknown`."""
    row = _STAY_STEPS.get((source, target))
    if row is None:
        raise TransitionUnknown("stay", source.value, target.value)
    return row


_DIRTY, _PICKUP = HousekeepingCondition.DIRTY, HousekeepingCondition.PICKUP
_CLEAN, _INSPECTED = HousekeepingCondition.CLEAN, HousekeepingCondition.INSPECTED

ROOM_CONDITION_TRANSITIONS: frozenset[tuple[HousekeepingCondition, HousekeepingCondition]] = frozenset(
    {
        (_PICKUP, _DIRTY),
        (_CLEAN, _DIRTY),
        (_INSPECTED, _DIRTY),
        (_DIRTY, _CLEAN),
        (_PICKUP, _CLEAN),
        (_CLEAN, _INSPECTED),
        # A made room that was looked into needs a touch only; it is never *less* clean than dirty.
        (_DIRTY, _PICKUP),
        (_CLEAN, _PICKUP),
        (_INSPECTED, _PICKUP),
        # The inspector takes the word back without sending the room to be cleaned again.
        (_INSPECTED, _CLEAN),
    }
    # Saying again what the board shows is a fresh report: it is the newest one, and it ends a disagreement.
    | {(condition, condition) for condition in HousekeepingCondition}
)
"""Every step of a room's condition. The only steps there are not: dirty or pickup straight to inspected."""


def require_room_condition_step(source: HousekeepingCondition, target: HousekeepingCondition) -> None:
    """Raise `TransitionUnknown` unless the condition of a room may go from `source` to `target`."""
    if (source, target) not in ROOM_CONDITION_TRANSITIONS:
        raise TransitionUnknown("room condition", source.value, target.value)
