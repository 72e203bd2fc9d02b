"""Actions on which room a stay has: assign, unassign, move, swap, lock."""

from dataclasses import dataclass, replace
from typing import ClassVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.arrivals import require_override
from crdt_pms.desk.actions.reservations import require_reason
from crdt_pms.desk.actions.rooms import left_behind
from crdt_pms.desk.decision import Decision, Notice
from crdt_pms.desk.drafting import Draft, shown_by, shown_by_all
from crdt_pms.desk.guards import require_ready
from crdt_pms.desk.holding import (
    holding_of,
    nights_held_by_both,
    nights_to_come,
    require_assignable,
    require_in_order,
    require_not_held,
    require_vacant,
)
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import Stay
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.hotel.words import stay_status_words
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import OCCUPANCY, TERMS


@dataclass(frozen=True, slots=True)
class AssignRoom(Action):
    """Give a room to a stay that has not arrived, in place of the one it has, if any.

    The room may be of another type than the booked one. It must not be held by another stay on those nights nor be
    out of order.
    """

    name: ClassVar[str] = "assign_room"

    stay: str
    room: str
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = _require_expected(view.require_stay(self.stay))
        room = view.require_room(self.room).number
        if stay.room != room:
            _require_not_locked(stay)
        require_assignable(view, room, stay.terms.arrival, stay.terms.nights, stay.stay_id)
        return _roomed(view, moment, self.name, "", stay, room, self.revision)


@dataclass(frozen=True, slots=True)
class UnassignRoom(Action):
    """Take the room from a stay that has not arrived."""

    name: ClassVar[str] = "unassign_room"

    stay: str
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = _require_expected(view.require_stay(self.stay))
        _require_not_locked(stay)
        return _roomed(view, moment, self.name, "", stay, None, self.revision)


@dataclass(frozen=True, slots=True)
class MoveRoom(Action):
    """Move a guest in house to another room. The old room is dirty; the stay's register keeps where it was.

    A guest whose room another one has leaves it as it is.
    """

    name: ClassVar[str] = "move_room"

    stay: str
    room: str
    reason: str = ""
    override_reason: str = ""
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = _require_in_house(view.require_stay(self.stay))
        room = view.require_room(self.room).number
        reason, override = require_reason(self.reason), require_override(self.override_reason)
        if room == stay.room:
            raise Refused(RefusalCode.SAME_ROOM, room=room)
        _require_not_locked(stay)
        require_vacant(view, room, stay.stay_id)
        arrival, nights = nights_to_come(view, stay)
        require_not_held(view, room, arrival, nights, stay.stay_id)
        require_ready(view, room, override)
        decision = _roomed(view, moment, self.name, override or reason, stay, room, self.revision)
        return replace(decision, board_writes=left_behind(view, stay))


@dataclass(frozen=True, slots=True)
class SwapRooms(Action):
    """Let two stays change rooms in one step: both in house, or both expected with a room."""

    name: ClassVar[str] = "swap_rooms"

    stay: str
    other_stay: str
    reason: str = ""
    revision: str | None = None
    other_revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        one, other = view.require_stay(self.stay), view.require_stay(self.other_stay)
        reason = require_reason(self.reason)
        if one.room is None or other.room is None or one.status != other.status:
            raise Refused(RefusalCode.SWAP_UNLIKE)
        if one.status not in (StayStatus.IN_HOUSE, StayStatus.RESERVED):
            raise Refused(RefusalCode.SWAP_UNLIKE)
        if one.room == other.room:
            raise Refused(RefusalCode.SAME_ROOM, room=one.room)
        for stay, partner in ((one, other), (other, one)):
            _require_not_locked(stay)
            _require_free_for_swap(view, stay, partner)
        shown = shown_by_all(
            (
                shown_by(view, self.revision, "stay", one.stay_id),
                shown_by(view, self.other_revision, "stay", other.stay_id),
            )
        )
        draft = Draft(view, moment, self.name, reason, shown)
        for stay, partner in ((one, other), (other, one)):
            swapped = replace(stay.occupancy, room=partner.room)
            draft.put(Register(OCCUPANCY, stay.stay_id), swapped.value())
        left = (*left_behind(view, one), *left_behind(view, other)) if one.in_house else ()
        return Decision(operations=(draft.operation(),), board_writes=left, stay=one.stay_id)


@dataclass(frozen=True, slots=True)
class SetDoNotMove(Action):
    """Lock a stay to its room, or remove the lock."""

    name: ClassVar[str] = "set_do_not_move"

    stay: str
    locked: bool
    reason: str = ""
    revision: str | None = None

    def plan(self, view: DeskView, moment: Moment) -> Decision:
        """See `Action.decide`."""
        stay = view.require_stay(self.stay)
        if not stay.status.is_due:
            raise Refused(RefusalCode.STAY_ENDED, status=stay_status_words(stay.status))
        reason = require_reason(self.reason)
        draft = Draft(view, moment, self.name, reason, shown_by(view, self.revision, "stay", stay.stay_id))
        terms = replace(stay.terms, do_not_move=self.locked)
        if not draft.changed(Register(TERMS, stay.stay_id), terms.value()):
            return Decision(notices=(Notice.UNCHANGED,), stay=stay.stay_id)
        return Decision(operations=(draft.operation(),), stay=stay.stay_id)


def _require_expected(stay: Stay) -> Stay:
    if stay.in_house or not stay.status.is_due:
        raise Refused(RefusalCode.STAY_NOT_EXPECTED, status=stay_status_words(stay.status))
    return stay


def _require_in_house(stay: Stay) -> Stay:
    if not stay.in_house:
        raise Refused(RefusalCode.STAY_NOT_IN_HOUSE, status=stay_status_words(stay.status))
    return stay


def _require_not_locked(stay: Stay) -> None:
    if stay.terms.do_not_move and stay.room is not None:
        raise Refused(RefusalCode.MOVE_LOCKED, room=stay.room)


def _require_free_for_swap(view: DeskView, stay: Stay, partner: Stay) -> None:
    """Refused when a third stay keeps the partner's room on a night that `stay` would have it.

    A guest who has outstayed the terms is in the room all the same.
    """
    room = view.require_room(partner.room or "").number
    if not stay.in_house:
        require_in_order(view, room)
    arrival, nights = nights_to_come(view, stay)
    for third in holding_of(view, room).others(partner.stay_id):
        shared = nights_held_by_both(arrival, nights, third.terms.arrival, third.terms.nights)
        if third.stay_id == stay.stay_id:
            continue
        if third.in_house and stay.in_house:
            raise Refused(RefusalCode.ROOM_OCCUPIED, room=room, other=third.stay_id)
        if shared:
            raise Refused(RefusalCode.ROOM_HELD, room=room, other=third.stay_id, night=shared[0])


def _roomed(
    view: DeskView,
    moment: Moment,
    action: str,
    reason: str,
    stay: Stay,
    room: str | None,
    revision: str | None,
) -> Decision:
    draft = Draft(view, moment, action, reason, shown_by(view, revision, "stay", stay.stay_id))
    if not draft.changed(Register(OCCUPANCY, stay.stay_id), replace(stay.occupancy, room=room).value()):
        return Decision(notices=(Notice.UNCHANGED,), stay=stay.stay_id)
    return Decision(operations=(draft.operation(),), stay=stay.stay_id)
