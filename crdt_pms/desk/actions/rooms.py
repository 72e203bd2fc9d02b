"""Actions on the room board."""

from dataclasses import dataclass
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.decision import BoardWrite, Decision
from crdt_pms.desk.holding import holding_of
from crdt_pms.desk.inputs import require_text
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import Stay
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.errors import BoardValueInvalid, TransitionUnknown
from crdt_pms.hotel.statuses import (
    BOARD_FIELDS,
    GUEST_SERVICE,
    HK_CONDITION,
    MAINTENANCE,
    MAINTENANCE_REASON,
    GuestService,
    HousekeepingCondition,
    Maintenance,
    require_board_value,
)
from crdt_pms.hotel.transitions import require_room_condition_step
from crdt_pms.hotel.words import board_value_words


@dataclass(frozen=True, slots=True)
class SetRoomCondition(Action):
    """Set one field of the board for one room: condition, occupancy seen, maintenance, guest service.

    Setting the value that the board shows already is a fresh report and is written. Maintenance needs a reason and
    cannot be set on a room with a guest in it or one that is assigned to an arrival of today.
    """

    name: ClassVar[str] = "set_room_condition"

    room: str
    field: str
    value: str
    reason: str = ""

    def plan(self, view: DeskView, _moment: Moment) -> Decision:
        """See `Action.decide`."""
        room = view.require_room(self.room).number
        # Free text of the board has no action of its own: it goes with the value that it explains.
        if self.field not in BOARD_FIELDS:
            raise Refused(RefusalCode.BOARD_VALUE_UNKNOWN, field=self.field[:40], value=self.value[:40])
        try:
            require_board_value(self.field, self.value)
        except BoardValueInvalid as error:
            raise Refused(RefusalCode.BOARD_VALUE_UNKNOWN, field=self.field, value=self.value[:40]) from error
        reason = require_text("reason", self.reason)
        writes = [BoardWrite(room, self.field, self.value)]
        if self.field == HK_CONDITION:
            self._require_step(view)
        elif self.field == MAINTENANCE:
            if self.value != Maintenance.NONE:
                self._require_out_of_use(view, reason)
            # Always beside the value, so that the newest of both is always one author's.
            writes.append(BoardWrite(room, MAINTENANCE_REASON, reason))
        return Decision(board_writes=tuple(writes))

    def _require_step(self, view: DeskView) -> None:
        if self.value in {standing.value for standing in view.board.concurrent(self.room, self.field)}:
            # An attendant has seen the room so: choosing between what two desks reported is no step.
            return
        source, target = view.room_board(self.room).condition, HousekeepingCondition(self.value)
        try:
            require_room_condition_step(source, target)
        except TransitionUnknown as error:
            raise Refused(
                RefusalCode.CONDITION_STEP_UNKNOWN,
                room=self.room,
                source=board_value_words(HK_CONDITION, source),
                target=board_value_words(HK_CONDITION, target),
            ) from error

    def _require_out_of_use(self, view: DeskView, reason: str) -> None:
        if not reason:
            raise Refused(RefusalCode.REASON_NEEDED)
        today = view.business_date
        for stay in holding_of(view, self.room).keeping:
            if stay.in_house:
                raise Refused(RefusalCode.MAINTENANCE_ON_OCCUPIED, room=self.room, other=stay.stay_id)
            if stay.terms.arrival == today:
                raise Refused(RefusalCode.MAINTENANCE_ON_ARRIVAL, room=self.room, other=stay.stay_id)


def left_behind(view: DeskView, stay: Stay) -> tuple[BoardWrite, ...]:
    """What the board must say of the room that a guest in house leaves: dirty, and no wishes any more.

    Nothing where the room was given away twice and is another guest's: that one is in it, and the one who leaves never was.
    """
    room = stay.room
    if room is None or room not in view.rooms or stay in holding_of(view, room).displaced:
        return ()
    writes = [BoardWrite(room, HK_CONDITION, HousekeepingCondition.DIRTY.value)]
    if view.room_board(room).guest_service is not GuestService.NONE:
        writes.append(BoardWrite(room, GUEST_SERVICE, GuestService.NONE.value))
    return tuple(writes)
