"""Virtual time: what happens next happens now. Idle spans cost nothing, and nothing ever waits."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from typing import Final


class Timer:
    """Something that is going to happen, unless it is called off."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    @property
    def is_armed(self) -> bool:
        """Whether it is still to happen."""
        return self._call is not None

    def call_off(self) -> None:
        """Let it not happen."""
        self._call = None

    def ring(self) -> None:
        """Let it happen, once."""
        call, self._call = self._call, None
        if call is not None:
            call()


EVENTS_MAX: Final = 150_000
"""A world in which more happens does not come to rest: something is tried again without a pause."""


class Restless(RuntimeError):
    """More happened than can be meant."""


class VirtualTime:
    """The one clock of a world and what is going to happen, in the order of time; of one moment, in the order of asking."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self.events = 0
        """How many timers rang."""
        self.watch: Callable[[], None] = _nothing
        """Called after everything that happened. Whoever watches changes nothing."""
        self._queue: list[tuple[int, int, Timer]] = []
        self._order = count()

    def after(self, delay_ms: int, call: Callable[[], None]) -> Timer:
        """Let `call` happen that many milliseconds from now; at the earliest when everything of this moment is done."""
        return self.at(self.now_ms + max(delay_ms, 0), call)

    def at(self, at_ms: int, call: Callable[[], None]) -> Timer:
        """Let `call` happen at that time, or now when it is past."""
        timer = Timer(call)
        heapq.heappush(self._queue, (max(at_ms, self.now_ms), next(self._order), timer))
        return timer

    def run(self, until_ms: int, stop: Callable[[], bool] | None = None) -> bool:
        """Let everything up to `until_ms` happen; time then stands there.

        Ends early, and says so, when `stop` holds after something happened.
        """
        while self._queue and self._queue[0][0] <= until_ms:
            at_ms, _order, timer = heapq.heappop(self._queue)
            if not timer.is_armed:
                continue
            self.now_ms = at_ms
            self.events += 1
            if self.events > EVENTS_MAX:
                raise Restless(f"{self.events} events, and no end")
            timer.ring()
            self.watch()
            if stop is not None and stop():
                return True
        self.now_ms = max(self.now_ms, until_ms)
        return False


def _nothing() -> None:
    pass
