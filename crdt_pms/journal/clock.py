"""Hybrid logical clock (Kulkarni et al. 2014): wall milliseconds and a counter, never running backwards in one journal.

Stamps order *presentation* (which of two concurrent writes is newest). Causality never rests on them.
"""

from __future__ import annotations

from typing import NamedTuple

from crdt_pms.journal.limits import STAMP_AHEAD_MS_MAX, STAMP_COUNTER_MAX


class Stamp(NamedTuple):
    """UTC milliseconds since 1970 and a counter that separates stamps of one millisecond."""

    milliseconds: int
    counter: int


ZERO_STAMP = Stamp(0, 0)


class HybridLogicalClock:
    """Issues the stamps of one journal.

    Invariants:
    1. Each issued stamp is greater than every stamp issued before and every stamp merged before.
    2. A stamp beyond `STAMP_AHEAD_MS_MAX` is never merged, so that one wrong clock cannot drag all others along.
    """

    def __init__(self, last: Stamp = ZERO_STAMP) -> None:
        self._last = last

    @property
    def last(self) -> Stamp:
        """The greatest stamp issued or merged so far."""
        return self._last

    def issue(self, now_ms: int) -> Stamp:
        """The stamp of a new entry written at wall time `now_ms`."""
        if now_ms > self._last.milliseconds:
            self._last = Stamp(now_ms, 0)
        elif self._last.counter < STAMP_COUNTER_MAX:
            self._last = Stamp(self._last.milliseconds, self._last.counter + 1)
        else:
            self._last = Stamp(self._last.milliseconds + 1, 0)
        return self._last

    def observe(self, stamp: Stamp, now_ms: int) -> bool:
        """Merge a received stamp. False when it lies beyond the bound and was left out."""
        if is_out_of_bound(stamp, now_ms):
            return False
        self._last = max(self._last, stamp)
        return True


def is_out_of_bound(stamp: Stamp, now_ms: int) -> bool:
    """Whether a stamp lies further ahead of `now_ms` than any honest clock would."""
    return stamp.milliseconds > now_ms + STAMP_AHEAD_MS_MAX
