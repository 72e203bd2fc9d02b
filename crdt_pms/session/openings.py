"""How fast a node learns new journals from the device that opens them: a device that opens very many waits, and no other.

An honest device opens a journal for each start of its process. A device that opens thousands makes every author name them all.
It is not refused, since what one node refuses another would take that heard of it elsewhere; its own sessions are slowed
instead. What other devices forward of it is taken at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from crdt_pms.journal.identifiers import DeviceId
from crdt_pms.session import limits


class _Allowance(NamedTuple):
    """How many journals a device may open at once as of a time; below zero, how many it has opened too many."""

    journals: float
    at_seconds: float


class Openings:
    """The allowances of all devices that have sessions here: a token bucket for each, shared by all its sessions."""

    def __init__(self, monotonic: Callable[[], float], pause: Callable[[float], Awaitable[None]]) -> None:
        """`monotonic` gives seconds that never step back; `pause` returns after that many seconds."""
        self._monotonic = monotonic
        self._pause = pause
        self._allowances: dict[DeviceId, _Allowance] = {}

    async def admit(self, device: DeviceId, journals: int) -> bool:
        """Return when that many more journals of a device may be learned from it. Says whether that took a pause."""
        seconds = self.wait_seconds(device, journals)
        if seconds > 0:
            await self._pause(seconds)
        return seconds > 0

    def wait_seconds(self, device: DeviceId, journals: int) -> float:
        """Count the journals, and say for how many seconds they are to be put off; 0 as long as the allowance holds."""
        now, per_second = self._monotonic(), limits.JOURNALS_OPENED_PER_SECOND
        burst = float(limits.JOURNALS_OPENED_AT_ONCE_MAX)
        former = self._allowances.get(device, _Allowance(burst, now))
        left = min(burst, former.journals + (now - former.at_seconds) * per_second) - journals
        self._allowances[device] = _Allowance(left, now)
        return max(0.0, -left / per_second)
