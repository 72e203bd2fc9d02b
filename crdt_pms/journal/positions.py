"""The committed order, in runs.

The relay gives each entry a position; consecutive positions mostly hold consecutive entries of one journal, so the order
travels as runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crdt_pms.journal.identifiers import Dot, JournalId


class CommittedRun(NamedTuple):
    """`count` entries of `journal` from `first_seq` on stand at `position`, `position` + 1, … of the committed order."""

    position: int
    journal: JournalId
    first_seq: int
    count: int  # pyright: ignore[reportIncompatibleMethodOverride] - nobody asks a run how often a value occurs in it

    @property
    def last_position(self) -> int:
        """The position of the last entry of the run."""
        return self.position + self.count - 1


def runs_of(placed: Iterable[tuple[int, Dot]]) -> Iterator[CommittedRun]:
    """Fold positions in ascending order into the fewest runs."""
    run: CommittedRun | None = None
    for position, dot in placed:
        if (
            run is not None
            and dot.journal == run.journal
            and position == run.position + run.count
            and dot.seq == run.first_seq + run.count
        ):
            run = run._replace(count=run.count + 1)
            continue
        if run is not None:
            yield run
        run = CommittedRun(position, dot.journal, dot.seq, 1)
    if run is not None:
        yield run
