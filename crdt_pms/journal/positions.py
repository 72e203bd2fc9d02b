"""The committed order, in runs.

The relay gives each entry a position; consecutive positions mostly hold consecutive entries of one journal, so the order
travels as runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

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
CHECKPOINTS_MAX: Final = 256


def digest_after(digest: bytes, dots: Iterable[Dot]) -> bytes:
    """The digest of an order that has `digest`, and then these entries. Equal digests are equal orders."""
    for dot in dots:
        digest = hashlib.sha256(digest + dot.journal + dot.seq.to_bytes(8, "big")).digest()
    return digest


def dots_of(runs: Iterable[CommittedRun]) -> Iterator[Dot]:
    """The entries of runs, one by one."""
    for run in runs:
        yield from (Dot(run.journal, run.first_seq + step) for step in range(run.count))


class OrderDigests:
    """Digests of the committed order at some of its positions, the newest ones kept: from these, others are soon computed."""

    def __init__(self, through: int = 0, digest: bytes = ORDER_START) -> None:
        self._known: dict[int, bytes] = {0: ORDER_START, through: digest}

    def note(self, position: int, digest: bytes) -> None:
        """Remember the digest at a position beyond all that are known."""
        self._known[position] = digest
        if len(self._known) > CHECKPOINTS_MAX:
            # The start stays: everything can be computed from there.
            del self._known[next(islice(self._known, 1, None))]

    def before(self, position: int) -> tuple[int, bytes]:
        """The last known position up to that one, and its digest."""
        at = max(known for known in self._known if known <= position)
        return at, self._known[at]
