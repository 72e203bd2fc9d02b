"""What the author of an entry had seen when it was written, as the entries themselves say: the closure of their contexts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulations.checkers.entries import Catalogue
from simulations.checkers.evidence import Evidence
from simulations.checkers.possession import Vector
from simulations.checkers.violation import Dot
from simulations.checkers.wire import FormatWrong, decode_certificate


@dataclass
class Knowledge:
    """Answers who had seen what. Each entry's closure is computed once."""

    catalogue: Catalogue
    continues: Mapping[bytes, Dot]
    """For journals whose certificate goes on from an entry of a former journal, that entry."""
    _closures: dict[Dot, dict[bytes, int]] = field(default_factory=dict[Dot, dict[bytes, int]])

    @classmethod
    def of(cls, evidence: Evidence) -> Knowledge:
        """What the entries and certificates of a run say."""
        return cls(evidence.catalogue, _continued(evidence))

    def seen_by(self, dot: Dot) -> Vector | None:
        """Everything that the author of an entry says to have seen, itself left out; None where no node holds the entry."""
        if self.catalogue.find(dot) is None:
            return None
        waiting, entered = [dot], {dot}
        while waiting:
            one = waiting[-1]
            missing = [cause for cause in self._causes(one) if cause not in self._closures and cause not in entered]
            if missing and one not in self._closures:
                waiting.extend(missing)
                entered.update(missing)
                continue
            self._closures.setdefault(one, self._united(one))
            waiting.pop()
        return self._closures[dot]

    def knew(self, author_of: Dot, dot: Dot) -> bool:
        """Whether the author of one entry had seen the other one."""
        seen = self.seen_by(author_of)
        return seen is not None and seen.get(dot.journal, 0) >= dot.seq

    def _causes(self, dot: Dot) -> list[Dot]:
        """The entries from which the closure of one follows."""
        header = self.catalogue.find(dot)
        named = [] if header is None else [Dot(journal, seq) for journal, seq in header.context.items()]
        if dot.seq > 1:
            named.append(Dot(dot.journal, dot.seq - 1))
        elif (before := self.continues.get(dot.journal)) is not None:
            named.append(before)
        return named

    def _united(self, dot: Dot) -> dict[bytes, int]:
        closure: dict[bytes, int] = {}
        for cause in self._causes(dot):
            # A cycle, which no honest author writes, is not known to its end.
            for journal, seq in (*self._closures.get(cause, {}).items(), cause):
                closure[journal] = max(seq, closure.get(journal, 0))
        return closure


def _continued(evidence: Evidence) -> dict[bytes, Dot]:
    found: dict[bytes, Dot] = {}
    for node in evidence.nodes:
        for journal, held in node.journals.items():
            if journal in found:
                continue
            try:
                previous = decode_certificate(held.certificate).previous
            except FormatWrong:
                continue  # a matter of `audit_chain`
            if previous is not None and previous.seq:
                found[journal] = previous
    return found
