"""Housekeeping and maintenance on the room board, and what everybody writes into notes and the shift log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.documents import room_note, shift_log, stay_note
from crdt_pms.hotel.statuses import (
    GUEST_SERVICE,
    HK_CONDITION,
    HK_OCCUPANCY,
    MAINTENANCE,
    GuestService,
    HousekeepingCondition,
    HousekeepingOccupancy,
    Maintenance,
)
from simulations.world.work.scene import Scene

_DIRTY, _PICKUP = HousekeepingCondition.DIRTY, HousekeepingCondition.PICKUP
_CLEAN, _INSPECTED = HousekeepingCondition.CLEAN, HousekeepingCondition.INSPECTED
NEXT_CONDITIONS: Final[Mapping[HousekeepingCondition, tuple[HousekeepingCondition, ...]]] = {
    _DIRTY: (_CLEAN, _CLEAN, _CLEAN, _CLEAN, _PICKUP, _DIRTY),
    _PICKUP: (_CLEAN, _CLEAN, _DIRTY),
    _CLEAN: (_INSPECTED, _INSPECTED, _INSPECTED, _CLEAN, _DIRTY, _PICKUP),
    _INSPECTED: (_INSPECTED, _DIRTY, _CLEAN, _PICKUP),
}
"""What an attendant reports next of a room; what is likelier stands there more often."""

FAULTS: Final = ("漏水", "空調の故障", "電球交換", "カーペット交換")
REMARKS: Final = (
    "枕を追加しました。",
    "加湿器を設置。",
    "モーニングコール7時。",
    "荷物を1個お預かり。",
    "アレルギー(そば)に注意。",
    "異常なし。",
    "鍵を再発行しました。",
    "タクシーを5時半に手配。",
    "お子様用の寝具を希望👶",
)
NOTE_LINES_MAX: Final = 30
LEFT_OPEN_SHARE: Final = 0.4
REWRITTEN_SHARE: Final = 0.025
"""How often somebody who begins a shift clears the note or writes it anew: many runs have written it by then."""


def report_condition(scene: Scene) -> Action | None:
    """Go on with a room: clean it, inspect it, or find it dirty."""
    room = scene.pick(scene.room_numbers)
    if room is None:
        return None
    value = scene.one_of(NEXT_CONDITIONS[scene.board(room).condition])
    return SetRoomCondition(room, HK_CONDITION, value.value)


def report_occupancy(scene: Scene) -> Action | None:
    """An attendant says whether somebody is in the room; mostly that is so."""
    room = scene.pick(scene.room_numbers)
    if room is None:
        return None
    taken = any(held.in_house for held in scene.holds.get(room, ())) != scene.chance(0.1)
    seen = HousekeepingOccupancy.OCCUPIED if taken else HousekeepingOccupancy.VACANT
    return SetRoomCondition(room, HK_OCCUPANCY, seen.value)


def maintain_room(scene: Scene) -> Action | None:
    """Take a room out of use, or give it back."""
    for room in scene.picks(scene.room_numbers):
        if scene.board(room).maintenance is not Maintenance.NONE:
            return SetRoomCondition(room, MAINTENANCE, Maintenance.NONE.value)
        holds = scene.holds.get(room, ())
        if any(held.in_house or held.first == scene.today for held in holds) or scene.chance(0.3):
            continue
        value = Maintenance.OUT_OF_ORDER if scene.chance(0.6) else Maintenance.OUT_OF_SERVICE
        return SetRoomCondition(room, MAINTENANCE, value.value, scene.one_of(FAULTS))
    return None


def ask_service(scene: Scene) -> Action | None:
    """A guest hangs a sign on the door."""
    taken = [room for room in scene.room_numbers if any(held.in_house for held in scene.holds.get(room, ()))]
    room = scene.pick(taken)
    return None if room is None else SetRoomCondition(room, GUEST_SERVICE, scene.one_of(tuple(GuestService)).value)


def write_room_note(scene: Scene) -> Action | None:
    """Write into a room's note."""
    room = scene.pick(scene.room_numbers)
    return None if room is None else _edited(scene, room_note(room))


def write_stay_note(scene: Scene) -> Action | None:
    """Write into the note of a stay that is due."""
    stay = scene.pick(scene.due)
    return None if stay is None or scene.view.stay(stay) is None else _edited(scene, stay_note(stay))


def write_shift_log(scene: Scene) -> Action | None:
    """Write into the shift log of the business day."""
    return _edited(scene, shift_log(scene.today))


def strike_note_line(scene: Scene) -> Action | None:
    """Strike a line of the shift log or of a room's note, as this desk shows it, or as a note left open showed it."""
    room = scene.pick(scene.room_numbers)
    document = shift_log(scene.today) if room is None or scene.chance(0.5) else room_note(room)
    base = _opened(scene, document)
    lines = base.splitlines(keepends=True)
    if not lines:
        return None
    del lines[scene.below(len(lines))]
    return _saved(scene, document, base, lines)


def hand_over(scene: Scene) -> Action | None:
    """Begin a shift: everybody writes of the same room, into its note or on the board; some clear the note or write it anew."""
    room = min(scene.room_numbers)
    document = room_note(room)
    if scene.chance(REWRITTEN_SHARE):
        return _rewritten(scene, document, [_remark(scene)] if scene.chance(0.5) else [])
    if scene.chance(0.25):
        return SetRoomCondition(room, GUEST_SERVICE, scene.one_of(tuple(GuestService)).value)
    base = _opened(scene, document)
    return _saved(scene, document, base, [*base.splitlines(keepends=True), _remark(scene)])


def _rewritten(scene: Scene, document: str, lines: list[str]) -> EditNote | None:
    base = _opened(scene, document)
    return _saved(scene, document, base, lines) if base else None


def _remark(scene: Scene) -> str:
    return f"{scene.memory.next_number()}: {scene.one_of(REMARKS)}\n"


def _edited(scene: Scene, document: str) -> EditNote | None:
    """Add a line, or change one; None for a note that is long already."""
    base = _opened(scene, document)
    lines = base.splitlines(keepends=True)
    if len(lines) > NOTE_LINES_MAX:
        return None
    remark = _remark(scene)
    match scene.below(5) if lines else 4:
        case 0:
            at = scene.below(len(lines))
            lines[at] = lines[at].replace("。", "、確認済み。", 1)
        case 1:
            lines.insert(scene.below(len(lines)), remark)
        case _:
            lines.append(remark)
    return _saved(scene, document, base, lines)


def _opened(scene: Scene, document: str) -> str:
    """What this desk shows of a note now, or showed when somebody opened it and was called away."""
    left_open = scene.memory.texts.get((scene.desk, document)) or ""
    if scene.read_note is None or (left_open and scene.chance(LEFT_OPEN_SHARE)):
        return left_open
    return scene.read_note(document)


def _saved(scene: Scene, document: str, base: str, lines: list[str]) -> EditNote:
    text = "".join(lines)
    scene.memory.texts.keep((scene.desk, document), text)
    return EditNote(document, base, text)
