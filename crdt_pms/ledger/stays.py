"""What the registers of one stay say of each other: changed apart, or in house with nothing agreed."""

from __future__ import annotations

from crdt_pms.hotel.statuses import DUE_STATUSES, StayStatus
from crdt_pms.ledger.alerts import Alert, Detail, alert, written_dot
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.policies import OCCUPANCY, STAY_GUEST, TERMS
from crdt_pms.ledger.register import RegisterState
from crdt_pms.ledger.showing import Shown


class StayIndex:
    """The shown writes of stays. Only what changed since the last call is judged anew."""

    def __init__(self) -> None:
        self._shown: dict[str, dict[str, Shown]] = {}
        self._changed: set[str] = set()
        self._alerts: dict[str, list[Alert]] = {}

    def set_shown(self, group: str, stay: str, shown: Shown) -> None:
        """Take over what a stay shows of one of its groups."""
        self._shown.setdefault(stay, {})[group] = shown
        self._changed.add(stay)

    def forget(self, stay: str) -> None:
        """Put away what is known of a stay."""
        self._shown.pop(stay, None)
        self._changed.discard(stay)
        self._alerts.pop(stay, None)

    def is_at_rest(self, stay: str) -> bool:
        """Whether the guest has left or never came, and nothing about the stay needs a person's eye."""
        shown = self._shown.get(stay, {})
        occupancy = shown.get(OCCUPANCY)
        is_due = occupancy is not None and occupancy.value["status"] in DUE_STATUSES
        return not is_due and not self._judge(stay)

    def guest_of(self, stay: str) -> str | None:
        """The guest that the stay shows."""
        shown = self._shown.get(stay, {}).get(STAY_GUEST)
        return None if shown is None else str(shown.value["guest"])

    def _judge(self, stay: str) -> list[Alert]:
        shown = self._shown.get(stay, {})
        return [*_changed_apart(stay, shown), *_incomplete(stay, shown)]

    def alerts(self) -> list[Alert]:
        """All alerts about single stays."""
        for stay in self._changed:
            found = self._judge(stay)
            if found:
                self._alerts[stay] = found
            else:
                self._alerts.pop(stay, None)
        self._changed.clear()
        return [found for listed in self._alerts.values() for found in listed]


def _changed_apart(stay: str, shown: dict[str, Shown]) -> list[Alert]:
    """`alert_stay_changed_apart`: what a stay shows as its status and as its terms were written without knowing each
    other.

    A booking cancelled here and amended there: each change stands, and one of their authors would have done otherwise.
    It ends when either is written anew by an author who sees both. Siblings that are not shown stand in a conflict already.
    """
    pair = [shown[group].write for group in (OCCUPANCY, TERMS) if group in shown]
    occupancy, terms = pair if len(pair) == 2 else (None, None)
    if occupancy is None or terms is None or occupancy.knows(terms) or terms.knows(occupancy):
        return []
    return [
        alert(
            Matter.ALERT_STAY_CHANGED_APART,
            {"stay": stay, "occupancy": written_dot(occupancy.dot), "terms": written_dot(terms.dot)},
            {**_told("occupancy", occupancy), **_told("terms", terms), "status": str(occupancy.value["status"])},
        )
    ]


def overruled(stay: str, state: RegisterState) -> list[Alert]:
    """`alert_check_out_overruled`: a stay shows in house although a concurrent write has it checked out.

    One author saw the guest leave, another had the guest in house without knowing: one of them must look.
    """
    shown, winner = state.shown.value, state.shown.write
    if winner is None or shown["status"] != StayStatus.IN_HOUSE:
        return []
    return [
        alert(
            Matter.ALERT_CHECK_OUT_OVERRULED,
            {"stay": stay, "check_in": written_dot(winner.dot), "check_out": written_dot(sibling.dot)},
            {"room": str(shown["room"] or ""), "checked_out_by": sibling.author},
        )
        for sibling in state.siblings
        if sibling.value["status"] == StayStatus.CHECKED_OUT
    ]


def _told(name: str, write: AppliedWrite) -> dict[str, Detail]:
    """Who wrote it, when (UTC milliseconds), and by which action."""
    return {
        f"{name}_action": write.action,
        f"{name}_at_ms": write.stamp.milliseconds,
        f"{name}_by": write.author,
    }


def _incomplete(stay: str, shown: dict[str, Shown]) -> list[Alert]:
    """`alert_stay_incomplete`: a guest is in house, and what was agreed, or who it is, was never written."""
    if OCCUPANCY not in shown or shown[OCCUPANCY].value["status"] != StayStatus.IN_HOUSE:
        return []
    missing = tuple(group for group in (TERMS, STAY_GUEST) if group not in shown)
    if not missing:
        return []
    room = shown[OCCUPANCY].value["room"]
    return [alert(Matter.ALERT_STAY_INCOMPLETE, {"stay": stay}, {"room": str(room or ""), "missing": missing})]
