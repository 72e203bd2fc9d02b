"""Registers the naive way: the list of all writes. Siblings are those that no other write names; the rest is sorting.

| group | shown of siblings |
|---|---|
| stay.*, guest.profile | a person's resolution, then for occupancies who is in the house, then the system, then the newest |
| property.day | a resolution, then the later date (one far ahead of its stamp below all), then the newest |
| posting.decision | the newest |
| folio.* | if they differ: the newest resolution, else the base of the oldest one; without a base the lowest dot |
| posting.content | if they differ: the one that posting.decision names, else the lowest dot |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from simulations.checkers.grammar import (
    DAY,
    DECISION,
    OCCUPANCY,
    OF_PROPERTY,
    POSTING,
    PREFERENCES,
    PROFILE,
    SETTLEMENT,
    STAY_GUEST,
    TERMS,
    WINDOW,
    Value,
    flags_of,
)
from simulations.checkers.violation import Dot
from simulations.checkers.wire import digest, packed

Stamp = tuple[int, int]

OPEN: Final = "open"
SETTLED: Final = "settled_by_policy"
CLOSED: Final = "closed"
BOARD_MATTER: Final = "conflict_room_status"
MATTERS: Final[Mapping[str, str]] = {
    OCCUPANCY: "conflict_occupancy",
    TERMS: "conflict_terms",
    STAY_GUEST: "conflict_stay_guest",
    PROFILE: "conflict_guest",
    WINDOW: "conflict_folio_window",
    SETTLEMENT: "conflict_settlement",
    POSTING: "conflict_posting",
    DECISION: "conflict_posting_decision",
    DAY: "conflict_business_day",
    PREFERENCES: "conflict_terms",
    **dict.fromkeys(OF_PROPERTY, "conflict_property"),
}
"""What two differing writes of a group are called."""
WAITS_FOR_PERSON: Final = frozenset({WINDOW, SETTLEMENT, POSTING})
GROUPS_OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    "stay": (OCCUPANCY, TERMS, STAY_GUEST, PREFERENCES),
    "guest": (PROFILE,),
}
"""The groups of a row whose revision is shown, in the order in which the revision counts them."""

_PRESENCE: Final[Mapping[str, int]] = {"in_house": 3, "checked_out": 2, "cancelled": 1, "no_show": 1}
_PMS_FIRST: Final[Mapping[str, int]] = {"hotel-pms": 3, "hotel-member": 2, "booking-engine": 1}
_MEMBER_FIRST: Final[Mapping[str, int]] = {"hotel-member": 3, "hotel-pms": 2, "booking-engine": 1}


class Written(NamedTuple):
    """One write of one register, with what its entry says."""

    dot: Dot
    stamp: Stamp
    author: str
    origin: str
    value: Value
    names: tuple[Dot, ...]
    base: Value | None
    resolution: bool
    reads: tuple[Dot, ...] = ()
    said: bytes | None = None
    """Equal for writes that say the same; None where their values are to be compared."""
    base_said: bytes | None = None
    senseless: tuple[str, ...] = ()
    """The fields that are shown by their safe values."""

    def says(self) -> object:
        """What two writes are compared by."""
        return sorted(self.value.items()) if self.said is None else self.said

    def knows(self, other: Written) -> bool:
        """Whether its author had seen the other write."""
        if self.dot.journal == other.dot.journal:
            return self.dot.seq >= other.dot.seq
        return other.dot in self.reads or other.dot in self.names


class Concerned(NamedTuple):
    """One of the values that stand, or stood, against each other."""

    value: Value
    author: str
    origin: str
    at_ms: int


class OwnConflict(NamedTuple):
    """A conflict as the entries give it. `values` are what stands against each other, by the entry that wrote it."""

    matter: str
    state: str
    group: str
    row: str
    shown: Value
    values: Mapping[Dot, Concerned]
    decided_by: str | None
    decided_at_ms: int | None


class Register(NamedTuple):
    """Everything that was ever written to one register, and what follows."""

    group: str
    row: str
    writes: Sequence[Written]
    siblings: Sequence[Written]
    shown: Value
    first_shown: Written | None
    """The earliest sibling that says what is shown; None where a base is shown that no sibling has."""
    stands: Written | None = None
    """The sibling that is shown; None where a base is."""
    decision: Written | None = None
    """What a person decided about writes that are never superseded."""


def fold_register(group: str, row: str, writes: Sequence[Written], decision: Register | None = None) -> Register:
    """What a register shows of all writes that were applied to it; there is at least one."""
    named = {dot for written in writes for dot in written.names}
    siblings = sorted((written for written in writes if written.dot not in named), key=_by_dot)
    decided = None if decision is None else decision.stands
    stands = _stands(group, siblings, decided)
    oldest = min(siblings, key=_by_age)
    if stands is None:
        assert oldest.base is not None
        same = [written for written in siblings if written.says() == (oldest.base_said or sorted(oldest.base.items()))]
    else:
        same = [written for written in siblings if written.says() == stands.says()]
    shown = stands.value if stands is not None else oldest.base or {}
    return Register(group, row, writes, siblings, shown, min(same, key=_by_age, default=None), stands, decided)


def revision(siblings_by_group: Iterable[tuple[str, Sequence[Written]]]) -> str:
    """What a form carries of a row: sixteen digits that change with every write to one of its groups."""
    parts = [packed([group, *written.dot]) for group, siblings in siblings_by_group for written in siblings]
    total = sum(int.from_bytes(digest(part), "big") for part in parts) % 2**256
    return f"{total:064x}"[:16]


def conflicts_of(register: Register) -> dict[str, OwnConflict]:
    """Every conflict of a register by identity: each that a write ended, and the one among the siblings."""
    group, row, flags = register.group, register.row, flags_of(register.group)
    found: dict[str, OwnConflict] = {}
    by_dot = {written.dot: written for written in register.writes}
    for closing in register.writes:
        ended = [by_dot[dot] for dot in closing.names if dot in by_dot]
        if differ(ended):
            conflict = _conflict(register, CLOSED, closing.value, ended)
            identity = identity_of(group, row, flags, closing.dot)
            found[identity] = conflict._replace(decided_by=closing.author, decided_at_ms=closing.stamp[0])
    if differ(register.siblings):
        state = OPEN if group in WAITS_FOR_PERSON else SETTLED
        conflict, decision = _conflict(register, state, register.shown, register.siblings), register.decision
        if decision is not None and all(written.dot in decision.reads for written in register.siblings):
            conflict = conflict._replace(state=CLOSED, decided_by=decision.author, decided_at_ms=decision.stamp[0])
        found[identity_of(group, row, flags)] = conflict
    return found


def identity_of(group: str, row: str, flags: int = 0, ended_by: Dot | None = None) -> str:
    """The name of the conflict among a register's siblings, or of the one that the write of an entry ended."""
    return digest(packed([group, row, flags, *(ended_by or ())])).hex()[:32]


