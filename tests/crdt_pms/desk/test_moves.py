"""Which room a stay has: assign, unassign, move, swap, lock."""

from __future__ import annotations

import pytest

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.departures import CheckOut
from crdt_pms.desk.actions.folio import SettleFolio
from crdt_pms.desk.actions.moves import AssignRoom, MoveRoom, SetDoNotMove, SwapRooms, UnassignRoom
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.reservations import CancelStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.decision import Notice
from crdt_pms.desk.refusals import RefusalCode
from crdt_pms.hotel.statuses import GUEST_SERVICE, HK_CONDITION, MAINTENANCE, StayStatus
from crdt_pms.ledger.matters import Matter
from tests.crdt_pms.desk.desks import DAY_AFTER, RATE, TODAY, TOMORROW, Terminal, cut_apart, heal

# Assign


def test_a_room_is_assigned_reassigned_and_taken_away() -> None:
    desk = Terminal().reserve()
    desk.do(AssignRoom("sato", "101"))
    assert desk.ledger.shown_room("sato") == "101"
    desk.do(AssignRoom("sato", "201"))
    assert desk.ledger.shown_room("sato") == "201", "another type than the booked one is the desk's own choice"
    desk.do(UnassignRoom("sato"))
    assert desk.stay().room is None


def test_assigning_what_is_assigned_says_that_nothing_changed() -> None:
    desk = Terminal().reserve(room="101").reserve("suzuki")
    assert desk.do(AssignRoom("sato", "101")).notices == (Notice.UNCHANGED,)
    assert desk.do(UnassignRoom("suzuki")).notices == (Notice.UNCHANGED,)


def test_a_room_is_assigned_to_one_stay_a_night() -> None:
    desk = Terminal().reserve("suzuki", "101", nights=1).reserve("sato", nights=1)
    desk.refuses(AssignRoom("sato", "101"), RefusalCode.ROOM_HELD)
    desk.reserve("abe", arrival=TOMORROW)
    desk.do(AssignRoom("abe", "101"))


def test_a_room_in_which_a_guest_has_outstayed_is_not_given_to_a_late_arrival_for_that_night() -> None:
    desk = Terminal().house("abe", "101", nights=1)
    other, *_ = cut_apart(desk, 2)
    desk.do(RunNightAudit(TODAY), RunNightAudit(TOMORROW))
    other.reserve("sato", arrival=TOMORROW, nights=1)
    heal(desk, other)
    refused = desk.refuses(AssignRoom("sato", "101"), RefusalCode.ROOM_HELD)
    assert refused.parameters["other"] == "abe"
    desk.do(AssignRoom("sato", "102"))
    assert Matter.ALERT_ROOM_DOUBLE_BOOKED not in desk.matters()


def test_a_room_out_of_order_or_unknown_is_not_assigned() -> None:
    desk = Terminal().reserve().out_of_order("101")
    desk.refuses(AssignRoom("sato", "101"), RefusalCode.ROOM_OUT_OF_ORDER)
    desk.refuses(AssignRoom("sato", "999"), RefusalCode.ROOM_UNKNOWN)
    desk.refuses(AssignRoom("nobody", "102"), RefusalCode.STAY_UNKNOWN)


@pytest.mark.parametrize("action", [AssignRoom("sato", "102"), UnassignRoom("sato")])
def test_rooms_are_assigned_before_arrival_only(action: AssignRoom | UnassignRoom) -> None:
    desk = Terminal().house()
    desk.refuses(action, RefusalCode.STAY_NOT_EXPECTED)
    cancelled = Terminal().reserve()
    cancelled.do(CancelStay("sato", "called"))
    cancelled.refuses(action, RefusalCode.STAY_NOT_EXPECTED)


def test_two_desks_that_assign_one_room_are_shown_to_a_person_with_rooms_that_fit() -> None:
    one = Terminal().reserve("sato").reserve("suzuki")
    other, *_ = cut_apart(one, 2)
    one.do(AssignRoom("sato", "101"))
    other.do(AssignRoom("suzuki", "101"))
    heal(one, other)
    assert one.matters() == [Matter.ALERT_ROOM_DOUBLE_BOOKED]
    assert one.ledger.shown_room("sato") == "101"
    assert one.ledger.shown_room("suzuki") is None
    (alert,) = one.ledger.alerts()
    one.do(AssignRoom("suzuki", alert.proposal[0]))
    assert one.matters() == []


# Lock


