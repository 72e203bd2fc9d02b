"""What the property is changes while desks are at work, on administrators' devices only, and reaches every desk by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.conflicts import Resolve
from crdt_pms.desk.actions.folio import PostCharge
from crdt_pms.desk.actions.moves import AssignRoom
from crdt_pms.desk.actions.property import (
    DefineCode,
    DefineDevice,
    DefineHotel,
    DefineRoom,
    DefineStaff,
    RemoveDevice,
    RemoveStaff,
    RetireCode,
    RetireRoom,
)
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.hotel.rooms import Room
from crdt_pms.journal.entry import KeyFlag, RegisterKey
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.ledger.alerts import written_dot
from crdt_pms.ledger.conflicts import ConflictState
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import HOTEL_PMS
from crdt_pms.ledger.property_groups import ROOM
from tests.crdt_pms.journal.journals import device, enrolled
from tests.crdt_pms.replica.histories import Rogue
from tests.crdt_pms.replica.terminals import Desk, definition

CLERK = DefineStaff("kato", "加藤 蓮", "Ren Kato", "clerk")
SUITE = DefineRoom("301", 3, "suite")


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[tuple[Desk, Desk, Desk]]:
    """Two administrators' desks and a plain one, not connected to each other."""
    property_ = definition()
    classes = (DeviceClass.ADMINISTRATOR, DeviceClass.ADMINISTRATOR, DeviceClass.TERMINAL)
    made = [
        Desk(number, tmp_path / f"{number}.sqlite", property_, device_class=one)
        for number, one in enumerate(classes, 1)
    ]
    yield made[0], made[1], made[2]
    for desk in made:
        desk.store.close()


def meet(*desks: Desk) -> None:
    for desk in desks:
        for other in desks:
            if other is not desk:
                desk.pull(other)
    for desk in desks:
        assert desk.replica.state.content_hash() == desks[0].replica.state.content_hash()
        assert desk.replica.view().definition == desks[0].replica.view().definition


def refused(desk: Desk, action: object, staff: str = "suzuki") -> RefusalCode:
    with pytest.raises(Refused) as raised:
        desk.do(action, staff)  # pyright: ignore[reportArgumentType]
    return raised.value.code


def test_a_room_is_added_sold_and_retired_without_a_restart(trio: tuple[Desk, Desk, Desk]) -> None:
    administrator, _second, desk = trio
    administrator.do(SUITE)
    desk.pull(administrator)
    assert desk.replica.view().rooms.room("301") == Room("301", 3, "suite")
    stay = desk.reserve("s1", room="301")
    administrator.pull(desk)
    assert refused(administrator, RetireRoom("301")) is RefusalCode.ROOM_IN_USE
    desk.do(AssignRoom(stay, "302" if "302" in desk.replica.view().rooms else "203"))
    administrator.pull(desk)
    administrator.do(RetireRoom("301"))
    desk.pull(administrator)
    assert "301" not in desk.replica.view().rooms
    assert refused(desk, AssignRoom(stay, "301")) is RefusalCode.ROOM_UNKNOWN


def test_what_was_defined_is_read_back_after_a_restart(trio: tuple[Desk, Desk, Desk]) -> None:
    administrator, *_others = trio
    for action in (SUITE, RetireRoom("201"), CLERK, DefineHotel("海辺館", "Seaside Inn", "Asia/Tokyo", "kana")):
        administrator.do(action)
    before = administrator.replica.view().definition
    administrator.restart()
    assert administrator.replica.view().definition == before
    assert (before.name_ja, before.register_fields) == ("海辺館", ("kana",))
    assert "201" in before.retired_rooms


@pytest.mark.parametrize("action", [SUITE, RetireRoom("201"), CLERK, RetireCode("spa")])
def test_a_plain_desk_may_not_change_what_the_property_is(trio: tuple[Desk, Desk, Desk], action: object) -> None:
    *_administrators, desk = trio
    assert refused(desk, action) is RefusalCode.ADMINISTRATORS_ONLY


def forged_room(rogue: Rogue, **fields: object) -> None:
    """An operation of a device that is no administrator's, well made in every other respect."""
    write = Write.of(Register(ROOM, "666"), {"floor": 6, "room_type": "A", "active": True})
    rogue.act(Operation("define_room", HOTEL_PMS, "", (write,)), **fields)


