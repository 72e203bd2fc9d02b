"""The conflict desk: what stands against what, in words, and the action that chooses each side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crdt_pms.desk.view import DeskView
from crdt_pms.desk.views.rooms import standing_board
from crdt_pms.desk.views.said import ActionRequest, Said, said
from crdt_pms.desk.views.value_words import about, masked_value, value_words
from crdt_pms.hotel.statuses import BOARD_DEFAULTS, MAINTENANCE, MAINTENANCE_REASON, Maintenance
from crdt_pms.hotel.words import Words
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.alerts import written_dot
from crdt_pms.ledger.conflicts import BOARD_GROUP, Conflict, ConflictState, StandingValue, conflicts_of_board
from crdt_pms.ledger.fields import Scalar, Value
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.register import AppliedWrite

CLOSED_SHOWN_MAX: Final = 50
_DECIDE: Final = Said("この内容にする", "Decide for this")


@dataclass(frozen=True, slots=True)
class ConflictOption:
    """One of the values. `dot` names the entry that wrote it (`journal in hexadecimal digits:number`).

    `words` says the fields in which the options differ. `author` wrote it at `at_ms` (UTC milliseconds) in the system
    `origin`, by `action`, giving `reason`. `choose` is the action that decides for it; None in a closed conflict.
    """

    dot: str
    value: Mapping[str, Scalar]
    words: Said
    author: str
    origin: str
    action: str
    reason: str
    at_ms: int
    is_shown: bool
    choose: ActionRequest | None


@dataclass(frozen=True, slots=True)
class ConflictClosing:
    """Who ended a conflict, when (UTC milliseconds), and with what; None where only the entry still has the value."""

    by: str
    at_ms: int
    dot: str
    chosen: Mapping[str, Scalar] | None
    words: Said | None


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """One conflict. `group` and `row` name its register; of the room board `board.<field>` and the room's number.

    `shown` is what screens show meanwhile, which in an open conflict may be no option but what both sides started
    from. `is_complete` is False for one closed so long ago that not all of its values are held here.
    """

    identity: str
    matter: Matter
    words: Said
    state: ConflictState
    group: str
    row: str
    about: Said
    shown: Mapping[str, Scalar]
    shown_words: Said
    options: tuple[ConflictOption, ...]
    is_complete: bool
    closing: ConflictClosing | None


def conflict_lines(view: DeskView, closed_max: int = CLOSED_SHOWN_MAX) -> tuple[ConflictLine, ...]:
    """Every standing conflict of rows and board, those that wait for a person first; then the newest closed ones."""
    board: dict[str, dict[str, Sequence[StandingValue]]] = {}
    for room, field, values in standing_board(view).conflicts():
        board.setdefault(room, {})[field] = values
    standing = [*view.ledger.conflicts(), *conflicts_of_board(board)]
    standing.sort(key=lambda conflict: conflict.state is not ConflictState.OPEN)
    return tuple(_line(view, conflict) for conflict in (*standing, *view.ledger.newest_closed(closed_max)))


def _line(view: DeskView, conflict: Conflict) -> ConflictLine:
    group, row, _flags = conflict.register
    siblings = [(sibling, masked_value(group, sibling.value)) for sibling in conflict.siblings]
    differing = _differing(sibling.value for sibling in conflict.siblings)
    shown = masked_value(group, conflict.shown)
    return ConflictLine(
        identity=conflict.identity,
        matter=conflict.matter,
        words=said(Words(conflict.matter.japanese, conflict.matter.english)),
        state=conflict.state,
        group=group,
        row=row,
        about=said(about(view, conflict.register)),
        shown=shown,
        shown_words=said(value_words(view, group, shown, differing)),
        options=tuple(_option(view, conflict, sibling, value, differing) for sibling, value in siblings),
        is_complete=conflict.is_complete,
        closing=_closing(view, conflict, differing),
    )


def _differing(values: Iterable[Value]) -> frozenset[str]:
    """The fields that do not say the same in all of the values; every field where only one value is left."""
    listed = list(values)
    fields = {field for value in listed for field in value}
    return frozenset(field for field in fields if len(listed) == 1 or len({value.get(field) for value in listed}) > 1)


def _option(
    view: DeskView, conflict: Conflict, write: AppliedWrite, value: Mapping[str, Scalar], differing: frozenset[str]
) -> ConflictOption:
    return ConflictOption(
        dot=written_dot(write.dot),
        value=value,
        words=said(value_words(view, conflict.register.group, value, differing)),
        author=write.author,
        origin=write.origin,
        action=write.action,
        reason=write.reason,
        at_ms=write.stamp.milliseconds,
        is_shown=write.dot == conflict.shown_dot,
        choose=None if conflict.state is ConflictState.CLOSED else _choose(view, conflict, write),
    )


def _closing(view: DeskView, conflict: Conflict, differing: frozenset[str]) -> ConflictClosing | None:
    closing = conflict.closing
    if closing is None:
        return None
    group = conflict.register.group
    chosen = None if conflict.chosen is None else masked_value(group, conflict.chosen)
    return ConflictClosing(
        by=closing.author,
        at_ms=closing.stamp.milliseconds,
        dot=written_dot(closing.dot),
        chosen=chosen,
        words=None if chosen is None else said(value_words(view, group, chosen, differing)),
    )


def _choose(view: DeskView, conflict: Conflict, write: AppliedWrite) -> ActionRequest:
    """The action that decides for this option. On the board, setting a value is choosing it."""
    group, row, _flags = conflict.register
    if not group.startswith(BOARD_GROUP):
        return ActionRequest("resolve", {"group": group, "row": row, "chosen": written_dot(write.dot)}, _DECIDE)
    field, value = group.removeprefix(BOARD_GROUP), str(write.value["value"])
    fields = {"room": row, "field": field, "value": value}
    # Maintenance and its reason are written together, so deciding one decides both: in the same author's words.
    if field == MAINTENANCE and value != Maintenance.NONE:
        fields["reason"] = _beside(view, row, MAINTENANCE_REASON, write.dot)
    elif field == MAINTENANCE_REASON:
        fields |= {"field": MAINTENANCE, "value": _beside(view, row, MAINTENANCE, write.dot), "reason": value}
    return ActionRequest("set_room_condition", fields, _DECIDE)


def _beside(view: DeskView, room: str, field: str, dot: Dot) -> str:
    """What the same entry wrote into another field of the room; what that field shows where it has been replaced."""
    standing = standing_board(view).concurrent(room, field)
    for one in standing:
        if (one.journal, one.seq) == dot:
            return one.value
    return standing[0].value if standing else BOARD_DEFAULTS[field]
