"""Where a process takes its time from: the machine's clock corrected by what its neighbours say, or the replay's driver."""

from __future__ import annotations

import time
from statistics import median
from typing import Protocol


class Clock(Protocol):
    """Time as handed to the pure packages."""

    def now_ms(self) -> int:
        """UTC milliseconds since 1970."""
        ...


class SystemClock:
    """The machine's clock plus the offset learned from the relay and peers.

    A terminal has no better authority than its neighbours; the relay's clock, being one for all, counts for more: once it has
    been heard, peers are not asked.
    """

    def __init__(self) -> None:
        self._offsets_ms: dict[str, int] = {}
        self._relay_offset_ms: int | None = None

    def now_ms(self) -> int:
        """The corrected time."""
        return time.time_ns() // 1_000_000 + self.offset_ms

    @property
    def offset_ms(self) -> int:
        """How far the machine's clock is behind (positive) or ahead (negative) of its neighbours."""
        if self._relay_offset_ms is not None:
            return self._relay_offset_ms
        return round(median(self._offsets_ms.values())) if self._offsets_ms else 0

    def learn(self, device: str, is_relay: bool, offset_ms: int) -> None:
        """Take over an offset that a session measured against this clock as it runs now, correction included."""
        corrected = self.offset_ms + offset_ms
        if is_relay:
            self._relay_offset_ms = corrected
        else:
            self._offsets_ms[device] = corrected


class HandedClock:
    """Hotel time as a replay's driver hands it out: it stands still between two hands."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """The last time handed."""
        return self._now_ms

    def hand(self, now_ms: int) -> None:
        """Set the time. It may step back: the journals' clocks do not."""
        self._now_ms = now_ms
