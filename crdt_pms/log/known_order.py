"""The relay's committed order as far as a terminal knows it: its newest runs are at hand, the rest is in the store."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from crdt_pms.journal.errors import CommittedUnknown
from crdt_pms.journal.identifiers import Dot, VersionVector
from crdt_pms.journal.positions import (
    CommittedRun,
    OrderMark,
    checkpoint_after,
    digest_after,
    is_checkpoint,
    joined,
    marked_positions,
    within,
)
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.log.standing import CommittedStanding
from crdt_pms.ports.log import Log

RECENT_RUNS_MAX: Final = 512
"""Every peer is told each run, and as a rule soon after it came."""


class KnownOrder:
    """How far the order is known, and its newest runs.

    Invariant: the runs that are kept follow each other without a gap and end at `standing.through`.
    """

    def __init__(self, standing: CommittedStanding) -> None:
        self.standing = standing
        self._runs: deque[CommittedRun] = deque()

    def cut(self, standing: CommittedStanding) -> None:
        """Know no more than up to `standing`, which is where the order went before."""
        last = standing.through
        self._runs = deque(kept for run in self._runs if (kept := within(run, 0, last)) is not None)
        self.standing = standing

    def extend(self, runs: Sequence[CommittedRun], standing: CommittedStanding) -> None:
        """Go on to `standing` with runs that were stored."""
        self.standing = standing
        for run in runs:
            whole = joined(self._runs[-1], run) if self._runs else None
            if whole is None:
                self._runs.append(run)
            else:
                self._runs[-1] = whole
        self._forget()

    def __len__(self) -> int:
        """How many runs are kept."""
        return len(self._runs)

    def following(self, after: int, positions_max: int) -> list[CommittedRun] | None:
        """The runs after position `after`, of at most so many positions; None when they begin before what is kept here."""
        if after >= self.standing.through:
            return []
        if not self._runs or after + 1 < self._runs[0].position:
            return None
        found: list[CommittedRun] = []
        for run in reversed(self._runs):
            if run.last_position <= after:
                break
            found.append(run)
        last = after + positions_max
        return [run for whole in reversed(found) if (run := within(whole, after, last)) is not None]

    def _forget(self) -> None:
        while len(self._runs) > RECENT_RUNS_MAX:
            self._runs.popleft()


def marks_of(transaction: Log, through: int, digest: bytes) -> list[OrderMark]:
    """What a node says of an order that it knows up to `through`, where it has `digest`. One row for each mark."""
    before = (transaction.checkpoint_before(position) for position in marked_positions(through) if position < through)
    marks = [OrderMark(through, digest)] if through else []
    # A checkpoint that is missing makes one mark of two. Digests that are kept where a snapshot stands are no marks.
    kept = (OrderMark(one.position, one.digest) for one in before if one.position and is_checkpoint(one.position))
    return list(dict.fromkeys([*marks, *kept]))


def common_position(transaction: Log, marks: Sequence[OrderMark], through: int) -> int:
    """The highest position of the marks up to which the order that is known up to `through` is the same."""
    known = (mark for mark in marks if mark.position <= through)
    return next((mark.position for mark in known if digest_at(transaction, mark.position) == mark.digest), 0)


def digest_at(transaction: Log, position: int) -> bytes | None:
    """The digest of the committed order up to a position; None when less of it is known.

    Reads no more than what stands after a checkpoint.
    """
    at = transaction.checkpoint_before(position)
    if checkpoint_after(at.position) <= position:
        return None
    hashes = transaction.committed_hashes(at.position, position - at.position)
    return digest_after(at.digest, hashes) if len(hashes) == position - at.position else None


def standing_before(
    transaction: Log, known: CommittedStanding, runs: Sequence[CommittedRun], generation: bytes
) -> CommittedStanding:
    """The part of the known order that lies before the runs of another generation. Their signed digest says whether it is the
    same there. Raises CommittedUnknown when less is known."""
    through = runs[0].position - 1
    digest = known.digest if through == known.through else digest_at(transaction, through)
    if through > known.through or digest is None:
        raise CommittedUnknown(f"position {runs[0].position} was told, and the order is known up to {known.through}")
    return CommittedStanding(generation, None, through, digest)


def mark_committed(
    transaction: Log,
    runs: Sequence[CommittedRun],
    known: CommittedStanding,
    end: SignedEnd,
    held: VersionVector,
) -> None:
    """Note that the runs stand after what is known of the order. Raises CommittedUnknown, after which the transaction must be
    given up, unless `held` covers them and they lead to the end that is signed."""
    for run in runs:
        if held.get(run.journal, 0) < run.first_seq + run.count - 1:
            raise CommittedUnknown(f"position {run.position} names entries that are not held")
        # What is committed of a journal is its beginning.
        goes_on = run.first_seq == 1 or transaction.is_committed(Dot(run.journal, run.first_seq - 1))
        if not goes_on or transaction.mark_committed(run) != run.count:
            raise CommittedUnknown(f"position {run.position} contradicts the order that is known")
    hashes = transaction.committed_hashes(known.through, end.through - known.through)
    if len(hashes) != end.through - known.through or digest_after(known.digest, hashes) != end.digest:
        raise CommittedUnknown(f"what was told after position {known.through} is not what the relay signed")
