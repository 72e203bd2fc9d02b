"""The committed order as this process knows it: what PostgreSQL has, and nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.positions import ORDER_START, CommittedRun, OrderMark, digest_after, runs_of
from crdt_pms.ports.records import JournalRecord, Placed
from relay_server.limits import TAIL_ENTRIES_MAX

NO_ORDER: Final = OrderMark(0, ORDER_START)


class OrderEnd(NamedTuple):
    """Where the known order ends: its last position, and the hash of the entry there where that is known."""

    through: int
    last: bytes | None


class CommittedOrder:
    """Positions without a gap from one to `through`; the newest of them in memory."""

    def __init__(
        self,
        generation: bytes,
        start: OrderMark = NO_ORDER,
        past: frozenset[bytes] = frozenset(),
    ) -> None:
        """The order up to `start` is known without its entries; `past` are former generations."""
        self._last: bytes | None = None
        self.digest = start.digest
        self.generation = generation
        self.past = past
        self.through = start.position
        self._recent: list[Dot] = []
        self._digests: list[bytes] = [start.digest]
        """Before the first of `_recent`, and after each of them."""

    @property
    def end(self) -> OrderEnd:
        """Where it ends."""
        return OrderEnd(self.through, self._last)

    def extend(self, placed: Sequence[Placed]) -> None:
        """Add what was committed at the positions after `through`."""
        for one in placed:
            self._recent.append(one.entry.dot)
            self._last = one.entry.hash
            self.digest = digest_after(self.digest, [self._last])
            self._digests.append(self.digest)
        self.through += len(placed)
        if len(self._recent) > 2 * TAIL_ENTRIES_MAX:
            del self._recent[:-TAIL_ENTRIES_MAX]
            del self._digests[: -TAIL_ENTRIES_MAX - 1]

    def renew(self, generation: bytes, heard: bytes = b"") -> None:
        """Go on under another generation; `heard` is a former one too."""
        self.past |= {self.generation, heard}
        self.generation = generation

    @property
    def in_memory_after(self) -> int:
        """The position after which the order is in memory."""
        return self.through - len(self._recent)

    def digest_at(self, position: int) -> bytes | None:
        """The digest up to a position; None when that is only in PostgreSQL, or beyond what is known."""
        step = position - self.in_memory_after
        return self._digests[step] if 0 <= step < len(self._digests) else None

    def journals_beyond(self, position: int) -> set[JournalId] | None:
        """The journals of the entries after a position; None when that part is only in PostgreSQL."""
        skipped = position - self.in_memory_after
        return None if skipped < 0 else {dot.journal for dot in self._recent[skipped:]}

    def runs(self, after: int, entries_max: int) -> list[CommittedRun] | None:
        """The order after a position; None when that part is only in PostgreSQL."""
        skipped = after - self.in_memory_after
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


def vector_of(records: Iterable[JournalRecord]) -> dict[JournalId, int]:
    """The version vector of stored journals."""
    return {record.head.journal: record.head.seq for record in records if record.head.seq}
