"""The manager on duty: decides what waits for a person, acts on alerts, runs the night audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.conflicts import KeepStay, Resolve
from crdt_pms.desk.actions.departures import CheckOut, Reinstate
from crdt_pms.desk.actions.folio import PostCharge, PostRefund
from crdt_pms.desk.actions.moves import AssignRoom, MoveRoom, SetDoNotMove, UnassignRoom
from crdt_pms.desk.actions.night_audit import CorrectBusinessDate, RunNightAudit
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.actions.windows import CloseFolio, ReopenFolio
from crdt_pms.desk.folios import folio_of
from crdt_pms.desk.rows import Stay
from crdt_pms.hotel.nights import days_after
from crdt_pms.hotel.statuses import BOARD_FIELDS, MAINTENANCE, Maintenance, StayStatus
from crdt_pms.ledger.alerts import Alert, written_dot
from crdt_pms.ledger.conflicts import Conflict, ConflictState
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.policies import FOLIO_SETTLEMENT, FOLIO_WINDOW, POSTING
from simulations.world.work.cashier import settlement
from simulations.world.work.front_desk import OVERRIDE, may_return
from simulations.world.work.scene import Scene

OTHERWISE_SHARE: Final = 0.2
DOUBLED_SHARE: Final = 0.8
STALE_AUDIT_SHARE: Final = 0.02
HASTY_AUDIT_SHARE: Final = 0.02
ROOMS_LOOKED_AT: Final = 6
OPENED_AGAIN_SHARE: Final = 0.6
TAKEN_BACK_SHARE: Final = 0.5
PAID_LATE_SHARE: Final = 0.6


def run_night_audit(scene: Scene) -> Action | None:
    """Close the business day when it is over, rarely before that; rarely with the form of the day before."""
    if not scene.day_is_over and not scene.chance(HASTY_AUDIT_SHARE):
        return None
    is_stale = scene.today > scene.view.definition.opening_date and scene.chance(STALE_AUDIT_SHARE)
    return RunNightAudit(days_after(scene.today, -1) if is_stale else scene.today)


def correct_business_date(scene: Scene) -> Action | None:
    """Somebody finds that the day was closed too early."""
    if scene.today <= scene.view.definition.opening_date:
        return None
    return CorrectBusinessDate(days_after(scene.today, -1), "業務日を誤って繰り上げたため")


def attend(scene: Scene) -> Action | None:
    """What a manager who goes through conflicts and alerts does next; None when nothing waits that can be acted on."""
    desks = (attend_conflicts, attend_alerts) if scene.chance(0.5) else (attend_alerts, attend_conflicts)
    for desk in (*desks, attend_board):
        action = desk(scene)
        if action is not None:
            return action
    return None


def attend_conflicts(scene: Scene) -> Action | None:
    """Choose one of the values of an open conflict; rarely decide otherwise than a policy did."""
    conflicts = scene.view.ledger.conflicts()
    # Money that is booked twice under one number is what a manager looks into first, wherever they are.
    doubled = [conflict for conflict in conflicts if conflict.register.group == POSTING]
    if doubled and scene.chance(DOUBLED_SHARE):
        return _chosen(scene, scene.one_of(doubled))
    waiting = [conflict for conflict in conflicts if conflict.state is ConflictState.OPEN]
    if waiting:
        return _chosen(scene, scene.one_of(waiting))
    if conflicts and scene.chance(OTHERWISE_SHARE):
        return _chosen(scene, scene.one_of(conflicts))
    return None


def attend_alerts(scene: Scene) -> Action | None:
    """Act on an alert: move a guest, refund, open a folio again, close it, end a maintenance."""
    alerts = scene.view.ledger.alerts()
    for _ in range(min(3, len(alerts))):
        found = scene.one_of(alerts)
        action = _ANSWERS[found.matter](scene, found)
        if action is not None:
            return action
    return None


def attend_board(scene: Scene) -> Action | None:
    """Look at some rooms: end a maintenance that keeps a guest out, settle what two attendants reported."""
    for _ in range(ROOMS_LOOKED_AT):
        room = scene.pick(scene.room_numbers)
        if room is None:
            return None
        needed = any(held.in_house or held.first <= scene.today < held.until for held in scene.holds.get(room, ()))
        if needed and scene.board(room).maintenance is not Maintenance.NONE:
            return SetRoomCondition(room, MAINTENANCE, Maintenance.NONE.value)
        for field in BOARD_FIELDS:
            values = sorted({standing.value for standing in scene.view.board.concurrent(room, field)})
            if len(values) > 1 and field != MAINTENANCE:
                return SetRoomCondition(room, field, scene.one_of(values))
    return None


def _chosen(scene: Scene, conflict: Conflict) -> Resolve:
    sibling = scene.one_of(conflict.siblings)
    reason = scene.one_of(("先の処理を採用", "お客様に確認", "記録を照合"))
    return Resolve(conflict.register.group, conflict.register.row, written_dot(sibling.dot), reason)


def _double_booked(scene: Scene, found: Alert) -> Action | None:
    return _rehoused(scene, found, str(found.detail("other_stay")))


def _stranded(scene: Scene, found: Alert) -> Action | None:
    return _rehoused(scene, found, str(found.fact("stay")))


def _rehoused(scene: Scene, found: Alert, stay_id: str) -> Action | None:
    stay = scene.view.stay(stay_id)
    if stay is None:
        return None
    if stay.terms.do_not_move:
        return SetDoNotMove(stay.stay_id, locked=False, reason="重複のため解除")
    if not found.proposal:
        return None if stay.in_house else UnassignRoom(stay.stay_id)
    room = scene.one_of(found.proposal)
    if scene.board(room).maintenance is Maintenance.OUT_OF_ORDER:
        return None
    if stay.in_house:
        return MoveRoom(stay.stay_id, room, "重複のため移動", OVERRIDE)
    return AssignRoom(stay.stay_id, room)


def _reversed_too_much(scene: Scene, found: Alert) -> Action | None:
    original = scene.view.posting(str(found.fact("original")))
    stay = None if original is None else scene.view.stay(original.stay)
    if original is None or stay is None or not scene.window_is_open(stay.folio):
        return None
    # The reversals stand; what was taken back too much is charged anew.
    over = int(found.fact("reversed_minor")) - original.amount_minor
    key = f"over-{found.identity}"
    if over <= 0 or scene.view.posting(f"charge:{key}") is not None:
        return None
    return PostCharge(stay.stay_id, "other", over, "取消の重複分", idempotency_key=key)


def _overpaid(scene: Scene, found: Alert) -> Action | None:
    stay = scene.view.stay(str(found.fact("stay")))
    if stay is None:
        return None
    if not scene.window_is_open(stay.folio):
        return _opened_again(scene, stay)
    over = min(-int(found.fact("balance_minor")), folio_of(scene.view, stay).paid_minor)
    if over <= 0:
        return None
    key, balance = f"over-{scene.memory.next_number()}", scene.balance_by_now(stay)
    return PostRefund(stay.stay_id, over, "cash", "二重精算の返金", key, balance)


def _left_owing(scene: Scene, found: Alert) -> Action | None:
    stay = scene.view.stay(str(found.fact("stay")))
    if stay is None or scene.waits_for_manager(FOLIO_WINDOW, stay.folio):
        return None
    if stay.in_house:
        return CheckOut(stay.stay_id, "会社宛に請求", scene.balance_by_now(stay))
    if not scene.window_is_open(stay.folio) and scene.chance(OPENED_AGAIN_SHARE):
        return _opened_again(scene, stay)
    if scene.window_is_open(stay.folio) and scene.chance(PAID_LATE_SHARE):
        is_settled = scene.waits_for_manager(FOLIO_SETTLEMENT, stay.folio) or scene.balance_by_now(stay) <= 0
        return None if is_settled else settlement(scene, stay)
    return None if stay.status.is_due else CloseFolio(stay.stay_id, "会社宛に請求", scene.balance_by_now(stay))


def _overruled(scene: Scene, found: Alert) -> Action | None:
    stay = scene.view.stay(str(found.fact("stay")))
    if stay is None or scene.waits_for_manager(FOLIO_WINDOW, stay.folio):
        return None
    note = "客室を確認、退室済み"
    return CheckOut(stay.stay_id, note, scene.balance_by_now(stay)) if stay.in_house else None


def _changed_apart(scene: Scene, found: Alert) -> Action | None:
    stay = str(found.fact("stay"))
    return None if scene.view.stay(stay) is None else KeepStay(stay, scene.form("stay", stay))


def _watched(_scene: Scene, _found: Alert) -> Action | None:
    """No manager of these worlds has anything to do about it."""
    return None


def _opened_again(scene: Scene, stay: Stay) -> Action | None:
    if scene.waits_for_manager(FOLIO_WINDOW, stay.folio):
        return None
    may_come_back = stay.status is StayStatus.CHECKED_OUT and may_return(scene, stay) is not None
    if may_come_back and scene.chance(TAKEN_BACK_SHARE):
        return Reinstate(stay.stay_id, "会計の訂正のため")
    return ReopenFolio(stay.stay_id, "会計の訂正のため", scene.form("folio", stay.folio))


_ANSWERS: Mapping[Matter, Callable[[Scene, Alert], Action | None]] = MappingProxyType(
    {
        Matter.ALERT_ROOM_DOUBLE_BOOKED: _double_booked,
        Matter.ALERT_ROOM_RETIRED_WITH_STAY: _stranded,
        Matter.ALERT_REVERSAL_OVER_ORIGINAL: _reversed_too_much,
        Matter.ALERT_SETTLEMENT_OVER_BALANCE: _overpaid,
        Matter.ALERT_POSTING_INTO_CLOSED_WINDOW: _left_owing,
        Matter.ALERT_CHECK_OUT_WITH_BALANCE: _left_owing,
        Matter.ALERT_CHECK_OUT_OVERRULED: _overruled,
        Matter.ALERT_STAY_CHANGED_APART: _changed_apart,
        Matter.ALERT_STAY_INCOMPLETE: _watched,
        Matter.ALERT_BUSINESS_DATE_AHEAD: _watched,
        Matter.ALERT_VALUE_WITHOUT_MEANING: _watched,
    }
)
"""What is done about each kind of alert that a ledger has."""
