"""One register: every write that no other applied write names, and what was superseded.

Invariants, each a pure function of the set of writes applied (the caller applies each once, and after what it
names):

1. The siblings are the writes that no applied write names.
2. Of the superseded writes the newest `SUPERSEDED_KEPT_MAX` are kept whole, of the others a digest of the content.
   A late write that names one of them is thereby judged alike on every replica.
3. A closing is a write that names two or more writes with distinct contents, whether or not they still stood
   when it came.

Nothing here knows a field or a policy, so that every version merges alike; what is shown of the siblings is the matter of
`crdt_pms.ledger.showing`. Applying a write touches that write and those that it supersedes, however many others stand, and
each write is stored for itself. Contents that are no longer held whole are read back from the entries, which are kept.
"""

from __future__ import annotations

import hashlib
from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import IntEnum
from typing import Final, NamedTuple

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.limits import ACTION_CHARACTERS_MAX, JOURNAL_ID_BYTES, SEQ_MAX, STAMP_COUNTER_MAX
from crdt_pms.journal.limits import TEXT_CHARACTERS_MAX as AUTHOR_CHARACTERS_MAX
from crdt_pms.journal.wire import FieldWrong, pack, take_bytes, take_int, take_list, take_text, unpack_array
from crdt_pms.ledger.applied import AppliedWrite
from crdt_pms.ledger.errors import RegisterCorrupt
from crdt_pms.ledger.limits import (
    NAMES_MAX,
    ORIGIN_CHARACTERS_MAX,
    READS_MAX,
    REASON_CHARACTERS_MAX,
    SUPERSEDED_KEPT_MAX,
)
from crdt_pms.ledger.operation import DIGEST_BYTES, Register, Write, content_from
from crdt_pms.ledger.policies import FIELD_GROUPS
from crdt_pms.ledger.showing import Shown, Siblings

STORED_VERSION: Final = 1
_BYTES_MAX: Final = 2**31 - 1
_WHOLE_PARTS: Final = 13
_PAST_PARTS: Final = 7


class Standing(IntEnum):
    """How a register holds a write."""

    SIBLING = 0
    """No applied write names it."""
    SUPERSEDED = 1
    """Superseded, and among the newest of these: held whole."""
    DIGEST = 2
    """Superseded long ago: what it said is held as a digest."""


class StoredWrite(NamedTuple):
    """One write as a store keeps it; `state` is the canonical encoding of what the register holds of it."""

    register: Register
    dot: Dot
    standing: int
    state: bytes


class Closing(NamedTuple):
    """A write that ended a conflict: it names two or more writes with distinct contents."""

    stamp: Stamp
    dot: Dot
    author: str
    names: tuple[Dot, ...]


class Ended(NamedTuple):
    """A closing, and as far as they are held whole the writes that it names, and the write that it is."""

    closing: Closing
    values: tuple[AppliedWrite, ...]
    decision: AppliedWrite | None


class _Past(NamedTuple):
    """A write that was superseded long ago."""

    digest: bytes
    stamp: Stamp
    author: str
    reads: tuple[Dot, ...]
    """What its author had read, if that filled a header: the next part of the same write goes on from it."""


