"""Where a process takes its time from: the machine's clock corrected by what its neighbours say, or the replay's driver."""

from __future__ import annotations

import time

from crdt_pms.session.clock import AgreedClock


def system_clock() -> AgreedClock:
    """This machine's clock, not corrected yet."""
    return AgreedClock(lambda: time.time_ns() // 1_000_000)


class HandedClock:
    """Hotel time as a replay's driver hands it out: it stands still between two hands."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """The last time handed."""
        return self._now_ms

    def machine_ms(self) -> int:
        """The same: a handed clock is right by definition."""
        return self._now_ms

    def learn(self, device: str, is_relay: bool, offset_ms: int) -> None:
        """A handed clock is right by definition."""

    def hand(self, now_ms: int) -> None:
        """Set the time. It may step back: the journals' clocks do not."""
        self._now_ms = now_ms
