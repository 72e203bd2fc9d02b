"""The committed order, in runs.

The relay gives each entry a position; consecutive positions mostly hold consecutive entries of one journal, so the order
travels as runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from crdt_pms.journal.identifiers import Dot, JournalId


class CommittedRun(NamedTuple):
    """`count` entries of `journal` from `first_seq` on stand at `position`, `position` + 1, … of the committed order."""

    position: int
    journal: JournalId
    first_seq: int
    count: int  # pyright: ignore[reportIncompatibleMethodOverride] - no caller asks a run how often a value occurs in it

    @property
    def last_position(self) -> int:
        """The position of the last entry of the run."""
        return self.position + self.count - 1

    @property
    def last(self) -> Dot:
        """The last entry of the run."""
        return Dot(self.journal, self.first_seq + self.count - 1)


def joined(run: CommittedRun, following: CommittedRun) -> CommittedRun | None:
    """Both as one run, if the second goes on with the first one's journal where the first ends."""
    if following[:3] != (run.position + run.count, run.journal, run.first_seq + run.count):
        return None
    return run._replace(count=run.count + following.count)


def runs_of(placed: Iterable[tuple[int, Dot]]) -> Iterator[CommittedRun]:
    """Fold positions in ascending order into the fewest runs."""
    run: CommittedRun | None = None
    for position, dot in placed:
        one = CommittedRun(position, dot.journal, dot.seq, 1)
        longer = None if run is None else joined(run, one)
        if run is not None and longer is None:
            yield run
        run = longer or one
    if run is not None:
        yield run


def within(run: CommittedRun, after: int, last: int) -> CommittedRun | None:
    """The part of a run that stands after position `after` and up to `last`; None when there is none."""
    known = max(after + 1 - run.position, 0)
    count = min(run.last_position, last) - run.position - known + 1
    if count <= 0:
        return None
    return CommittedRun(run.position + known, run.journal, run.first_seq + known, count)


ORDER_START: Final = bytes(32)
"""The digest of an order in which nothing stands yet."""
CHECKPOINT_POSITIONS: Final = 1_024
"""The digest of the order is kept at each multiple of this, for ever, so that it is soon computed anywhere.

A piece of the order that travels never goes beyond the next one.
"""


class Checkpoint(NamedTuple):
    """The digest of the order up to `position`. `proof` is the relay's signature there as a terminal keeps it; the relay itself
    signs when asked."""

    position: int
    digest: bytes
    proof: bytes = b""


class OrderMark(NamedTuple):
    """The digest of the committed order up to `position`, as one node says it to another."""

    position: int
    digest: bytes


DENSE_MARKS: Final = 16
"""So many of the newest checkpoints are marked one by one, which is weeks of a busy hotel; before them ever fewer."""
MARKS_MAX: Final = 1 + DENSE_MARKS + 53
"""An end, the newest checkpoints, and then one for each doubling of the distance."""


def marked_positions(through: int) -> list[int]:
    """The positions at which a node that knows the order up to `through` says its digest, descending.

    They are at most `MARKS_MAX`, and of two orders that part at some position they find a common one whose distance from the
    end is at most about twice the distance of that position.
    """
    checkpoint = through - through % CHECKPOINT_POSITIONS
    positions = [through] if through > checkpoint else []
    step = CHECKPOINT_POSITIONS
    while checkpoint > 0:
        positions.append(checkpoint)
        if len(positions) > DENSE_MARKS:
            step *= 2
        checkpoint -= step
    return positions


def checkpoint_after(position: int) -> int:
    """The first position of a checkpoint beyond a position."""
    return (position // CHECKPOINT_POSITIONS + 1) * CHECKPOINT_POSITIONS


def is_checkpoint(position: int) -> bool:
    """Whether the digest at a position is kept."""
    return position % CHECKPOINT_POSITIONS == 0


def digest_after(digest: bytes, hashes: Iterable[bytes]) -> bytes:
    """The digest of an order that has `digest`, and then the entries of these hashes. Equal digests are equal orders.

    Of two entries that claim one number of a journal each gives another digest.
    """
    for entry_hash in hashes:
        digest = hashlib.sha256(digest + entry_hash).digest()
    return digest