class RegisterState:
    """The merged state of one register. See the module's invariants."""

    __slots__ = (
        "_changed",
        "_closings",
        "_ended",
        "_kept",
        "_past",
        "_siblings",
        "_whole",
        "content_sum",
        "register",
        "shown",
        "sibling_sum",
    )

    def __init__(self, register: Register) -> None:
        group = FIELD_GROUPS.get(register.group)
        self.register = register
        self._siblings = Siblings(group if group is not None and group.flags == register.flags else None)
        self._kept: list[tuple[Stamp, Dot]] = []
        self._whole: dict[Dot, AppliedWrite] = {}
        self._past: dict[Dot, _Past] = {}
        self._closings: dict[Dot, Closing] = {}
        self._changed: set[Dot] = set()
        self._ended: list[Ended] = []
        self.content_sum = 0
        """The sum of a hash of each write as it is held: equal wherever the same writes were applied."""
        self.sibling_sum = 0
        """The sum of a hash of each sibling's identity: another one after every write."""
        self.shown: Shown = self._siblings.shown()

    @property
    def siblings(self) -> tuple[AppliedWrite, ...]:
        """The writes that no applied write names, sorted by dot."""
        return self._siblings.writes

    @property
    def sibling_dots(self) -> tuple[Dot, ...]:
        """The siblings' dots, sorted."""
        return self._siblings.dots

    @property
    def in_conflict(self) -> bool:
        """Whether two siblings differ. Equal contents written concurrently are agreement."""
        return self._siblings.differ

    @property
    def superseded(self) -> tuple[AppliedWrite, ...]:
        """The superseded writes that are still held whole, oldest first."""
        return tuple([self._whole[dot] for _stamp, dot in self._kept])

    @property
    def has_closings(self) -> bool:
        """Whether a write ever ended a conflict here."""
        return bool(self._closings)

    @property
    def closings(self) -> tuple[Closing, ...]:
        """Every closing, sorted by (stamp, dot)."""
        return tuple(sorted(self._closings.values()))

    def closing(self, dot: Dot) -> Closing | None:
        """The closing that the write of that entry was, if it was one."""
        return self._closings.get(dot)

    def first_written(self) -> tuple[Stamp, Dot] | None:
        """When what is shown was written first; None where a base is shown that no sibling wrote."""
        return self._siblings.first_written(self.shown.digest)

    def apply(self, applied: AppliedWrite) -> None:
        """Merge one write. Must be called once for each, after all that it names."""
        names = applied.write.names
        if (inherited := self._inherited(applied)) != applied.inherited:
            applied = replace(applied, inherited=inherited)
        # With two names at least, what was superseded earlier may matter too.
        if len(names) > 1:
            self._note_closing(applied)
        for dot in names:
            sibling = self._siblings.get(dot)
            if sibling is not None:
                self._count(dot, -1)
                self._siblings.remove(dot)
                self.sibling_sum -= self._name(dot)
                self._keep(sibling)
        self._siblings.add(applied)
        self.sibling_sum += self._name(applied.dot)
        self._count(applied.dot, 1)
        self._changed.add(applied.dot)
        self.shown = self._siblings.shown()

    def choose(self, dot: Dot | None) -> None:
        """Note which sibling a person chose by a write of another register."""
        self._siblings.chosen = dot
        self.shown = self._siblings.shown()

    def find(self, dot: Dot) -> AppliedWrite | None:
        """The write of that entry, standing or superseded, if it is still held whole."""
        return self._siblings.get(dot) or self._whole.get(dot)

    def holds(self, dot: Dot) -> bool:
        """Whether the write of that entry was applied."""
        return dot in self._siblings or dot in self._whole or dot in self._past

    def is_sibling(self, dot: Dot) -> bool:
        """Whether the write of that entry stands."""
        return dot in self._siblings

    def take_changed(self) -> frozenset[Dot]:
        """The writes that are held otherwise than at the last call."""
        changed, self._changed = frozenset(self._changed), set()
        return changed

    def take_ended(self) -> list[Ended]:
        """The closings that were applied since the last call, and the values that they ended as far as they were held whole."""
        ended, self._ended = self._ended, []
        return ended

    def stored(self, dot: Dot) -> StoredWrite:
        """What a store keeps of one write. Equal states give equal bytes."""
        standing = self._standing_of(dot)
        closing = self._closings.get(dot)
        closes = None if closing is None else [list(named) for named in closing.names]
        past = self._past.get(dot)
        if past is None:
            applied = self.find(dot)
            assert applied is not None, "every write of a register is held whole or as a digest"
            return StoredWrite(self.register, dot, standing, pack([*_encoded(applied), closes]))
        reads = [list(read) for read in past.reads]
        state = pack([STORED_VERSION, past.digest, *past.stamp, past.author, reads, closes])
        return StoredWrite(self.register, dot, standing, state)

    def all_dots(self) -> Iterator[Dot]:
        """Every write ever applied."""
        yield from self._siblings.dots
        yield from self._whole
        yield from self._past

    @classmethod
    def load(cls, register: Register, stored: Iterable[StoredWrite]) -> RegisterState:
        """Read back what `stored` gave of every write. Raises `RegisterCorrupt`, never gives an empty state instead."""
        state = cls(register)
        try:
            for one in stored:
                state._load(one)
            if not state.sibling_dots:
                raise FieldWrong("it has no write that stands")
        except ValueError as error:
            raise RegisterCorrupt(
                f"the stored register {register.group} {register.row} cannot be read: {error}"
            ) from error
        state.shown = state._siblings.shown()
        return state

    def _load(self, stored: StoredWrite) -> None:
        dot = stored.dot
        if stored.standing == Standing.DIGEST:
            version, digest, milliseconds, counter, author, reads, closes = unpack_array(
                stored.state, _PAST_PARTS, _BYTES_MAX
            )
            if version != STORED_VERSION:
                raise FieldWrong("its version is not known")
            stamp, author = _stamp(milliseconds, counter), take_text(author, "author", AUTHOR_CHARACTERS_MAX)
            read = _dots(reads, _BYTES_MAX)
            self._past[dot] = _Past(take_bytes(digest, "digest", DIGEST_BYTES), stamp, author, read)
        elif stored.standing not in (Standing.SIBLING, Standing.SUPERSEDED):
            raise FieldWrong("a write stands in a way that is not known")
        else:
            applied, closes = _decoded(self.register, dot, stored.state)
            stamp, author = applied.stamp, applied.author
            if stored.standing == Standing.SIBLING:
                self._siblings.add(applied)
                self.sibling_sum += self._name(dot)
            else:
                self._whole[dot] = applied
                insort(self._kept, (stamp, dot))
        if closes is not None:
            self._closings[dot] = Closing(stamp, dot, author, _dots(closes, NAMES_MAX))
        self._count(dot, 1)

    def _keep(self, superseded: AppliedWrite) -> None:
        dot = superseded.dot
        insort(self._kept, (superseded.stamp, dot))
        self._whole[dot] = superseded
        self._count(dot, 1)
        self._changed.add(dot)
        if len(self._kept) > SUPERSEDED_KEPT_MAX:
            _stamp, oldest = self._kept.pop(0)
            self._count(oldest, -1)
            applied = self._whole.pop(oldest)
            self._past[oldest] = _Past(applied.digest, applied.stamp, applied.author, _reads_of_part(applied))
            self._count(oldest, 1)
            self._changed.add(oldest)

    def _note_closing(self, applied: AppliedWrite) -> None:
        # Names of other registers' writes are dropped: at most a faulty author makes them.
        digests = {dot: digest for dot in applied.write.names if (digest := self._digest_of(dot)) is not None}
        if len(set(digests.values())) > 1:
            closing = Closing(applied.stamp, applied.dot, applied.author, tuple(sorted(digests)))
            self._closings[applied.dot] = closing
            values = tuple([found for dot in closing.names if (found := self.find(dot)) is not None])
            self._ended.append(Ended(closing, values, applied))

    def _inherited(self, applied: AppliedWrite) -> frozenset[Dot]:
        """The reads of the parts before this one, where one header could not hold all that its author had read."""
        found: set[Dot] = set()
        for dot in applied.write.names:
            if dot.journal != applied.dot.journal:
                continue
            if (part := self.find(dot)) is not None and part.digest == applied.digest:
                found.update(_reads_of_part(part))
            elif (past := self._past.get(dot)) is not None and past.digest == applied.digest:
                found.update(past.reads)
        return frozenset(found)

    def _digest_of(self, dot: Dot) -> bytes | None:
        applied = self.find(dot)
        if applied is not None:
            return applied.digest
        past = self._past.get(dot)
        return None if past is None else past.digest

    def _standing_of(self, dot: Dot) -> Standing:
        if dot in self._siblings:
            return Standing.SIBLING
        return Standing.SUPERSEDED if dot in self._whole else Standing.DIGEST

    def _name(self, dot: Dot) -> int:
        return int.from_bytes(hashlib.sha256(pack([self.register.group, *dot])).digest(), "big")

    def _count(self, dot: Dot, times: int) -> None:
        """Add a write as it is held to the sum, or take it out again."""
        closing = self._closings.get(dot)
        closes = 0 if closing is None else len(closing.names)
        held = [*self.register, *dot, int(self._standing_of(dot)), self._digest_of(dot), closes]
        self.content_sum += times * int.from_bytes(hashlib.sha256(pack(held)).digest(), "big")


