"""Conflicts, derived from registers (and, for the room board, from the values that stand there)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.wire import pack
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.operation import Register, Write
from crdt_pms.ledger.policies import HOTEL_PMS, FieldGroup
from crdt_pms.ledger.register import Closing, Ended, RegisterState

BOARD_GROUP: Final = "board."
"""Before the field's name it stands where a row's conflict has its group; the row is the room's number."""


class ConflictState(StrEnum):
    """How a conflict stands."""

    SETTLED_BY_POLICY = "settled_by_policy"
    """The declared policy chose what is shown; the losing values stand beside it until the next write."""
    OPEN = "open"
    """It waits for a person."""
    CLOSED = "closed"
    """An author who had read the differing values wrote one after them."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two or more writes of one register that did not know each other and differ.

    `dots` are all the writes concerned, sorted. `siblings` are those
    of them that are held whole: all, except in a conflict that was closed long ago (`is_complete`), whose
    values stand in the entries. `shown` is the register's value now; while open, `shown_dot` says whose it
    is, or None for what both sides started from. `losing` are the siblings that say something else than what
    stands: the shown one, or of a closed conflict the chosen one.

    A register has at most one conflict among its siblings, whichever these are. A conflict that a write ended is named
    by that write.
    """

    matter: Matter
    register: Register
    dots: tuple[Dot, ...]
    siblings: tuple[AppliedWrite, ...]
    shown: Value
    shown_dot: Dot | None
    state: ConflictState
    losing: tuple[AppliedWrite, ...]
    closing: Closing | None = None
    chosen: Value | None = None
    is_ended: bool = False
    """Whether its writes stand no more: another one superseded them."""

    @property
    def identity(self) -> str:
        """Thirty-two hexadecimal digits that name this conflict on every replica, closed or not."""
        return identity_of(self.register, self.closing.dot if self.closing is not None and self.is_ended else None)

    @property
    def is_complete(self) -> bool:
        """Whether every value concerned can be read here and not only in the entries."""
        return len(self.siblings) == len(self.dots)


def closed_at(conflict: Conflict) -> tuple[Stamp, Dot]:
    """When a closed conflict was closed, and by which entry."""
    assert conflict.closing is not None, "a closed conflict has a closing"
    return conflict.closing.stamp, conflict.closing.dot


def identity_of(register: Register, ended_by: Dot | None = None) -> str:
    """The name of the conflict among a register's siblings, or of the one that the write of that entry ended."""
    named: list[object] = [*register] if ended_by is None else [*register, *ended_by]
    return hashlib.sha256(pack(named)).hexdigest()[:32]


def standing_conflict(
    register: Register, state: RegisterState, group: FieldGroup, decision: AppliedWrite | None
) -> Conflict | None:
    """The conflict among the siblings, settled by policy, open or decided; None where they agree.

    `decision` is the write of another register by which a person chose among writes that are never superseded. It closes
    the conflict if its author had seen all of them.
    """
    if not state.in_conflict:
        return None
    shown = state.shown
    closing = decided_by(state, decision)
    how = ConflictState.OPEN if group.waits_for_person else ConflictState.SETTLED_BY_POLICY
    return Conflict(
        matter=group.conflict,
        register=register,
        dots=state.sibling_dots,
        siblings=state.siblings,
        shown=shown.value,
        shown_dot=None if shown.write is None else shown.write.dot,
        state=how if closing is None else ConflictState.CLOSED,
        losing=tuple([sibling for sibling in state.siblings if sibling.digest != shown.digest]),
        closing=closing,
        chosen=None if closing is None else shown.value,
    )


def decided_by(state: RegisterState, decision: AppliedWrite | None) -> Closing | None:
    """The closing of a conflict of an append register, if a person decided it who had seen every one of its writes."""
    if decision is None or not state.in_conflict or not set(state.sibling_dots) <= set(decision.write.reads):
        return None
    return Closing(decision.stamp, decision.dot, decision.author, state.sibling_dots)


def ended_conflicts(register: Register, state: RegisterState, group: FieldGroup) -> list[Conflict]:
    """Every conflict that a superseding write ended, oldest first.

    Two writes that end one conflict without knowing each other give two of them.
    """
    return [ended_conflict(register, state, group, ended_now(state, closing)) for closing in state.closings]


def ended_now(state: RegisterState, closing: Closing) -> Ended:
    """A closing with what the register holds whole of it by now."""
    return Ended(
        closing, tuple([found for dot in closing.names if (found := state.find(dot))]), state.find(closing.dot)
    )


def ended_conflict(register: Register, state: RegisterState, group: FieldGroup, ended: Ended) -> Conflict:
    """The conflict that this closing ended."""
    closing, held, decision = ended
    shown = state.shown
    return Conflict(
        matter=group.conflict,
        register=register,
        dots=closing.names,
        siblings=held,
        shown=shown.value,
        shown_dot=None if shown.write is None else shown.write.dot,
        state=ConflictState.CLOSED,
        losing=tuple([applied for applied in held if decision is None or applied.digest != decision.digest]),
        closing=closing,
        chosen=None if decision is None else decision.value,
        is_ended=True,
    )


class StandingValue(Protocol):
    """A value on the room board that no later write has removed."""

    @property
    def value(self) -> str:
        """What was set."""
        ...

    @property
    def stamp(self) -> tuple[int, int]:
        """When, as (UTC milliseconds, counter)."""
        ...

    @property
    def journal(self) -> bytes:
        """The journal whose entry set it."""
        ...

    @property
    def seq(self) -> int:
        """The number of that entry."""
        ...

    @property
    def author(self) -> str:
        """Who set it."""
        ...


Board = Mapping[str, Mapping[str, Sequence[StandingValue]]]
"""Room number → field → all standing values, in any order."""


def board_register(room: str, field: str) -> Register:
    """The name under which a board field appears among conflicts."""
    return Register(f"{BOARD_GROUP}{field}", room)


def conflicts_of_board(board: Board) -> list[Conflict]:
    """A conflict for each board field on which two or more values stand that differ; the newest is shown."""
    found: list[Conflict] = []
    for room, fields in sorted(board.items()):
        for field, values in sorted(fields.items()):
            if len({standing.value for standing in values}) > 1:
                found.append(_board_conflict(board_register(room, field), values))
    return found


def _board_conflict(register: Register, values: Iterable[StandingValue]) -> Conflict:
    siblings = sorted((_board_write(register, standing) for standing in values), key=lambda applied: applied.dot)
    newest = max(siblings, key=lambda applied: (applied.stamp, applied.dot))
    return Conflict(
        matter=Matter.CONFLICT_ROOM_STATUS,
        register=register,
        dots=tuple([applied.dot for applied in siblings]),
        siblings=tuple(siblings),
        shown=newest.value,
        shown_dot=newest.dot,
        state=ConflictState.SETTLED_BY_POLICY,
        losing=tuple([applied for applied in siblings if applied.value != newest.value]),
    )


def _board_write(register: Register, standing: StandingValue) -> AppliedWrite:
    return AppliedWrite(
        dot=Dot(JournalId(standing.journal), standing.seq),
        stamp=Stamp(*standing.stamp),
        author=standing.author,
        write=Write(register, {"value": standing.value}),
        origin=HOTEL_PMS,
        action="set_room_condition",
        reason="",
    )
