"""The committed order as this process knows it: what PostgreSQL has, and nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from crdt_pms.journal.identifiers import Dot, JournalId, VersionVector
from crdt_pms.journal.positions import ORDER_START, CommittedRun, digest_after, runs_of
from crdt_pms.replica.port import Placed
from relay_server.limits import TAIL_ENTRIES_MAX


class OrderEnd(NamedTuple):
    """Where the known order ends: its last position, and the hash of the entry there where that is known."""

    through: int
    last: bytes | None


class CommittedOrder:
    """Positions without a gap from one to `through`; the newest of them in memory."""

    def __init__(
        self,
        generation: bytes,
        through: int,
        vector: VersionVector,
        last: bytes | None = None,
        digest: bytes = ORDER_START,
        past: frozenset[bytes] = frozenset(),
    ) -> None:
        """`last` is the hash of the entry at `through`, `digest` that of the order; `past` are former generations."""
        self._last = last
        self.digest = digest
        self.generation = generation
        self.past = past
        self.through = through
        self.vector: dict[JournalId, int] = dict(vector)
        self._recent: list[Dot] = []

    @property
    def end(self) -> OrderEnd:
        """Where it ends."""
        return OrderEnd(self.through, self._last)

    def extend(self, placed: Sequence[Placed]) -> None:
        """Add what was committed at the positions after `through`."""
        for one in placed:
            dot = one.entry.dot
            self.vector[dot.journal] = dot.seq
            self._recent.append(dot)
            self._last = one.entry.hash
        self.through += len(placed)
        self.digest = digest_after(self.digest, (one.entry.hash for one in placed))
        if len(self._recent) > 2 * TAIL_ENTRIES_MAX:
            del self._recent[:-TAIL_ENTRIES_MAX]

    def renew(self, generation: bytes, heard: bytes = b"") -> None:
        """Go on under another generation; `heard` is a former one too."""
        self.past |= {self.generation, heard}
        self.generation = generation

    def runs(self, after: int, entries_max: int) -> list[CommittedRun] | None:
        """The order after a position; None when that part is only in PostgreSQL."""
        skipped = after - (self.through - len(self._recent))
        if skipped < 0:
            return None
        return list(runs_of(enumerate(self._recent[skipped : skipped + entries_max], after + 1)))


def cut_runs(runs: Sequence[CommittedRun], through: int) -> list[CommittedRun]:
    """The part of `runs` up to a position: PostgreSQL may already hold more than was announced."""
    return [
        run if run.last_position <= through else run._replace(count=through - run.position + 1)
        for run in runs
        if run.position <= through
    ]
