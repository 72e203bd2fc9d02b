"""Openings of journals in tests: at any pace, or in time that is handed out."""

from __future__ import annotations

from crdt_pms.session.openings import Openings


class HandedTime:
    """Seconds that pass only when something pauses, or a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.seconds

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds


def openings(time: HandedTime) -> Openings:
    return Openings(time.monotonic, time.pause)


def at_any_pace() -> Openings:
    """A pause takes no time."""
    return openings(HandedTime())
