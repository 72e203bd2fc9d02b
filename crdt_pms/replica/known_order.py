"""The relay's committed order as far as a terminal knows it: its newest runs are at hand, the rest is in the store."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from crdt_pms.journal.positions import CommittedRun, checkpoint_after, digest_after, joined, within
from crdt_pms.replica.port import Transaction
from crdt_pms.replica.standing import CommittedStanding

RECENT_RUNS_MAX: Final = 512
"""Every peer is told each run, and as a rule soon after it came."""


class KnownOrder:
    """How far the order is known, and its newest runs.

    Invariant: the runs that are kept follow each other without a gap and end at `standing.through`.
    """

    def __init__(self, standing: CommittedStanding) -> None:
        self.standing = standing
        self._runs: deque[CommittedRun] = deque()

    def extend(self, runs: Sequence[CommittedRun], standing: CommittedStanding) -> None:
        """Go on to `standing` with runs that were stored. Of another generation nothing stays."""
        if standing.generation != self.standing.generation:
            self._runs.clear()
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


def digest_at(transaction: Transaction, position: int) -> bytes | None:
    """The digest of the committed order up to a position; None when less of it is known.

    Reads no more than what stands after a checkpoint.
    """
    at = transaction.checkpoint_before(position)
    if checkpoint_after(at.position) <= position:
        return None
    hashes = transaction.committed_hashes(at.position, position - at.position)
    return digest_after(at.digest, hashes) if len(hashes) == position - at.position else None