def differ(writes: Sequence[Written]) -> bool:
    """Whether not all of these writes say the same."""
    return any(written.says() != writes[0].says() for written in writes)


def _conflict(register: Register, state: str, stands: Value, concerned: Sequence[Written]) -> OwnConflict:
    values = {
        written.dot: Concerned(written.value, written.author, written.origin, written.stamp[0]) for written in concerned
    }
    return OwnConflict(MATTERS[register.group], state, register.group, register.row, stands, values, None, None)


def _stands(group: str, siblings: Sequence[Written], decision: Written | None) -> Written | None:
    if group not in WAITS_FOR_PERSON:
        return max(siblings, key=lambda written: _precedence(group, written))
    lowest, oldest = siblings[0], min(siblings, key=_by_age)
    resolutions = [written for written in siblings if written.resolution]
    if not differ(siblings):
        return lowest
    for written in siblings:
        if decision is not None and decision.value["entry"] == str(written.dot):
            return written
    if resolutions:
        return max(resolutions, key=_by_age)
    return None if group != POSTING and oldest.base is not None else lowest


def _precedence(group: str, written: Written) -> tuple[object, ...]:
    declared: str | int | tuple[int, int] = 0
    rank = (_MEMBER_FIRST if group == PROFILE else _PMS_FIRST).get(written.origin, 0)
    if group == OCCUPANCY:
        declared = _PRESENCE.get(str(written.value["status"]), 0)
    if group == DAY:
        # Which system rolled the day does not matter. A date that its stamp does not bear out comes below all others.
        day = date.fromisoformat(str(written.value["date"])).toordinal()
        declared = (0, -day) if is_far_ahead(written) else (1, day)
    if group in (DAY, DECISION):
        rank = 0
    return (written.resolution, declared, rank, written.stamp, written.dot)


def is_far_ahead(written: Written) -> bool:
    """Whether a business date lies more than two days ahead of the day on which it was written."""
    today = date(1970, 1, 1).toordinal() + written.stamp[0] // 86_400_000
    return date.fromisoformat(str(written.value["date"])).toordinal() > today + 2


def _by_dot(written: Written) -> Dot:
    return written.dot


def _by_age(written: Written) -> tuple[Stamp, Dot]:
    return (written.stamp, written.dot)
