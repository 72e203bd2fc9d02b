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
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.operation import Register, Write
from crdt_pms.ledger.policies import HOTEL_PMS
from crdt_pms.ledger.register import AppliedWrite, Closing, RegisterState

BOARD_GROUP: Final = "board."
"""Before the field's name it stands where a row's conflict has its group; the row is the room's number."""


class ConflictState(StrEnum):
    """How a conflict stands."""

    SETTLED_BY_POLICY = "settled_by_policy"
    """The declared policy chose what is shown; the losing values stand beside it until the next write."""
    OPEN = "open"
    """It waits for a person."""
    CLOSED = "closed"
    """Somebody who had read the differing values wrote one after them."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two or more writes of one register that did not know each other and differ.

    `dots` are all the writes concerned, sorted; with the register they are its identity. `siblings` are those
    of them that are held whole: all, except in a conflict that was closed long ago (`is_complete`), whose
    values stand in the entries. `shown` is the register's value now; while open, `shown_dot` says whose it
    is, or None for what both sides started from. `losing` are the siblings with another value than what
    stands: the shown one, or of a closed conflict the chosen one.
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

    @property
    def identity(self) -> str:
        """Thirty-two hexadecimal digits that name this conflict on every replica, closed or not."""
        listed = [[dot.journal, dot.seq] for dot in self.dots]
        return hashlib.sha256(pack([*self.register, listed])).hexdigest()[:32]

    @property
    def is_complete(self) -> bool:
        """Whether every value concerned can be read here and not only in the entries."""
        return len(self.siblings) == len(self.dots)


def standing_conflict(register: Register, state: RegisterState) -> Conflict | None:
    """The conflict among the siblings, settled by policy or open; None where they agree."""
    if not state.in_conflict:
        return None
    shown, winner = state.shown
    return Conflict(
        matter=state.group.conflict,
        register=register,
        dots=tuple([sibling.dot for sibling in state.siblings]),
        siblings=state.siblings,
        shown=shown,
        shown_dot=None if winner is None else winner.dot,
        state=ConflictState.OPEN if state.group.waits_for_person else ConflictState.SETTLED_BY_POLICY,
        losing=tuple([sibling for sibling in state.siblings if sibling.value != shown]),
    )


def closed_conflicts(register: Register, state: RegisterState) -> list[Conflict]:
    """Every conflict that a write ended, oldest closing first.

    Two writes that end one conflict without knowing each other give two closed conflicts.
    """
    return [_closed(register, state, closing) for closing in state.closings]


def _closed(register: Register, state: RegisterState, closing: Closing) -> Conflict:
    held = [found for dot in closing.names if (found := state.find(dot)) is not None]
    decision = state.find(closing.dot)
    chosen = None if decision is None else decision.value
    shown, winner = state.shown
    return Conflict(
        matter=state.group.conflict,
        register=register,
        dots=closing.names,
        siblings=tuple(held),
        shown=shown,
        shown_dot=None if winner is None else winner.dot,
        state=ConflictState.CLOSED,
        losing=tuple([applied for applied in held if applied.value != chosen]),
        closing=closing,
        chosen=chosen,
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