def test_a_locked_stay_keeps_its_room() -> None:
    desk = Terminal().reserve("sato", "101").reserve("suzuki", "102")
    desk.do(SetDoNotMove("sato", locked=True, reason="pays for the view"))
    desk.refuses(AssignRoom("sato", "103"), RefusalCode.MOVE_LOCKED)
    desk.refuses(UnassignRoom("sato"), RefusalCode.MOVE_LOCKED)
    desk.refuses(SwapRooms("sato", "suzuki"), RefusalCode.MOVE_LOCKED)
    desk.refuses(SwapRooms("suzuki", "sato"), RefusalCode.MOVE_LOCKED)
    desk.do(SetDoNotMove("sato", locked=False), AssignRoom("sato", "103"))


def test_a_locked_stay_without_a_room_can_still_get_one() -> None:
    desk = Terminal().reserve()
    desk.do(SetDoNotMove("sato", locked=True), AssignRoom("sato", "101"))
    assert desk.stay().room == "101"


def test_locking_what_is_locked_says_that_nothing_changed() -> None:
    desk = Terminal().reserve()
    assert desk.do(SetDoNotMove("sato", locked=False)).notices == (Notice.UNCHANGED,)


# Move


def test_a_guest_moves_and_the_old_room_is_dirty() -> None:
    desk = Terminal().house().clean("102")
    desk.do(SetRoomCondition("101", GUEST_SERVICE, "make_up_room"), MoveRoom("sato", "102", "noise"))
    stay = desk.stay()
    assert (stay.room, stay.status) == ("102", StayStatus.IN_HOUSE)
    assert desk.condition("101") == "dirty"
    assert desk.view.room_board("101").guest_service == "none"
    assert desk.condition("102") == "clean"


def two_in_one_room() -> Terminal:
    """Two desks that were cut apart gave 101 away: sato came first and keeps it, suzuki is displaced. A third room is ready."""
    desk = Terminal().reserve("sato", nights=1).reserve("suzuki", nights=1).clean("101", "102")
    other, *_ = cut_apart(desk, 2)
    desk.do(CheckIn("sato", room="101"), SetRoomCondition("101", GUEST_SERVICE, "do_not_disturb"))
    other.do(CheckIn("suzuki", room="101"))
    heal(desk, other)
    assert desk.matters() == [Matter.ALERT_ROOM_DOUBLE_BOOKED]
    return desk


def test_a_displaced_guest_who_moves_leaves_the_room_as_it_is_for_the_one_whose_room_it_is() -> None:
    desk = two_in_one_room()
    desk.do(MoveRoom("suzuki", "102", "taken twice"))
    assert desk.matters() == []
    assert desk.condition("101") == "clean"
    assert desk.view.room_board("101").guest_service == "do_not_disturb"


def test_the_guest_whose_room_it_is_leaves_it_dirty_when_moving_in_place_of_the_displaced_one() -> None:
    desk = two_in_one_room()
    desk.do(MoveRoom("sato", "102", "taken twice"))
    assert desk.matters() == []
    assert desk.condition("101") == "dirty"


def test_a_guest_who_moves_after_the_other_has_left_leaves_a_dirty_room() -> None:
    desk = two_in_one_room()
    desk.do(CheckOut("sato"), MoveRoom("suzuki", "102"))
    assert desk.condition("101") == "dirty"


def test_a_guest_moves_only_into_a_free_and_ready_room() -> None:
    desk = Terminal().house("sato", "101").house("suzuki", "102").reserve("abe", "103", arrival=TOMORROW)
    desk.out_of_order("201")
    desk.refuses(MoveRoom("sato", "101"), RefusalCode.SAME_ROOM)
    desk.refuses(MoveRoom("sato", "102"), RefusalCode.ROOM_OCCUPIED)
    desk.refuses(MoveRoom("sato", "103"), RefusalCode.ROOM_HELD)
    desk.refuses(MoveRoom("sato", "201", override_reason="x"), RefusalCode.ROOM_OUT_OF_ORDER)
    desk.do(CancelStay("abe", "called"))
    desk.refuses(MoveRoom("sato", "103"), RefusalCode.ROOM_NOT_READY)
    desk.do(MoveRoom("sato", "103", override_reason="water in 101"))