def _reads_of_part(applied: AppliedWrite) -> tuple[Dot, ...]:
    """What a further part of this write inherits: nothing, unless its reads filled a header."""
    if len(applied.write.reads) < READS_MAX:
        return ()
    return tuple(sorted(applied.inherited.union(applied.write.reads)))


def _encoded(applied: AppliedWrite) -> list[object]:
    write = applied.write
    return [
        STORED_VERSION,
        *applied.stamp,
        applied.author,
        applied.origin,
        applied.action,
        applied.reason,
        None if write.content is None else dict(sorted(write.content.items())),
        write.sealed,
        [[list(dot) for dot in dots] for dots in (write.names, write.reads, sorted(applied.inherited))],
        None if write.base is None else dict(sorted(write.base.items())),
        write.resolution,
    ]


def _decoded(register: Register, dot: Dot, state: bytes) -> tuple[AppliedWrite, object]:
    parts = unpack_array(state, _WHOLE_PARTS, _BYTES_MAX)
    version, milliseconds, counter, author, origin, action, reason, content, sealed, dots, base, resolution, closes = (
        parts
    )
    if version != STORED_VERSION or type(resolution) is not bool:
        raise FieldWrong("its version is not known, or a write does not say whether it resolves")
    names, reads, inherited = _listed(dots, 3)
    if not isinstance(sealed, bytes) or len(sealed) not in (0, DIGEST_BYTES):
        raise FieldWrong("a digest of personal content is none")
    write = Write(
        register,
        content_from(content),
        _dots(names, NAMES_MAX),
        _dots(reads, READS_MAX),
        content_from(base),
        resolution,
        sealed,
    )
    applied = AppliedWrite(
        dot,
        _stamp(milliseconds, counter),
        take_text(author, "author", AUTHOR_CHARACTERS_MAX),
        write,
        take_text(origin, "origin", ORIGIN_CHARACTERS_MAX),
        take_text(action, "action", ACTION_CHARACTERS_MAX),
        take_text(reason, "reason", REASON_CHARACTERS_MAX),
        frozenset(_dots(inherited, _BYTES_MAX)),
    )
    return applied, closes


def _listed(item: object, length: int) -> list[object]:
    items = take_list(item, "dots", length)
    if len(items) != length:
        raise FieldWrong(f"not a list of {length}")
    return items


def _dots(items: object, items_max: int) -> tuple[Dot, ...]:
    dots: list[Dot] = []
    for item in take_list(items, "names", items_max):
        journal, seq = _listed(item, 2)
        dots.append(Dot(JournalId(take_bytes(journal, "journal", JOURNAL_ID_BYTES)), take_int(seq, "seq", 1, SEQ_MAX)))
    return tuple(dots)


def _stamp(milliseconds: object, counter: object) -> Stamp:
    return Stamp(take_int(milliseconds, "milliseconds", 0, SEQ_MAX), take_int(counter, "counter", 0, STAMP_COUNTER_MAX))
