"""Registers the naive way: the list of all writes. Siblings are those that no other write names; the rest is sorting.

| group | shown of siblings |
|---|---|
| stay.*, guest.profile | a person's resolution, then for occupancies who is in the house, then the system, then the newest |
| property.day | a resolution, then the later date, then the newest |
| folio.* | if they differ: the newest resolution, else the base of the oldest one; without a base the lowest dot |
| posting.content | if they differ: the newest resolution, else the lowest dot |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from simulations.checkers.grammar import (
    DAY,
    OCCUPANCY,
    POSTING,
    PROFILE,
    SETTLEMENT,
    STAY_GUEST,
    TERMS,
    WINDOW,
    Value,
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
    DAY: "conflict_business_day",
}
"""What two differing writes of a group are called."""
WAITS_FOR_PERSON: Final = frozenset({WINDOW, SETTLEMENT, POSTING})
GROUPS_OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    "stay": (OCCUPANCY, TERMS, STAY_GUEST),
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


class Loser(NamedTuple):
    """A value of a conflict that is not the one that stands."""

    value: Value
    author: str
    origin: str
    at_ms: int


class OwnConflict(NamedTuple):
    """A conflict as the entries give it. `others` are the losing values by the entry that wrote them."""

    matter: str
    state: str
    group: str
    row: str
    shown: Value
    others: Mapping[Dot, Loser]
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
    """The earliest sibling that has the shown value; None where a base is shown that no sibling has."""


def fold_register(group: str, row: str, writes: Sequence[Written]) -> Register:
    """What a register shows of all writes that were applied to it; there is at least one."""
    named = {dot for written in writes for dot in written.names}
    siblings = sorted((written for written in writes if written.dot not in named), key=_by_dot)
    shown = _shown(group, siblings)
    same = [written for written in siblings if written.value == shown]
    return Register(group, row, writes, siblings, shown, min(same, key=_by_age, default=None))


def revision(siblings_by_group: Iterable[tuple[str, Sequence[Written]]]) -> str:
    """What a form carries of a row: sixteen digits that change with every write to one of its groups."""
    parts = [packed([group, *written.dot]) for group, siblings in siblings_by_group for written in siblings]
    return digest(b"".join(parts)).hex()[:16]


def conflicts_of(register: Register) -> dict[str, OwnConflict]:
    """Every conflict of a register by identity: those that a write ended, and the one that stands.

    Two people who ended one conflict without knowing each other ended the same one; the newest of them is named.
    """
    found: dict[str, OwnConflict] = {}
    by_dot = {written.dot: written for written in register.writes}
    for closing in sorted(register.writes, key=_by_age):
        ended = [by_dot[dot] for dot in sorted(closing.names) if dot in by_dot]
        if differ(ended):
            conflict = _conflict(register, CLOSED, closing.value, ended)
            identity = identity_of(register.group, register.row, [written.dot for written in ended])
            found[identity] = conflict._replace(decided_by=closing.author, decided_at_ms=closing.stamp[0])
    if differ(register.siblings):
        state = OPEN if register.group in WAITS_FOR_PERSON else SETTLED
        identity = identity_of(register.group, register.row, [written.dot for written in register.siblings])
        found[identity] = _conflict(register, state, register.shown, register.siblings)
    return found


def identity_of(group: str, row: str, dots: Iterable[Dot]) -> str:
    """The name of a conflict: thirty-two digits made of the register and the writes concerned."""
    return digest(packed([group, row, [list(dot) for dot in sorted(dots)]])).hex()[:32]


def differ(writes: Sequence[Written]) -> bool:
    """Whether not all of these writes say the same."""
    return any(written.value != writes[0].value for written in writes)


def _conflict(register: Register, state: str, stands: Value, concerned: Sequence[Written]) -> OwnConflict:
    others = {
        written.dot: Loser(written.value, written.author, written.origin, written.stamp[0])
        for written in concerned
        if written.value != stands
    }
    return OwnConflict(MATTERS[register.group], state, register.group, register.row, stands, others, None, None)


def _shown(group: str, siblings: Sequence[Written]) -> Value:
    if group not in WAITS_FOR_PERSON:
        return max(siblings, key=lambda written: _precedence(group, written)).value
    lowest, oldest = siblings[0], min(siblings, key=_by_age)
    resolutions = [written for written in siblings if written.resolution]
    if not differ(siblings):
        return lowest.value
    if resolutions:
        return max(resolutions, key=_by_age).value
    return oldest.base if group != POSTING and oldest.base is not None else lowest.value


def _precedence(group: str, written: Written) -> tuple[object, ...]:
    declared: str | int = 0
    rank = (_MEMBER_FIRST if group == PROFILE else _PMS_FIRST)[written.origin]
    if group == OCCUPANCY:
        declared = _PRESENCE.get(str(written.value["status"]), 0)
    if group == DAY:
        # ISO dates sort as text; which system rolled the day does not matter.
        declared, rank = str(written.value["date"]), 0
    return (written.resolution, declared, rank, written.stamp, written.dot)


def _by_dot(written: Written) -> Dot:
    return written.dot


def _by_age(written: Written) -> tuple[Stamp, Dot]:
    return (written.stamp, written.dot)