def test_only_the_nights_to_come_need_the_new_room() -> None:
    desk = Terminal().house("sato", "101", nights=2).house("suzuki", "102", nights=1)
    desk.do(RunNightAudit(TODAY))
    desk.refuses(MoveRoom("sato", "102", override_reason="x"), RefusalCode.ROOM_OCCUPIED)
    desk.clean("103").reserve("abe", "103", nights=1, arrival=DAY_AFTER)
    desk.do(MoveRoom("sato", "103"))


def test_only_a_guest_in_house_moves_and_not_one_who_is_locked() -> None:
    desk = Terminal().reserve("sato", "101").clean("102").house("suzuki", "103")
    desk.refuses(MoveRoom("sato", "102"), RefusalCode.STAY_NOT_IN_HOUSE)
    desk.do(SetDoNotMove("suzuki", locked=True))
    desk.refuses(MoveRoom("suzuki", "102"), RefusalCode.MOVE_LOCKED)


# Swap


def test_two_guests_in_house_change_rooms_and_both_rooms_are_dirty() -> None:
    desk = Terminal().house("sato", "101").house("suzuki", "102")
    decision = desk.do(SwapRooms("sato", "suzuki", "twin beds"))
    assert len(decision.operations) == 1
    assert (desk.stay("sato").room, desk.stay("suzuki").room) == ("102", "101")
    assert [write.room for write in decision.board_writes if write.field == HK_CONDITION] == ["101", "102"]
    assert desk.matters() == []


def test_two_expected_stays_change_rooms_and_the_board_says_nothing() -> None:
    desk = Terminal().reserve("sato", "101").reserve("suzuki", "102")
    assert desk.do(SwapRooms("sato", "suzuki")).board_writes == ()
    assert (desk.stay("sato").room, desk.stay("suzuki").room) == ("102", "101")


def test_unlike_stays_do_not_change_rooms() -> None:
    desk = Terminal().house("sato", "101").reserve("suzuki", "102").reserve("abe").reserve("ito", "103")
    desk.refuses(SwapRooms("sato", "suzuki"), RefusalCode.SWAP_UNLIKE)
    desk.refuses(SwapRooms("suzuki", "abe"), RefusalCode.SWAP_UNLIKE)
    desk.refuses(SwapRooms("suzuki", "suzuki"), RefusalCode.SAME_ROOM)
    desk.refuses(SwapRooms("suzuki", "nobody"), RefusalCode.STAY_UNKNOWN)
    desk.do(CancelStay("suzuki", "x"), CancelStay("ito", "x"))
    desk.refuses(SwapRooms("suzuki", "ito"), RefusalCode.SWAP_UNLIKE)


def test_rooms_are_not_changed_over_a_third_stays_nights() -> None:
    desk = Terminal().reserve("sato", "101", nights=3).reserve("suzuki", "102", nights=1)
    desk.reserve("abe", "102", nights=1, arrival=TOMORROW)
    refused = desk.refuses(SwapRooms("sato", "suzuki"), RefusalCode.ROOM_HELD)
    assert refused.parameters["other"] == "abe"
    desk.refuses(SwapRooms("suzuki", "sato"), RefusalCode.ROOM_HELD)


def test_nobody_is_swapped_into_a_room_where_a_third_guest_has_outstayed() -> None:
    desk = Terminal().house("abe", "101", nights=1).house("sato", "102", nights=3)
    desk.clean("103").do(RunNightAudit(TODAY))
    other, *_ = cut_apart(desk, 2)
    desk.do(MoveRoom("abe", "103"), MoveRoom("abe", "101", override_reason="back"))
    other.do(SettleFolio("abe", "cash", "k1", RATE), CheckOut("abe"))
    other.reserve("suzuki", "101", nights=2, arrival=TOMORROW).clean("101")
    other.do(CheckIn("suzuki"))
    heal(desk, other)
    assert Matter.ALERT_CHECK_OUT_OVERRULED in desk.matters()
    assert Matter.ALERT_ROOM_DOUBLE_BOOKED in desk.matters()
    refused = desk.refuses(SwapRooms("sato", "suzuki"), RefusalCode.ROOM_OCCUPIED)
    assert refused.parameters["other"] == "abe"


def test_an_expected_stay_is_not_swapped_into_a_room_out_of_order() -> None:
    desk = Terminal().reserve("sato", "101", arrival=TOMORROW).reserve("suzuki", "102", arrival=TOMORROW)
    desk.do(SetRoomCondition("101", MAINTENANCE, "out_of_order", "water"))
    desk.refuses(SwapRooms("sato", "suzuki"), RefusalCode.ROOM_OUT_OF_ORDER)
