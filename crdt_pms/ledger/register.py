"""One register: every write that no other applied write names, what is shown of them, and what was
superseded.

Invariants, each a pure function of the set of writes applied (the caller applies each once, and after what it
names):

1. The siblings are the writes that no applied write names, sorted by dot.
2. Of the superseded writes the newest `SUPERSEDED_KEPT_MAX` are kept whole, of the others the dot and a
digest of the value.
   A late write that names one of them is thereby judged alike on every replica.
3. A closing is a write that names two or more writes with distinct values, whether or not they still stood
when it came.

So a register needs as much room as it has standing conflicts, plus a bounded part, plus some 30 bytes for
every write it has ever had. Values that it no longer holds are read back from the entries, which are kept.
"""

from __future__ import annotations

import hashlib
from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.limits import JOURNAL_ID_BYTES, SEQ_MAX, STAMP_COUNTER_MAX
from crdt_pms.journal.limits import TEXT_CHARACTERS_MAX as AUTHOR_CHARACTERS_MAX
from crdt_pms.journal.wire import FieldWrong, pack, take_bytes, take_int, take_list, take_text, unpack_array
from crdt_pms.ledger.errors import RegisterCorrupt
from crdt_pms.ledger.fields import Scalar, Value
from crdt_pms.ledger.limits import ACTION_CHARACTERS_MAX, NAMES_MAX, REASON_CHARACTERS_MAX, SUPERSEDED_KEPT_MAX
from crdt_pms.ledger.matters import Policy
from crdt_pms.ledger.operation import Register, Write
from crdt_pms.ledger.policies import ORIGINS, FieldGroup

REGISTER_VERSION: Final = 1
_DIGEST_BYTES: Final = 8
_DUMP_BYTES_MAX: Final = 2**31 - 1
_ITEMS_MAX: Final = _DUMP_BYTES_MAX
_WRITE_PARTS: Final = 12


@dataclass(frozen=True, slots=True)
class AppliedWrite:
    """A write with what its entry says: which, when, by whom, from which system, doing what, and why."""

    dot: Dot
    stamp: Stamp
    author: str
    write: Write
    origin: str
    action: str
    reason: str

    @property
    def value(self) -> Value:
        """What was written."""
        return self.write.value


class Closing(NamedTuple):
    """A write that ended a conflict: it names two or more writes with distinct values."""

    stamp: Stamp
    dot: Dot
    author: str
    names: tuple[Dot, ...]


class Shown(NamedTuple):
    """What a register shows. `write` is None where the base of an open conflict is shown."""

    value: Value
    write: AppliedWrite | None


_NOTHING: Final = Shown({}, None)
"""What a register shows before its first write; no one ever sees it."""