def test_what_another_device_writes_all_the_same_is_quarantined_everywhere(trio: tuple[Desk, Desk, Desk]) -> None:
    rogue = Rogue(7)
    forged_room(rogue)
    for desk in trio:
        desk.replica.receive_certificates([rogue.certificate])
        assert desk.replica.receive(rogue.entries, desk.now_ms).quarantined == 1
        (record,) = desk.replica.state.quarantine.records.values()
        assert record.reason == "administrators_only"
        assert "666" not in desk.replica.view().rooms


def test_a_register_without_the_flag_is_another_register(trio: tuple[Desk, Desk, Desk]) -> None:
    rogue = Rogue(7)
    forged_room(rogue, keys=[RegisterKey(ROOM, "666", KeyFlag.REPLACE)])
    for desk in trio:
        desk.replica.receive_certificates([rogue.certificate])
        desk.replica.receive(rogue.entries, desk.now_ms)
        assert "666" not in desk.replica.view().rooms


def test_the_misuse_of_one_administrator_is_undone_by_another(trio: tuple[Desk, Desk, Desk]) -> None:
    bad, good, desk = trio
    meet(*trio)
    bad.do(RetireRoom("202"))
    bad.do(DefineStaff("suzuki", "誰か", "Somebody", "housekeeping"))
    bad.do(RemoveStaff("suzuki"), staff="bad")
    good.pull(bad)
    assert refused(good, SetRoomCondition("201", "hk_condition", "clean")) is RefusalCode.STAFF_REMOVED
    good.do(DefineRoom("202", 2, "A"), staff="good")
    good.do(DefineStaff("suzuki", "鈴木", "Suzuki", "clerk"), staff="good")
    meet(*trio)
    assert "202" in desk.replica.view().rooms
    desk.do(SetRoomCondition("202", "hk_condition", "clean"))


def test_two_administrators_who_were_apart_leave_a_conflict_that_the_newer_one_settles(
    trio: tuple[Desk, Desk, Desk],
) -> None:
    first, second, _desk = trio
    meet(*trio)
    first.do(DefineRoom("202", 2, "B"))
    second.now_ms += 60_000
    second.do(DefineRoom("202", 4, "A"))
    meet(*trio)
    assert first.replica.view().rooms.room("202") == Room("202", 4, "A")
    (conflict,) = first.replica.state.ledger.conflicts()
    assert (conflict.matter, conflict.state) == (Matter.CONFLICT_PROPERTY, ConflictState.SETTLED_BY_POLICY)
    first.do(DefineRoom("202", 2, "B"))
    meet(*trio)
    assert second.replica.view().rooms.room("202") == Room("202", 2, "B")
    assert not second.replica.state.ledger.conflicts()


def test_a_plain_desk_may_not_decide_what_administrators_wrote_apart(trio: tuple[Desk, Desk, Desk]) -> None:
    first, second, desk = trio
    first.do(DefineRoom("202", 2, "B"))
    second.do(DefineRoom("202", 4, "A"))
    meet(*trio)
    (conflict,) = desk.replica.state.ledger.conflicts()
    decision = Resolve(ROOM, "202", written_dot(conflict.losing[0].dot), "as built")
    assert refused(desk, decision) is RefusalCode.ADMINISTRATORS_ONLY
    first.do(decision)
    meet(*trio)
    assert not desk.replica.state.ledger.conflicts()


def test_a_room_that_was_retired_while_it_was_given_away_is_an_alert_until_the_guest_moves(
    trio: tuple[Desk, Desk, Desk],
) -> None:
    administrator, _second, desk = trio
    stay = desk.reserve("s1")
    meet(*trio)
    administrator.do(RetireRoom("204"))
    desk.do(AssignRoom(stay, "204"))
    meet(*trio)
    (alert,) = [one for one in desk.replica.alerts() if one.matter is Matter.ALERT_ROOM_RETIRED_WITH_STAY]
    assert dict(alert.facts) == {"stay": stay, "room": "204"}
    assert "204" not in alert.proposal
    assert refused(desk, CheckIn(stay)) is RefusalCode.ROOM_UNKNOWN
    desk.do(AssignRoom(stay, alert.proposal[0]))
    assert not desk.replica.alerts()


