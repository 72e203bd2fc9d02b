"""What changes in a hotel now and then: rooms and staff. Only at desks that are administrators' devices."""

from __future__ import annotations

from typing import Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.property import (
    DefineCode,
    DefineDevice,
    DefineHotel,
    DefineRoom,
    DefineRoomType,
    DefineStaff,
    RemoveDevice,
    RemoveStaff,
    RetireCode,
    RetireRoom,
)
from simulations.world.work.scene import Scene

NEW_ROOMS: Final = ("901", "902", "903")
NEW_FLOOR: Final = 9
NEW_STAFF: Final = ("kato", "mori")
NEW_CODES: Final = ("spa", "sauna")
SPARE_DEVICES: Final = ("a1" * 32, "b2" * 32)
"""Public keys of devices that no machine of a world has."""
ROOMS_KEPT: Final = 4
"""No hotel of these worlds is left with fewer rooms."""
NOT_LOOKED_SHARE: Final = 0.1


def define_room(scene: Scene) -> Action | None:
    """A room is built, gets another type, or comes back into use."""
    if not scene.view.is_administrator:
        return None
    definition = scene.view.definition
    number = scene.one_of([*NEW_ROOMS, *sorted(definition.retired_rooms)])
    types = definition.rooms.room_types
    return DefineRoom(number, NEW_FLOOR, scene.one_of(types)) if types else None


def retire_room(scene: Scene) -> Action | None:
    """A room goes out of use: mostly one that no stay has."""
    rooms = scene.room_numbers
    if not scene.view.is_administrator or len(rooms) <= ROOMS_KEPT:
        return None
    free = [room for room in rooms if not scene.holds.get(room)]
    if scene.chance(NOT_LOOKED_SHARE):
        return RetireRoom(scene.one_of(rooms))
    return RetireRoom(scene.one_of(free)) if free else None


def define_detail(scene: Scene) -> Action | None:
    """What changes more rarely than rooms: codes, names, devices that stand in a cupboard."""
    if not scene.view.is_administrator:
        return None
    definition = scene.view.definition
    code, device = scene.one_of(NEW_CODES), scene.one_of(SPARE_DEVICES)
    name = f"spare {device[:2]}"
    choices: list[Action] = [
        DefineCode(code, "新しい科目", code.title(), "charge"),
        DefineRoomType(scene.one_of(definition.rooms.room_types), "客室", f"Room type {scene.below(3)}"),
        DefineHotel(definition.name_ja, f"{definition.property_id.title()} {scene.below(3)}", definition.zone),
        DefineDevice(device, name, "terminal"),
    ]
    if (known := definition.codes.get(code)) is not None and known.kinds:
        choices.append(RetireCode(code))
    choices += [RemoveDevice(one.device_id) for one in definition.devices if one.is_active and one.name == name]
    return scene.one_of(choices)


def define_staff(scene: Scene) -> Action | None:
    """A clerk begins to work here."""
    if not scene.view.is_administrator:
        return None
    staff = scene.one_of(NEW_STAFF)
    return DefineStaff(staff, "新人", staff.title(), "clerk")


def remove_staff(scene: Scene) -> Action | None:
    """A clerk leaves."""
    here = [staff for staff in NEW_STAFF if (member := scene.view.definition.member(staff)) and member.is_active]
    return RemoveStaff(scene.one_of(here)) if here and scene.view.is_administrator else None
