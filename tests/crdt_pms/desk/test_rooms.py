"""The room board as the desk sets it."""

from __future__ import annotations

from itertools import product

import pytest

from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.refusals import RefusalCode
from crdt_pms.hotel.statuses import (
    BOARD_FIELDS,
    GUEST_SERVICE,
    HK_CONDITION,
    HK_OCCUPANCY,
    MAINTENANCE,
    MAINTENANCE_REASON,
    HousekeepingCondition,
)
from crdt_pms.hotel.transitions import ROOM_CONDITION_TRANSITIONS
from tests.crdt_pms.desk.desks import TOMORROW, Terminal, cut_apart, heal


def test_a_room_of_which_nobody_said_anything_is_dirty_and_usable() -> None:
    board = Terminal().view.room_board("101")
    assert (board.condition, board.occupancy, board.maintenance) == ("dirty", "unreported", "none")
    assert (board.guest_service, board.maintenance_reason) == ("none", "")


@pytest.mark.parametrize(
    ("field", "value"),
    [(field, value) for field in (HK_OCCUPANCY, GUEST_SERVICE) for value in BOARD_FIELDS[field]],
)
def test_what_is_seen_and_what_a_guest_asks_is_set_freely(field: str, value: str) -> None:
    desk = Terminal().house()
    decision = desk.do(SetRoomCondition("101", field, value))
    assert [tuple(write) for write in decision.board_writes] == [("101", field, value)]
    assert desk.board.read("101")[field].value == value


@pytest.mark.parametrize(("source", "target"), [*product(HousekeepingCondition, repeat=2)])
def test_the_condition_goes_the_steps_of_its_table_and_no_other(
    source: HousekeepingCondition, target: HousekeepingCondition
) -> None:
    desk = Terminal().clean("101")
    desk.do(SetRoomCondition("101", HK_CONDITION, source))
    step = SetRoomCondition("101", HK_CONDITION, target)
    if (source, target) in ROOM_CONDITION_TRANSITIONS:
        desk.do(step)
        assert desk.condition("101") == target
    else:
        desk.refuses(step, RefusalCode.CONDITION_STEP_UNKNOWN)


def test_a_room_is_inspected_after_it_was_cleaned() -> None:
    desk = Terminal()
    desk.refuses(SetRoomCondition("101", HK_CONDITION, "inspected"), RefusalCode.CONDITION_STEP_UNKNOWN)
    desk.clean("101").do(SetRoomCondition("101", HK_CONDITION, "inspected"))
    assert desk.condition("101") == "inspected"


def test_saying_again_what_the_board_shows_is_a_fresh_report() -> None:
    desk = Terminal().clean("101")
    assert desk.do(SetRoomCondition("101", HK_CONDITION, "clean")).board_writes


@pytest.mark.parametrize(
    ("room", "field", "value", "code"),
    [
        ("999", HK_CONDITION, "clean", RefusalCode.ROOM_UNKNOWN),
        ("101", HK_CONDITION, "shiny", RefusalCode.BOARD_VALUE_UNKNOWN),
        ("101", "mood", "good", RefusalCode.BOARD_VALUE_UNKNOWN),
        ("101", MAINTENANCE_REASON, "water", RefusalCode.BOARD_VALUE_UNKNOWN),
    ],
)
def test_the_board_has_fixed_fields_and_values(room: str, field: str, value: str, code: RefusalCode) -> None:
    Terminal().refuses(SetRoomCondition(room, field, value, "x"), code)


@pytest.mark.parametrize("value", ["out_of_order", "out_of_service"])
def test_a_room_is_taken_out_of_use_with_a_reason_that_goes_with_it(value: str) -> None:
    desk = Terminal()
    desk.refuses(SetRoomCondition("101", MAINTENANCE, value), RefusalCode.REASON_NEEDED)
    desk.refuses(SetRoomCondition("101", MAINTENANCE, value, "x" * 201), RefusalCode.TEXT_UNUSABLE)
    desk.do(SetRoomCondition("101", MAINTENANCE, value, "water"))
    assert desk.view.room_board("101").maintenance_reason == "water"
    desk.do(SetRoomCondition("101", MAINTENANCE, "none"))
    assert desk.view.room_board("101").maintenance_reason == ""


def test_a_room_in_use_or_promised_for_today_is_not_taken_out_of_use() -> None:
    desk = Terminal().house("sato", "101").reserve("suzuki", "102").reserve("abe", "103", arrival=TOMORROW)
    out = [SetRoomCondition(room, MAINTENANCE, "out_of_order", "water") for room in ("101", "102", "103")]
    assert desk.refuses(out[0], RefusalCode.MAINTENANCE_ON_OCCUPIED).parameters["other"] == "sato"
    assert desk.refuses(out[1], RefusalCode.MAINTENANCE_ON_ARRIVAL).parameters["other"] == "suzuki"
    desk.do(out[2])


def test_of_two_reports_the_newest_is_shown_and_the_other_can_be_read() -> None:
    one = Terminal()
    other, *_ = cut_apart(one, 2)
    one.clean("101")
    other.do(SetRoomCondition("101", HK_CONDITION, "pickup"))
    heal(one, other)
    assert one.condition("101") == other.condition("101") == "pickup"
    assert [value.value for value in one.board.concurrent("101", HK_CONDITION)] == ["pickup", "clean"]
    one.clean("101")
    assert [value.value for value in one.board.concurrent("101", HK_CONDITION)] == ["clean"]


def test_of_two_reported_conditions_either_can_be_chosen_even_where_no_step_leads_from_one_to_the_other() -> None:
    one = Terminal()
    one.do(SetRoomCondition("101", HK_CONDITION, "clean"))
    (two,) = cut_apart(one, 2)
    one.do(SetRoomCondition("101", HK_CONDITION, "inspected"))
    two.do(SetRoomCondition("101", HK_CONDITION, "dirty"))
    heal(one, two)
    assert one.view.room_board("101").condition == "dirty"
    assert (HousekeepingCondition.DIRTY, HousekeepingCondition.INSPECTED) not in ROOM_CONDITION_TRANSITIONS
    one.do(SetRoomCondition("101", HK_CONDITION, "inspected"))
    assert [value.value for value in one.board.concurrent("101", HK_CONDITION)] == ["inspected"]
    one.do(SetRoomCondition("101", HK_CONDITION, "dirty"))
    one.refuses(SetRoomCondition("101", HK_CONDITION, "inspected"), RefusalCode.CONDITION_STEP_UNKNOWN)