def test_a_code_is_added_and_retired_and_keeps_its_words(trio: tuple[Desk, Desk, Desk]) -> None:
    administrator, _second, desk = trio
    stay = desk.reserve("s1")
    charge = PostCharge(stay, "spa", 4_000, "k1")
    assert refused(desk, charge) is RefusalCode.CODE_UNKNOWN
    administrator.do(DefineCode("spa", "スパ", "Spa", "charge"))
    meet(*trio)
    desk.do(charge)
    administrator.do(RetireCode("spa"))
    meet(*trio)
    assert refused(desk, PostCharge(stay, "spa", 4_000, "k2")) is RefusalCode.CODE_UNKNOWN
    assert desk.replica.view().definition.codes["spa"].ja == "スパ"


def test_a_clerk_who_left_may_not_act_and_what_they_wrote_is_read_by_newcomers(
    trio: tuple[Desk, Desk, Desk], tmp_path: Path
) -> None:
    administrator, _second, desk = trio
    administrator.do(CLERK)
    meet(*trio)
    desk.do(SetRoomCondition("201", "hk_condition", "clean"), staff="kato")
    administrator.do(RemoveStaff("kato"))
    meet(*trio)
    assert refused(desk, SetRoomCondition("202", "hk_condition", "clean"), "kato") is RefusalCode.STAFF_REMOVED
    with_newcomer(tmp_path, desk)


def with_newcomer(tmp_path: Path, desk: Desk) -> None:
    """A new desk takes over everything, and shows the same."""
    newcomer = Desk(5, tmp_path / "newcomer.sqlite", desk.property_)
    try:
        newcomer.pull(desk)
        assert newcomer.replica.state.content_hash() == desk.replica.state.content_hash()
        assert newcomer.replica.view().definition == desk.replica.view().definition
        assert not newcomer.replica.state.quarantine.records
        assert newcomer.replica.view().board.read("201")["hk_condition"].value == "clean"
    finally:
        newcomer.store.close()


def test_a_removed_device_acts_no_more_and_what_it_wrote_is_verified_by_newcomers(
    trio: tuple[Desk, Desk, Desk], tmp_path: Path
) -> None:
    administrator, second, desk = trio
    desk.do(SetRoomCondition("201", "hk_condition", "clean"))
    meet(*trio)
    administrator.do(DefineDevice(device(3).public_bytes.hex(), "desk-3", "terminal"))
    administrator.do(RemoveDevice(enrolled(3).device_id))
    second.pull(administrator)
    assert second.replica.is_removed(enrolled(3).device_id)
    assert not second.replica.is_removed(enrolled(2).device_id)
    meet(*trio)
    assert refused(desk, SetRoomCondition("202", "hk_condition", "clean")) is RefusalCode.DEVICE_REMOVED
    with_newcomer(tmp_path, second)
    administrator.do(DefineDevice(device(3).public_bytes.hex(), "desk-3", "terminal"))
    meet(*trio)
    desk.do(SetRoomCondition("202", "hk_condition", "clean"))


def test_a_device_cannot_remove_itself_or_one_that_nobody_wrote_down(trio: tuple[Desk, Desk, Desk]) -> None:
    administrator, *_others = trio
    assert refused(administrator, RemoveDevice(enrolled(1).device_id)) is RefusalCode.DEVICE_IS_THIS
    assert refused(administrator, RemoveDevice("f" * 32)) is RefusalCode.DEVICE_UNKNOWN


@pytest.mark.parametrize(
    "action",
    [
        DefineRoom("1/2", 1, "A"),
        DefineRoom("", 1, "A"),
        DefineRoom("999", 10_000, "A"),
        DefineRoom("999", 9, "x" * 101),
        DefineCode("spa", "スパ", "Spa", "charge,gift"),
        DefineCode("a b", "スパ", "Spa", "charge"),
        DefineStaff("kato", "", "Kato", "clerk"),
        DefineStaff("kato", "加藤", "Kato", "king"),
        DefineDevice("ff", "desk", "terminal"),
        DefineDevice("0" * 64, "desk", "director"),
        DefineHotel("海", "Sea", "Mars/Olympus"),
        DefineHotel("海", "Sea", "Asia/Tokyo", "shoe_size"),
        RemoveStaff("nobody"),
        RetireRoom("999"),
    ],
)
def test_what_no_desk_could_work_with_is_refused(trio: tuple[Desk, Desk, Desk], action: object) -> None:
    administrator, *_others = trio
    refused(administrator, action)
    assert administrator.replica.last_position == 0
