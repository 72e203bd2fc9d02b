"""The steps that a stay and a room's condition can take, and none besides."""

from __future__ import annotations

from itertools import product

import pytest

from crdt_pms.hotel.errors import TransitionUnknown
from crdt_pms.hotel.statuses import (
    DUE_STATUSES,
    TENTATIVE_STATUSES,
    HousekeepingCondition,
    PresenceClass,
    StayStatus,
)
from crdt_pms.hotel.transitions import (
    STAY_TRANSITIONS,
    Effect,
    Guard,
    require_room_condition_step,
    stay_transition,
)

STEPS = {(row.source, row.target) for row in STAY_TRANSITIONS}
EXPECTED = {
    "requested": {"reserved", "cancelled"},
    "waitlisted": {"reserved", "cancelled"},
    "optional": {"reserved", "cancelled"},
    "reserved": {"in_house", "cancelled", "no_show"},
    "in_house": {"checked_out", "reserved"},
    "checked_out": {"in_house"},
    "cancelled": set[str](),
    "no_show": {"reserved"},
}


@pytest.mark.parametrize(("source", "target"), [*product(StayStatus, repeat=2)])
def test_a_stay_takes_the_steps_of_the_table_and_no_other(source: StayStatus, target: StayStatus) -> None:
    if target in EXPECTED[source]:
        assert (stay_transition(source, target).source, stay_transition(source, target).target) == (source, target)
    else:
        with pytest.raises(TransitionUnknown) as raised:
            stay_transition(source, target)
        assert (raised.value.source, raised.value.target) == (source, target)


def test_each_step_is_in_the_table_once() -> None:
    assert len(STEPS) == len(STAY_TRANSITIONS)


def test_a_cancelled_stay_never_comes_back() -> None:
    assert not {target for source, target in STEPS if source is StayStatus.CANCELLED}


def test_whoever_takes_something_back_or_cancels_says_why() -> None:
    cancelling = {(source, target) for source, target in STEPS if target is StayStatus.CANCELLED}
    taking_back = {
        (StayStatus.IN_HOUSE, StayStatus.RESERVED),
        (StayStatus.CHECKED_OUT, StayStatus.IN_HOUSE),
        (StayStatus.NO_SHOW, StayStatus.RESERVED),
    }
    assert {
        (row.source, row.target) for row in STAY_TRANSITIONS if Guard.REASON_GIVEN in row.guards
    } == cancelling | taking_back


def test_a_room_that_was_used_is_dirty_afterwards() -> None:
    dirtied = {(row.source, row.target) for row in STAY_TRANSITIONS if Effect.ROOM_TO_DIRTY in row.effects}
    assert dirtied == {(source, target) for source, target in STEPS if source is StayStatus.IN_HOUSE}


def test_a_check_in_is_guarded_by_day_room_and_register() -> None:
    assert set(stay_transition(StayStatus.RESERVED, StayStatus.IN_HOUSE).guards) == {
        Guard.ARRIVAL_IS_BUSINESS_DATE,
        Guard.ROOM_GIVEN,
        Guard.ROOM_VACANT,
        Guard.ROOM_NOT_HELD,
        Guard.ROOM_READY_OR_OVERRIDE,
        Guard.REGISTER_COMPLETE,
    }


def test_presence_is_in_house_over_checked_out_over_paper() -> None:
    assert StayStatus.IN_HOUSE.presence > StayStatus.CHECKED_OUT.presence > StayStatus.RESERVED.presence
    paper = set(StayStatus) - {StayStatus.IN_HOUSE, StayStatus.CHECKED_OUT}
    assert {status.presence for status in paper} == {PresenceClass.PAPER}


def test_only_firm_stays_hold_rooms_and_only_living_ones_are_due() -> None:
    assert {status for status in StayStatus if status.holds_room} == {StayStatus.RESERVED, StayStatus.IN_HOUSE}
    assert {status for status in StayStatus if status.is_due} == DUE_STATUSES
    assert {source for source, target in STEPS if target is StayStatus.CANCELLED} == TENTATIVE_STATUSES | {
        StayStatus.RESERVED
    }


@pytest.mark.parametrize(("source", "target"), [*product(HousekeepingCondition, repeat=2)])
def test_a_room_is_inspected_only_after_it_was_clean(
    source: HousekeepingCondition, target: HousekeepingCondition
) -> None:
    if target == "inspected" and source in ("dirty", "pickup"):
        with pytest.raises(TransitionUnknown, match="room condition"):
            require_room_condition_step(source, target)
    else:
        require_room_condition_step(source, target)


def test_a_guest_is_shown_only_to_a_clean_or_inspected_room() -> None:
    assert {condition for condition in HousekeepingCondition if condition.is_ready} == {"clean", "inspected"}
