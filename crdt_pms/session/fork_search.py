"""Finding the first slot in which two nodes hold different entries of one journal, by a few questions."""

from __future__ import annotations

from collections.abc import Mapping

from crdt_pms.journal.identifiers import JournalId
from crdt_pms.session.limits import SLOTS_PER_QUESTION_MAX


class ForkSearch:
    """Bisects between a slot in which both hold the same and one in which they do not.

    Each entry hashes the one before, so two journals that differ in one slot differ in all after it.
    """

    def __init__(self, journal: JournalId, differing: int) -> None:
        """`differing` is a slot in which the peer holds something else."""
        self.journal = journal
        self._same = 0
        self._differing = differing

    @property
    def found(self) -> int | None:
        """The first slot in which the two differ, once it is known."""
        return self._differing if self._differing == self._same + 1 else None

    def question(self) -> tuple[int, ...]:
        """The slots to ask for next; none when it is found."""
        between = self._differing - self._same - 1
        step = -(-between // SLOTS_PER_QUESTION_MAX) or 1
        return tuple(range(self._same + step, self._differing, step)) or ((self._same + 1,) if between else ())

    def take(self, theirs: Mapping[int, bytes], own: Mapping[int, bytes]) -> None:
        """Take the answer to `question`: hash prefixes by slot. A slot that either does not hold counts as different."""
        for seq in self.question():
            if seq in own and own[seq] == theirs.get(seq):
                self._same = seq
            else:
                self._differing = seq
                return