class RegisterState:
    """The merged state of one register. See the module's invariants."""

    __slots__ = ("_kept", "_older", "closings", "group", "in_conflict", "shown", "siblings")

    def __init__(self, group: FieldGroup) -> None:
        self.group = group
        self.shown = _NOTHING
        self.siblings: tuple[AppliedWrite, ...] = ()
        self.closings: tuple[Closing, ...] = ()
        """Sorted by (stamp, dot)."""
        self.in_conflict = False
        """Whether two siblings differ. Equal values written concurrently are agreement."""
        self._kept: tuple[tuple[Stamp, Dot, AppliedWrite], ...] = ()
        self._older: dict[Dot, bytes] = {}

    @property
    def superseded(self) -> tuple[AppliedWrite, ...]:
        """The superseded writes that are still held whole, oldest first."""
        return tuple(item[2] for item in self._kept)

    def apply(self, applied: AppliedWrite) -> None:
        """Merge one write. Must be called once for each, after all that it names."""
        names = applied.write.names
        if names:
            standing: list[AppliedWrite] = []
            for sibling in self.siblings:
                if sibling.dot in names:
                    self._keep(sibling)
                else:
                    standing.append(sibling)
            # With two names at least, what was superseded earlier may matter too.
            if len(names) > 1:
                self._note_closing(applied)
            self.siblings = (*standing, applied)
        else:
            self.siblings = (*self.siblings, applied)
        self._settle()

    def find(self, dot: Dot) -> AppliedWrite | None:
        """The write of that entry, standing or superseded, if it is still held whole."""
        for sibling in self.siblings:
            if sibling.dot == dot:
                return sibling
        for _stamp, kept, applied in self._kept:
            if kept == dot:
                return applied
        return None

    def dump(self) -> bytes:
        """The canonical encoding of this state: equal states give equal bytes."""
        return pack(
            [
                REGISTER_VERSION,
                [_encode_applied(applied) for applied in self.siblings],
                [_encode_applied(applied) for _stamp, _dot, applied in self._kept],
                [[dot.journal, dot.seq, digest] for dot, digest in sorted(self._older.items())],
                [
                    [
                        list(closing.stamp),
                        list(closing.dot),
                        closing.author,
                        [list(dot) for dot in closing.names],
                    ]
                    for closing in self.closings
                ],
            ]
        )

    @classmethod
    def load(cls, group: FieldGroup, register: Register, blob: bytes) -> RegisterState:
        """Read back what `dump` gave. Raises `RegisterCorrupt`, never gives an empty state instead."""
        try:
            return cls._load(group, register, blob)
        except ValueError as error:
            raise RegisterCorrupt(
                f"the stored register {register.group} {register.row} cannot be read: {error}"
            ) from error

    @classmethod
    def _load(cls, group: FieldGroup, register: Register, blob: bytes) -> RegisterState:
        version, siblings, kept, older, closings = unpack_array(blob, 5, _DUMP_BYTES_MAX)
        if version != REGISTER_VERSION:
            raise FieldWrong("its version is not known")
        state = cls(group)
        state.siblings = tuple(
            [_decode_applied(register, group, item) for item in take_list(siblings, "siblings", _ITEMS_MAX)]
        )
        if not state.siblings:
            raise FieldWrong("it has no write")
        superseded = [
            _decode_applied(register, group, item) for item in take_list(kept, "superseded", SUPERSEDED_KEPT_MAX)
        ]
        state._kept = tuple([(applied.stamp, applied.dot, applied) for applied in superseded])
        state._older = dict([_decode_older(item) for item in take_list(older, "older", _ITEMS_MAX)])
        state.closings = tuple([_decode_closing(item) for item in take_list(closings, "closings", _ITEMS_MAX)])
        state._settle()
        return state

    def _keep(self, superseded: AppliedWrite) -> None:
        kept = list(self._kept)
        insort(kept, (superseded.stamp, superseded.dot, superseded))
        if len(kept) > SUPERSEDED_KEPT_MAX:
            _stamp, dot, oldest = kept.pop(0)
            self._older[dot] = _digest(oldest.value)
        self._kept = tuple(kept)

    def _note_closing(self, applied: AppliedWrite) -> None:
        # Names of other registers' writes are dropped: at most a faulty author makes them.
        digests = {dot: digest for dot in applied.write.names if (digest := self._digest_of(dot)) is not None}
        if len(set(digests.values())) > 1:
            closing = Closing(applied.stamp, applied.dot, applied.author, tuple(sorted(digests)))
            self.closings = tuple(sorted((*self.closings, closing)))

    def _digest_of(self, dot: Dot) -> bytes | None:
        applied = self.find(dot)
        return self._older.get(dot) if applied is None else _digest(applied.value)

    def _settle(self) -> None:
        siblings = self.siblings
        if len(siblings) == 1:
            self.in_conflict = False
            self.shown = Shown(siblings[0].write.value, siblings[0])
            return
        self.siblings = siblings = tuple(sorted(siblings, key=_by_dot))
        first = siblings[0].value
        self.in_conflict = any(sibling.value != first for sibling in siblings)
        self.shown = shown_of(self.group, siblings, self.in_conflict)


