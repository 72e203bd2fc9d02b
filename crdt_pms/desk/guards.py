"""The checks behind the guard names of the stay table (`crdt_pms.hotel.transitions`).

Each judges the author's view at this moment and raises `Refused`. Every guard of the table has one.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from crdt_pms.desk.folios import Folio, require_settled_or_note
from crdt_pms.desk.holding import require_in_order, require_not_held, require_vacant
from crdt_pms.desk.refusals import RefusalCode, Refused
from crdt_pms.desk.rows import Stay
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.errors import TransitionUnknown
from crdt_pms.hotel.register import register_missing
from crdt_pms.hotel.statuses import HK_CONDITION, MAINTENANCE, Maintenance, StayStatus
from crdt_pms.hotel.transitions import Guard, StayTransition, stay_transition
from crdt_pms.hotel.words import PROFILE_FIELD_WORDS, Words, board_value_words, stay_status_words
from crdt_pms.ledger.fields import Value

MANAGER: Final = "manager"
"""The role of those who may do what the others may not."""


@dataclass(frozen=True, slots=True)
class StayStep:
    """A step that a person wants to take with a stay, and everything that its guards may ask for.

    `stay` is the stay before the step, its room the one in which it will be. `profile` is the guest's card as it will
    be. `folio` has the charges that the step posts.
    """

    view: DeskView
    stay: Stay
    profile: Value | None = None
    folio: Folio | None = None
    reason: str = ""
    override_reason: str = ""
    note: str = ""
    at_audit: bool = False


def require_step(
    step: StayStep, target: StayStatus, sources: Collection[StayStatus] = frozenset(StayStatus)
) -> StayTransition:
    """The row of the table for this step, with all its guards checked. Refused where one does not hold.

    Several actions lead to one status; `sources` are the statuses from which this one does.
    """
    source = step.stay.status
    unknown = Refused(RefusalCode.STEP_UNKNOWN, source=stay_status_words(source), target=stay_status_words(target))
    if source not in sources:
        raise unknown
    try:
        row = stay_transition(source, target)
    except TransitionUnknown as error:
        raise unknown from error
    for guard in row.guards:
        GUARD_CHECKS[guard](step)
    return row


def require_manager(view: DeskView, staff: str) -> None:
    """Refused for anybody whom the property does not know as a manager."""
    if not any(member.staff_id == staff and member.role == MANAGER for member in view.definition.staff):
        raise Refused(RefusalCode.MANAGER_NEEDED)


def require_ready(view: DeskView, room: str, override_reason: str) -> None:
    """Refused unless a guest may be shown to the room, or a person says why one should be anyway.

    A room that is out of order is refused in any case: it is not in the inventory.
    """
    require_in_order(view, room)
    board = view.room_board(room)
    ready = board.condition.is_ready and board.maintenance is Maintenance.NONE
    if not ready and not override_reason:
        raise Refused(
            RefusalCode.ROOM_NOT_READY,
            room=room,
            condition=board_value_words(HK_CONDITION, board.condition),
            maintenance=board_value_words(MAINTENANCE, board.maintenance),
        )


def _arrival_is_business_date(step: StayStep) -> None:
    arrival, today = step.stay.terms.arrival, step.view.business_date
    if arrival != today:
        raise Refused(RefusalCode.NOT_ARRIVAL_DAY, arrival=arrival, business_date=today)


def _departure_is_business_date(step: StayStep) -> None:
    departure, today = step.stay.terms.departure, step.view.business_date
    if departure != today:
        raise Refused(RefusalCode.NOT_DEPARTURE_DAY, departure=departure, business_date=today)


def _room_of(step: StayStep) -> str:
    room = step.stay.room
    if room is None:
        raise Refused(RefusalCode.ROOM_NEEDED)
    return step.view.require_room(room).number


def _room_given(step: StayStep) -> None:
    _room_of(step)


def _room_vacant(step: StayStep) -> None:
    require_vacant(step.view, _room_of(step), step.stay.stay_id)


def _room_not_held(step: StayStep) -> None:
    terms = step.stay.terms
    require_not_held(step.view, _room_of(step), terms.arrival, terms.nights, step.stay.stay_id)


def _room_ready_or_override(step: StayStep) -> None:
    require_ready(step.view, _room_of(step), step.override_reason)


def _register_complete(step: StayStep) -> None:
    missing = register_missing(step.profile or {}, step.view.definition.register_fields)
    if missing:
        words = [PROFILE_FIELD_WORDS[name] for name in missing]
        listed = Words("、".join(word.ja for word in words), ", ".join(word.en for word in words))
        raise Refused(RefusalCode.REGISTER_INCOMPLETE, missing=listed)


def _reason_given(step: StayStep) -> None:
    if not step.reason:
        raise Refused(RefusalCode.REASON_NEEDED)


def _at_night_audit(step: StayStep) -> None:
    if not step.at_audit:
        raise Refused(RefusalCode.ONLY_AT_AUDIT)


def _balance_zero_or_note(step: StayStep) -> None:
    require_settled_or_note(step.view, step.folio, step.note)


GUARD_CHECKS: Mapping[Guard, Callable[[StayStep], None]] = MappingProxyType(
    {
        Guard.ARRIVAL_IS_BUSINESS_DATE: _arrival_is_business_date,
        Guard.DEPARTURE_IS_BUSINESS_DATE: _departure_is_business_date,
        Guard.ROOM_GIVEN: _room_given,
        Guard.ROOM_VACANT: _room_vacant,
        Guard.ROOM_NOT_HELD: _room_not_held,
        Guard.ROOM_READY_OR_OVERRIDE: _room_ready_or_override,
        Guard.REGISTER_COMPLETE: _register_complete,
        Guard.REASON_GIVEN: _reason_given,
        Guard.AT_NIGHT_AUDIT: _at_night_audit,
        Guard.BALANCE_ZERO_OR_NOTE: _balance_zero_or_note,
    }
)
