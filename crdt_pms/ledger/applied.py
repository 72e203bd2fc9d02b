"""A write as it was applied: what it says, which entry said it, and what this version reads in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.fields import Value
from crdt_pms.ledger.operation import Write
from crdt_pms.ledger.policies import FIELD_GROUPS, Reading


@dataclass(frozen=True, slots=True)
class AppliedWrite:
    """A write with what its entry says: which, when, by whom, from which system, doing what, and why.

    `reading` is what this version makes of the content; of a group that it does not know, the content itself.
    `inherited` are reads of earlier parts of the same write, which one header could not hold.
    """

    dot: Dot
    stamp: Stamp
    author: str
    write: Write
    origin: str
    action: str
    reason: str
    inherited: frozenset[Dot] = field(default=frozenset(), compare=False)
    digest: bytes = field(init=False)
    reading: Reading = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        group = FIELD_GROUPS.get(self.write.register.group)
        content = self.write.content
        reading = Reading(content or {}) if group is None else group.read(content)
        object.__setattr__(self, "reading", reading)
        object.__setattr__(self, "digest", self.write.digest)

    @property
    def value(self) -> Value:
        """What was written, as this version reads it."""
        return self.reading.value

    def knows(self, other: AppliedWrite) -> bool:
        """Whether the author of this write had seen the other one: named or read it, or wrote it in the same journal."""
        if self.dot.journal == other.dot.journal:
            return self.dot.seq >= other.dot.seq
        return other.dot in self.write.reads or other.dot in self.write.names or other.dot in self.inherited
