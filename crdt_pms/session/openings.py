"""How fast a node learns new journals from the device that opens them: a device that opens very many waits, and no other.

An honest device opens a journal for each start of its process. A device that opens thousands makes every author name them all.
It is not refused, since what one node refuses another would take that heard of it elsewhere; its own sessions are slowed
instead. What other devices forward of it is taken at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from crdt_pms.journal.identifiers import DeviceId
from crdt_pms.session import limits

_ROUNDING_JOURNALS: Final = 1e-3
"""What a clock may round away: so little of a journal is not waited for once more."""


class _Allowance(NamedTuple):
    """How many journals a device may open at once as of a time, in seconds of the monotonic clock."""

    journals: float
    at_seconds: float


class Openings:
    """The allowances of all devices that have sessions here: a token bucket for each, shared by all its sessions."""

    def __init__(self, monotonic: Callable[[], float], pause: Callable[[float], Awaitable[None]]) -> None:
        """`monotonic` gives seconds that never step back; `pause` returns after that many seconds."""
        self.pause = pause
        self._monotonic = monotonic
        self._allowances: dict[DeviceId, _Allowance] = {}

    def wait_seconds(self, device: DeviceId) -> float:
        """For how many seconds the next journal of a device is to be put off; 0 when it may be learned now. Counts nothing."""
        left = self._left(device, self._monotonic())
        return 0.0 if left >= 1 - _ROUNDING_JOURNALS else (1 - left) / limits.JOURNALS_OPENED_PER_SECOND

    def take(self, device: DeviceId, journals: int) -> int:
        """How many of so many new journals of a device may be learned now; these are counted.

        A journal is counted when it is taken and not while it waits: a session that ends in a pause has used up nothing.
        """
        now = self._monotonic()
        left = self._left(device, now)
        taken = min(journals, int(left + _ROUNDING_JOURNALS))
        self._allowances[device] = _Allowance(left - taken, now)
        return taken

    def _left(self, device: DeviceId, now: float) -> float:
        burst = float(limits.JOURNALS_OPENED_AT_ONCE_MAX)
        former = self._allowances.get(device, _Allowance(burst, now))
        return min(burst, former.journals + (now - former.at_seconds) * limits.JOURNALS_OPENED_PER_SECOND)
