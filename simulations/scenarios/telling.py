"""What happens in a script, in words: actions, faults, screens, conflicts and alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.arrivals import CheckIn, TakeOverStay, WalkIn
from crdt_pms.desk.actions.conflicts import Resolve
from crdt_pms.desk.actions.departures import CheckOut, Reinstate
from crdt_pms.desk.actions.folio import PostCharge, PostPayment, PostRefund, ReversePosting, SettleFolio
from crdt_pms.desk.actions.moves import AssignRoom, MoveRoom
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.reservations import AmendTerms, CancelStay, CreateStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.actions.windows import CloseFolio, ReopenFolio
from crdt_pms.desk.folios import said as money
from crdt_pms.desk.view import DeskView
from crdt_pms.desk.views import AlertLine, ConflictLine, StayLine
from crdt_pms.desk.views.value_words import about, staff_words, stay_words
from crdt_pms.hotel.words import board_value_words, code_words, stay_status_words
from crdt_pms.ledger.conflicts import ConflictState
from crdt_pms.ledger.matters import Matter, Policy
from crdt_pms.ledger.operation import Register
from simulations.scenarios.picture import Picture
from simulations.scenarios.script import time_of
from simulations.world.plan import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, START_MS, Fault

RULES: Final[Mapping[Policy, str]] = MappingProxyType(
    {
        Policy.NEWEST: "the newest",
        Policy.SYSTEM_PRIORITY: "the hotel's own system, then the newest",
        Policy.MANUAL: "a person; until then what both started from is shown, if they started from anything",
        Policy.IDENTITY: "a person; until then the first one counts",
    }
)
_RULES_OF_THEIR_OWN: Final[Mapping[Matter, str]] = MappingProxyType(
    {
        Matter.CONFLICT_OCCUPANCY: "in house before checked out before papers, then the hotel's own system, then the newest",
        Matter.CONFLICT_BUSINESS_DAY: "the later date",
    }
)


def action_words(view: DeskView, action: Action) -> str:
    """What somebody does, in words. Raises KeyError for an action that no script uses so far."""
    return _ACTIONS[type(action)](view, action)


def _terms(view: DeskView, action: Any) -> str:
    nights = f"{action.nights} night" + ("s" if action.nights != 1 else "")
    return f"{nights}, {money(view, action.rate_minor).en} a night"


def _created(view: DeskView, action: CreateStay) -> str:
    room = "" if action.room is None else f", room {action.room}"
    return f"reserves for {action.guest_name}: from {action.arrival}, {_terms(view, action)}{room}"


def _amended(view: DeskView, action: AmendTerms) -> str:
    changes = [
        f"{words} {value}"
        for words, value in (
            ("arrival", action.arrival),
            ("nights", action.nights),
            ("rate", None if action.rate_minor is None else money(view, action.rate_minor).en),
            ("adults", action.adults),
        )
        if value is not None
    ]
    return f"changes the booking of {_stay(view, action)}: {', '.join(changes)} ({action.reason})"


def _checked_in(view: DeskView, action: CheckIn) -> str:
    room = "" if action.room is None else f" into room {action.room}"
    return f"checks in {_stay(view, action)}{room}" + _because(action.override_reason)


def _resolved(view: DeskView, action: Resolve) -> str:
    register = Register(action.group, action.row)
    return f"decides for one value of: {about(view, register).en}" + _because(action.reason)


def _stay(view: DeskView, action: Any) -> str:
    return stay_words(view, action.stay).en


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


_ACTIONS: Final[Mapping[type[Action], Callable[[DeskView, Any], str]]] = MappingProxyType(
    {
        CreateStay: _created,
        AmendTerms: _amended,
        CancelStay: lambda view, a: f"cancels the booking of {_stay(view, a)}{_because(a.reason)}",
        AssignRoom: lambda view, a: f"gives room {a.room} to {_stay(view, a)}",
        MoveRoom: lambda view, a: f"moves {_stay(view, a)} to room {a.room}{_because(a.reason)}",
        CheckIn: _checked_in,
        WalkIn: lambda view, a: f"takes in {a.guest_name} from the street: room {a.room}, {_terms(view, a)}",
        TakeOverStay: lambda view, a: (
            f"enters {a.guest_name}, who is here already: room {a.room}, since {a.arrival}, {_terms(view, a)}"
        ),
        Reinstate: lambda view, a: f"takes back the check-out of {_stay(view, a)}{_because(a.reason)}",
        CheckOut: lambda view, a: f"checks out {_stay(view, a)}{_because(a.manager_note)}",
        PostCharge: lambda view, a: (
            f"charges {_stay(view, a)} {money(view, a.amount_minor).en}, {code_words(a.code).en}, {a.idempotency_key}"
        ),
        PostPayment: lambda view, a: (
            f"takes {money(view, a.amount_minor).en} from {_stay(view, a)}, {code_words(a.method).en}, "
            f"{a.idempotency_key}"
        ),
        PostRefund: lambda view, a: (
            f"gives {money(view, a.amount_minor).en} back to {_stay(view, a)}, {code_words(a.method).en}, "
            f"{a.idempotency_key}{_because(a.reason)}"
        ),
        ReversePosting: lambda view, a: f"reverses {money(view, a.amount_minor).en} of {a.posting}{_because(a.reason)}",
        SettleFolio: lambda view, a: (
            f"settles the bill of {_stay(view, a)}, {code_words(a.method).en}, {a.idempotency_key}"
        ),
        ReopenFolio: lambda view, a: f"opens the bill of {_stay(view, a)} again{_because(a.reason)}",
        CloseFolio: lambda view, a: f"closes the bill of {_stay(view, a)}{_because(a.manager_note)}",
        SetRoomCondition: lambda _view, a: f"reports room {a.room} {board_value_words(a.field, a.value).en.lower()}",
        RunNightAudit: lambda _view, a: f"runs the night audit of {a.business_date}",
        EditNote: lambda _view, a: f"writes in the note {a.document}: {a.new_text.splitlines()[-1]}",
        Resolve: _resolved,
    }
)


def staff_name(view: DeskView, staff: str) -> str:
    """Somebody by name."""
    return staff_words(view, staff).en


_BEGINS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cut_node": "{who} is cut off from everybody",
        "cable_pulled": "somebody pulls the cable of {who}",
        "flapping": "the Wi-Fi of {who} begins to come and go",
        "switched_off": "{who} is switched off and carried away",
        "restored_backup": "a backup of {who} is made",
        "lost_disk": "{who} loses its disk: everything on it is gone",
        "clock_jump": "the clock of {who} jumps by {amount}",
    }
)
_ENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cut_node": "{who} is connected again",
        "cable_pulled": "the cable of {who} is back in place",
        "flapping": "the Wi-Fi of {who} stands again",
        "switched_off": "{who} is back and switched on",
        "restored_backup": "the disk of {who} fails, and the backup is put back",
        "clock_jump": "the clock of {who} is set right",
    }
)


def fault_begins(fault: Fault, who: str) -> str:
    """What goes wrong, in words."""
    return _BEGINS[fault.kind].format(who=who, amount=duration(fault.amount))


def fault_ends(fault: Fault, who: str) -> str:
    """How it ends, in words."""
    return _ENDS[fault.kind].format(who=who)


def duration(milliseconds: int) -> str:
    """A span of time in its greatest unit."""
    for unit, words in ((DAY_MS, "day"), (HOUR_MS, "hour"), (MINUTE_MS, "minute"), (SECOND_MS, "second")):
        amount = round(milliseconds / unit)
        if amount:
            return f"{amount} {words}" + ("s" if abs(amount) != 1 else "")
    return "no time"


def screen(
    view: DeskView, picture: Picture, stays: Sequence[str], rooms: Sequence[str], names: Mapping[str, str]
) -> Iterator[str]:
    """The chosen lines of a desk's screens. `names` are the guests of stays that this desk may not know."""
    yield f"shows: business date {picture.business_date}, 🔄 {picture.tentative}"
    for stay in stays:
        yield _stay_shown(view, picture.stays.get(stay), names.get(stay, stay))
    for number in rooms:
        row = picture.rooms[number]
        words = board_value_words("hk_condition", row.hk_condition).en.lower()
        contested = " — reported differently elsewhere" if row.contested else ""
        yield f"  {f'room {number}':<16} {row.guest_name or 'nobody'}, {words}{contested}"


