"""The plan of a property's rooms, and what its board can say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.hotel.errors import BoardValueInvalid, RoomPlanInvalid, RoomUnknown
from crdt_pms.hotel.rooms import ROOMS_MAX, Room, RoomPlan
from crdt_pms.hotel.statuses import BOARD_DEFAULTS, BOARD_FIELDS, BOARD_TEXT_FIELDS, require_board_value

ROOMS = [Room("1001", 10, "suite"), Room("102", 1, "twin"), Room("99", 1, "double"), Room("101", 1, "twin")]


def test_rooms_stand_in_the_order_of_the_corridor() -> None:
    assert [room.number for room in RoomPlan(ROOMS)] == ["99", "101", "102", "1001"]


@given(st.permutations(ROOMS))
def test_a_plan_does_not_depend_on_the_order_in_which_it_was_given(rooms: list[Room]) -> None:
    plan = RoomPlan(rooms)
    assert plan == RoomPlan(ROOMS)
    assert hash(plan) == hash(RoomPlan(ROOMS))
    assert plan.room_types == ("double", "suite", "twin")
    assert [room.number for room in plan.of_type("twin")] == ["101", "102"]


def test_rooms_are_found_by_their_number() -> None:
    plan = RoomPlan(ROOMS)
    assert len(plan) == 4
    assert "101" in plan
    assert plan.room("101").room_type == "twin"
    assert plan.get("999") is None
    assert plan.of_type("tent") == ()
    with pytest.raises(RoomUnknown) as raised:
        plan.room("999")
    assert raised.value.number == "999"


@pytest.mark.parametrize("number", ["", "1" * 17, "1" * 5_000, "1/2", "a@b", "10\n1"])
def test_a_room_number_can_be_painted_on_a_door(number: str) -> None:
    with pytest.raises(RoomPlanInvalid):
        RoomPlan([Room(number, 1, "twin")])


def test_a_plan_does_not_contradict_itself() -> None:
    with pytest.raises(RoomPlanInvalid, match="twice"):
        RoomPlan([*ROOMS, Room("101", 2, "suite")])
    with pytest.raises(RoomPlanInvalid, match="no room type"):
        RoomPlan([Room("101", 1, "")])
    with pytest.raises(RoomPlanInvalid, match="room type"):
        RoomPlan([Room("101", 1, "x" * 101)])
    with pytest.raises(RoomPlanInvalid, match=f"{ROOMS_MAX}"):
        RoomPlan(Room(str(number), 1, "twin") for number in range(ROOMS_MAX + 1))


def test_rooms_with_letters_come_first_on_their_floor() -> None:
    plan = RoomPlan([Room("101", 1, "twin"), Room("Annex", 1, "twin"), Room("201", 2, "twin")])
    assert [room.number for room in plan] == ["Annex", "101", "201"]


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field in BOARD_FIELDS for value in BOARD_FIELDS[field]]
)
def test_the_board_takes_its_own_values(field: str, value: str) -> None:
    require_board_value(field, value)


@pytest.mark.parametrize("field", BOARD_FIELDS)
def test_the_board_takes_no_other_value(field: str) -> None:
    with pytest.raises(BoardValueInvalid, match="choose one of"):
        require_board_value(field, "shiny")


def test_free_text_of_the_board_has_a_length() -> None:
    for field, length_max in BOARD_TEXT_FIELDS.items():
        require_board_value(field, "あ" * length_max)
        with pytest.raises(BoardValueInvalid, match="at most"):
            require_board_value(field, "あ" * (length_max + 1))
    with pytest.raises(BoardValueInvalid, match="no field"):
        require_board_value("mood", "good")


def test_what_the_board_says_before_anybody_wrote_is_something_it_can_say() -> None:
    assert set(BOARD_DEFAULTS) == {*BOARD_FIELDS, *BOARD_TEXT_FIELDS}
    for field, value in BOARD_DEFAULTS.items():
        require_board_value(field, value)
