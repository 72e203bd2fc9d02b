"""How relay processes on one database wake each other after a commit.

A wake-up is no message: it says that looking is worth while, and any of them may be lost. Behind it stands the look that an
idle committer takes by itself every FOREIGN_POLL_SECONDS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class WakeUps(Protocol):
    """The way between the processes. Neither call waits or fails."""

    def listen(self, property_id: str, wake: Callable[[], None]) -> None:
        """From now on call `wake` when another process told of the property, and whenever a word of it may have been missed."""
        ...

    def tell(self, property_id: str) -> None:
        """Something of the property was committed: let the other processes know. To be called after the commit."""
        ...


class CarriedWakeUps(WakeUps, Protocol):
    """Wake-ups that a task carries: what was told before it runs waits for it."""

    async def run(self) -> None:
        """Carry wake-ups in both directions until cancelled, through every outage of the database."""
        ...