def _stay_shown(view: DeskView, line: StayLine | None, name: str) -> str:
    if line is None:
        return f"  {name:<16} is not known here"
    if line.room is None:
        room = "no room"
    elif line.room_shown is None and line.due is not None:
        room = f"NO ROOM, {line.room} is shown with another guest"
    else:
        room = f"room {line.room}"
    nights = f"from {line.arrival[5:]} for {line.nights}"
    balance = money(view, line.balance_minor).en
    return f"  {line.guest_name:<16} {stay_status_words(line.status).en:<12} {room:<9} {nights}, balance {balance}"


def conflict_words(view: DeskView, line: ConflictLine) -> Iterator[str]:
    """A conflict with what stands against what, and what decided."""
    yield f"conflict: {line.words.en} — {line.about.en}"
    if line.closing is None:
        yield f"  {'decides' if line.state is ConflictState.OPEN else 'decided'}: {_rule(line)}"
    # The product lists them by journal, which is random; here the shown one comes first.
    for option in sorted(line.options, key=lambda option: (not option.is_shown, option.at_ms)):
        at = _stamped(option.at_ms)
        by = f"{staff_name(view, option.author)}, {at}"
        yield f"  {'shown ' if option.is_shown else 'beside'}  {option.words.en}   ({by})"
    if line.state is ConflictState.OPEN and not any(option.is_shown for option in line.options):
        yield f"  shown   {line.shown_words.en}   (what both started from)"
    if line.closing is not None:
        chosen = "" if line.closing.words is None else f": {line.closing.words.en}"
        at = _stamped(line.closing.at_ms)
        yield f"  closed by {staff_name(view, line.closing.by)}, {at}{chosen}"


def _stamped(at_ms: int) -> str:
    return time_of(at_ms - START_MS)


def _rule(line: ConflictLine) -> str:
    return _RULES_OF_THEIR_OWN.get(line.matter) or RULES[line.matter.policy]


def alert_words(line: AlertLine, devices: Mapping[str, str]) -> Iterator[str]:
    """An alert with its facts. `devices` gives the desk of each journal by the digits with which a sentence names it."""
    sentence = line.sentence.en
    for digits, device in devices.items():
        sentence = sentence.replace(digits, f"of {device}")
    yield f"alert: {sentence}"
    if line.proposal:
        yield f"  free: {', '.join(line.proposal)}"
