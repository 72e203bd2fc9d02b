"""What a register shows of its siblings, by declared policy: a maximum, and nothing that arrival decides.

Siblings are kept in the orders that decide, so that one more costs as much among two hundred as among two.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Final, NamedTuple, TypeVar

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.fields import Content, Value
from crdt_pms.ledger.matters import Policy
from crdt_pms.ledger.operation import digest_of
from crdt_pms.ledger.policies import FieldGroup

_Precedence = tuple[bool, int, int, Stamp, Dot]
_Age = tuple[Stamp, Dot]
_Item = TypeVar("_Item", Dot, _Age, _Precedence)


class Shown(NamedTuple):
    """What a register shows, as this version reads it and as it is on the wire.

    `write` is None where the base of an open conflict is shown; `digest` is of what is shown.
    """

    value: Value
    write: AppliedWrite | None
    content: Content | None
    digest: bytes


NOTHING: Final = Shown({}, None, None, b"")
"""What a register shows before its first write, and one of a group that this version does not know."""


class Siblings:
    """The siblings of one register, in the orders of its group's policy. Never shown while empty."""

    __slots__ = ("_aged", "_dots", "_group", "_ranked", "_resolutions", "_said", "_standing", "chosen")

    def __init__(self, group: FieldGroup | None) -> None:
        """None for a group that this version does not know: its siblings stand, and nothing is shown."""
        self._group = group
        self._standing: dict[Dot, AppliedWrite] = {}
        self._dots: list[Dot] = []
        self._said: dict[bytes, list[_Age]] = {}
        self._ranked: list[_Precedence] = []
        self._aged: list[_Age] = []
        self._resolutions: list[_Age] = []
        self.chosen: Dot | None = None
        """The sibling that a person chose by a write of another register; for the policy `identity`."""

    def __len__(self) -> int:
        return len(self._standing)

    def __contains__(self, dot: Dot) -> bool:
        return dot in self._standing

    @property
    def dots(self) -> tuple[Dot, ...]:
        """The siblings' dots, sorted."""
        return tuple(self._dots)

    @property
    def writes(self) -> tuple[AppliedWrite, ...]:
        """The siblings, sorted by dot."""
        return tuple([self._standing[dot] for dot in self._dots])

    @property
    def differ(self) -> bool:
        """Whether two siblings differ. Equal contents written concurrently are agreement."""
        return len(self._said) > 1

    def get(self, dot: Dot) -> AppliedWrite | None:
        """The sibling of that entry."""
        return self._standing.get(dot)

    def add(self, applied: AppliedWrite) -> None:
        """One more sibling."""
        dot, age = applied.dot, (applied.stamp, applied.dot)
        self._standing[dot] = applied
        insort(self._dots, dot)
        insort(self._said.setdefault(applied.digest, []), age)
        if self._group is None:
            return
        if self._group.waits_for_person:
            insort(self._aged, age)
            if applied.write.resolution:
                insort(self._resolutions, age)
        else:
            insort(self._ranked, precedence(self._group, applied))

    def remove(self, dot: Dot) -> AppliedWrite | None:
        """Take out the sibling of that entry; None where it is none."""
        applied = self._standing.pop(dot, None)
        if applied is None:
            return None
        age = (applied.stamp, dot)
        _take_out(self._dots, dot)
        agreeing = self._said[applied.digest]
        _take_out(agreeing, age)
        if not agreeing:
            del self._said[applied.digest]
        if self._group is None:
            return applied
        if self._group.waits_for_person:
            _take_out(self._aged, age)
            if applied.write.resolution:
                _take_out(self._resolutions, age)
        else:
            _take_out(self._ranked, precedence(self._group, applied))
        return applied

    def first_written(self, digest: bytes) -> _Age | None:
        """When what has that digest was written; of siblings that agree the first one counts."""
        agreeing = self._said.get(digest)
        return agreeing[0] if agreeing else None

    def shown(self) -> Shown:
        """What stands of the siblings: the maximum by (resolution, class, system rank, stamp, dot), except where a
        person decides.

        Where a person decides (`manual`, `identity`) and the siblings differ: the one that was chosen, or the newest
        resolution among them. Without one, `manual` shows the base of the oldest sibling (what both sides started
        from), or the one with the lowest dot when that sibling had seen none; `identity` shows the lowest dot.
        """
        group = self._group
        if group is None or not self._standing:
            return NOTHING
        if not group.waits_for_person:
            return self._of(self._ranked[-1][-1])
        if self.differ:
            if self.chosen is not None and self.chosen in self._standing:
                return self._of(self.chosen)
            if self._resolutions:
                return self._of(self._resolutions[-1][1])
            base = self._standing[self._aged[0][1]].write.base
            if group.policy is Policy.MANUAL and base is not None:
                return Shown(group.read(base).value, None, base, digest_of(base))
        return self._of(self._dots[0])

    def _of(self, dot: Dot) -> Shown:
        applied = self._standing[dot]
        return Shown(applied.value, applied, applied.write.content, applied.digest)


def shown_of(group: FieldGroup, siblings: Iterable[AppliedWrite]) -> Shown:
    """What would be shown if these were the siblings of a register."""
    ordered = Siblings(group)
    for sibling in siblings:
        ordered.add(sibling)
    return ordered.shown()


def precedence(group: FieldGroup, applied: AppliedWrite) -> _Precedence:
    """Where no person decides, the greatest is shown."""
    return (
        applied.write.resolution,
        group.class_of(applied.value, applied.stamp),
        group.rank(applied.origin),
        applied.stamp,
        applied.dot,
    )


def _take_out(ordered: list[_Item], item: _Item) -> None:
    del ordered[bisect_left(ordered, item)]
