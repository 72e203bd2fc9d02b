"""Tells tasks of one event loop that something changed, without queues: who is slow hears once of many changes."""

from __future__ import annotations

import anyio


class ChangeSignal:
    """Something that changes. Each waiter hears of every change since it last returned, once."""

    def __init__(self) -> None:
        self._version = 0
        self._event = anyio.Event()

    def notify(self) -> None:
        """Wake every waiter."""
        self._version += 1
        self._event.set()
        self._event = anyio.Event()

    def waiter(self) -> Waiter:
        """Hear of changes from now on."""
        return Waiter(self)

    @property
    def version(self) -> int:
        """How many changes there were."""
        return self._version

    async def wait_beyond(self, version: int) -> None:
        """Return when there were more changes than `version`."""
        while self._version <= version:
            await self._event.wait()


class Waiter:
    """One task's place in the sequence of changes. `wait` misses no change, however long the task was busy."""

    def __init__(self, signal: ChangeSignal) -> None:
        self._signal = signal
        self._seen = signal.version

    async def wait(self) -> None:
        """Return at once when something changed since the last return, else when it does."""
        await self._signal.wait_beyond(self._seen)
        self._seen = self._signal.version