def shown_of(group: FieldGroup, siblings: Iterable[AppliedWrite], in_conflict: bool) -> Shown:
    """What stands of siblings: the maximum by (resolution, class, system rank, stamp, dot), except where a
    person decides.

    Where a person decides (`manual`, `identity`) and the siblings differ: the newest resolution among them.
    Without one, `manual` shows the base of the oldest sibling (what both sides started from), or the value
    with the lowest dot when that sibling had seen none; `identity` shows the value with the lowest dot.
    """
    if not group.waits_for_person:
        winner = max(siblings, key=lambda applied: _order(group, applied))
        return Shown(winner.value, winner)
    lowest = min(siblings, key=_by_dot)
    if in_conflict:
        resolutions = [applied for applied in siblings if applied.write.resolution]
        if resolutions:
            newest = max(resolutions, key=_by_age)
            return Shown(newest.value, newest)
        oldest = min(siblings, key=_by_age)
        if group.policy is Policy.MANUAL and oldest.write.base is not None:
            return Shown(oldest.write.base, None)
    return Shown(lowest.value, lowest)


def _order(group: FieldGroup, applied: AppliedWrite) -> tuple[bool, int, int, Stamp, Dot]:
    write = applied.write
    return (
        write.resolution,
        group.class_of(write.value),
        group.rank(applied.origin),
        applied.stamp,
        applied.dot,
    )


def _by_dot(applied: AppliedWrite) -> Dot:
    return applied.dot


def _by_age(applied: AppliedWrite) -> tuple[Stamp, Dot]:
    return (applied.stamp, applied.dot)


def _digest(value: Value) -> bytes:
    return hashlib.sha256(pack(dict(sorted(value.items())))).digest()[:_DIGEST_BYTES]


def _canonical(value: Value | None) -> dict[str, Scalar] | None:
    return None if value is None else dict(sorted(value.items()))


def _encode_applied(applied: AppliedWrite) -> list[object]:
    write = applied.write
    return [
        *applied.dot,
        *applied.stamp,
        applied.author,
        applied.origin,
        applied.action,
        applied.reason,
        _canonical(write.value),
        [list(dot) for dot in write.names],
        _canonical(write.base),
        write.resolution,
    ]


def _decode_applied(register: Register, group: FieldGroup, item: object) -> AppliedWrite:
    parts = take_list(item, "write", _WRITE_PARTS)
    journal, seq, milliseconds, counter, author, origin, action, reason, value, names, base, resolution = parts
    if type(resolution) is not bool or origin not in ORIGINS:
        raise FieldWrong("a write has no origin or does not say whether it resolves")
    write = Write(
        register,
        group.require(value),
        _decode_dots(names),
        None if base is None else group.require(base),
        resolution,
    )
    return AppliedWrite(
        _decode_dot([journal, seq]),
        _decode_stamp([milliseconds, counter]),
        take_text(author, "author", AUTHOR_CHARACTERS_MAX),
        write,
        origin,
        take_text(action, "action", ACTION_CHARACTERS_MAX),
        take_text(reason, "reason", REASON_CHARACTERS_MAX),
    )


def _decode_closing(item: object) -> Closing:
    stamp, dot, author, names = take_list(item, "closing", 4)
    return Closing(
        _decode_stamp(stamp),
        _decode_dot(dot),
        take_text(author, "author", AUTHOR_CHARACTERS_MAX),
        _decode_dots(names),
    )


def _decode_older(item: object) -> tuple[Dot, bytes]:
    journal, seq, digest = take_list(item, "superseded write", 3)
    return _decode_dot([journal, seq]), take_bytes(digest, "digest", _DIGEST_BYTES)


def _decode_dots(items: object) -> tuple[Dot, ...]:
    return tuple([_decode_dot(item) for item in take_list(items, "names", NAMES_MAX)])


def _decode_dot(item: object) -> Dot:
    journal, seq = take_list(item, "dot", 2)
    return Dot(JournalId(take_bytes(journal, "journal", JOURNAL_ID_BYTES)), take_int(seq, "seq", 1, SEQ_MAX))


def _decode_stamp(item: object) -> Stamp:
    milliseconds, counter = take_list(item, "stamp", 2)
    return Stamp(take_int(milliseconds, "milliseconds", 0, SEQ_MAX), take_int(counter, "counter", 0, STAMP_COUNTER_MAX))
