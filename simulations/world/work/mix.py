"""How much of each activity there is in a world, and how strongly everybody works on the same few stays and rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Final, NamedTuple, Self

from crdt_pms.desk.actions.action import Action
from simulations.world.work import administration, cashier, forms, front_desk, housekeeping, manager, reservations
from simulations.world.work.scene import Scene

Activity = Callable[[Scene], Action | None]
"""Finds something to do of one kind; None when there is nothing."""


class _Usual(NamedTuple):
    activity: Activity
    weight: float


_USUAL: Final[Mapping[str, _Usual]] = {
    "create_stay": _Usual(reservations.create_stay, 10),
    "repeat_creation": _Usual(reservations.repeat_creation, 0.5),
    "confirm_stay": _Usual(reservations.confirm_stay, 2),
    "amend_dates": _Usual(reservations.amend_dates, 3),
    "amend_rate": _Usual(reservations.amend_rate, 3),
    "amend_guest": _Usual(reservations.amend_guest, 4),
    "change_guest": _Usual(reservations.change_guest, 2.5),
    "cancel_stay": _Usual(reservations.cancel_stay, 2),
    "assign_room": _Usual(front_desk.assign_room, 6),
    "unassign_room": _Usual(front_desk.unassign_room, 1.5),
    "check_in": _Usual(front_desk.check_in, 12),
    "walk_in": _Usual(front_desk.walk_in, 3),
    "take_over_stay": _Usual(front_desk.take_over_stay, 2),
    "revert_check_in": _Usual(front_desk.revert_check_in, 1.5),
    "move_room": _Usual(front_desk.move_room, 3),
    "swap_rooms": _Usual(front_desk.swap_rooms, 1.5),
    "lock_room": _Usual(front_desk.lock_room, 1.5),
    "check_out": _Usual(front_desk.check_out, 10),
    "reinstate": _Usual(front_desk.reinstate, 2),
    "post_charge": _Usual(cashier.post_charge, 8),
    "post_payment": _Usual(cashier.post_payment, 4),
    "post_deposit": _Usual(cashier.post_deposit, 2),
    "repeat_payment": _Usual(cashier.repeat_payment, 2),
    "post_refund": _Usual(cashier.post_refund, 1.5),
    "reverse_posting": _Usual(cashier.reverse_posting, 4),
    "settle_folio": _Usual(cashier.settle_folio, 5),
    "report_condition": _Usual(housekeeping.report_condition, 10),
    "report_occupancy": _Usual(housekeeping.report_occupancy, 2),
    "maintain_room": _Usual(housekeeping.maintain_room, 2),
    "ask_service": _Usual(housekeeping.ask_service, 1.5),
    "write_room_note": _Usual(housekeeping.write_room_note, 2),
    "write_stay_note": _Usual(housekeeping.write_stay_note, 1.5),
    "write_shift_log": _Usual(housekeeping.write_shift_log, 3),
    "strike_note_line": _Usual(housekeeping.strike_note_line, 1),
    "send_twice": _Usual(forms.send_twice, 3),
    "send_put_aside": _Usual(forms.send_put_aside, 8),
    "send_elsewhere": _Usual(forms.send_elsewhere, 2),
    "attend": _Usual(manager.attend, 4),
    "run_night_audit": _Usual(manager.run_night_audit, 7),
    "correct_business_date": _Usual(manager.correct_business_date, 0.6),
    "define_room": _Usual(administration.define_room, 2),
    "retire_room": _Usual(administration.retire_room, 0.8),
    "define_detail": _Usual(administration.define_detail, 2.5),
    "define_staff": _Usual(administration.define_staff, 0.6),
    "remove_staff": _Usual(administration.remove_staff, 0.6),
}

ACTIVITIES: Mapping[str, Activity] = MappingProxyType({name: usual.activity for name, usual in _USUAL.items()})
"""Everything that people do, by name. Several activities may end in one kind of action."""

USUAL_WEIGHTS: Mapping[str, float] = MappingProxyType({name: usual.weight for name, usual in _USUAL.items()})
"""The proportions of a usual hotel."""

NEVER_LEFT_OUT: Final = frozenset({"create_stay", "check_in"})
"""A hotel without these has no guests, and nothing else could happen."""

LEFT_OUT_SHARE: Final = 0.2
FACTOR_MAX: Final = 4.0


@dataclass(frozen=True, slots=True)
class ActionMix:
    """Weights of activities, and `hot` in 0…1: how strongly work falls on the same few stays and rooms.

    An activity that is not in `weights`, or has the weight 0, never happens. The hotter, the more conflicts between desks
    that are cut apart.
    """

    weights: Mapping[str, float]
    hot: float

    @classmethod
    def usual(cls, hot: float) -> Self:
        """Everything that people do, in the proportions of a usual hotel."""
        return cls(USUAL_WEIGHTS, hot)

    @classmethod
    def draw(cls, random: Random) -> Self:
        """The mix of one world: some activities left out, the others up to four times as much or as little as usual.

        A world that does not do everything goes deeper into what it does. Advances `random`.
        """
        weights: dict[str, float] = {}
        for name, usual in USUAL_WEIGHTS.items():
            left_out = random.random() < LEFT_OUT_SHARE
            factor = FACTOR_MAX ** (2 * random.random() - 1)
            weights[name] = 0.0 if left_out and name not in NEVER_LEFT_OUT else usual * factor
        return cls(MappingProxyType(weights), random.random())
