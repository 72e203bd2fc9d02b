"""The time of a node: its machine's clock, corrected by what sessions learn of others'."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Protocol


class Clock(Protocol):
    """Time as handed to the pure packages."""

    def now_ms(self) -> int:
        """UTC milliseconds since 1970, corrected."""
        ...

    def machine_ms(self) -> int:
        """The same, as this machine's own clock says: what nodes compare with each other."""
        ...

    def learn(self, device: str, is_relay: bool, offset_ms: int) -> None:
        """Hear how far a session measured another machine's clock ahead of this one's."""
        ...


class AgreedClock:
    """The machine's clock plus the offset learned from the relay and peers.

    The relay's clock, being one for all, decides: once it has been heard, peers are not asked. Without it a terminal takes the
    median of all machines' clocks, its own among them: terminals that hear each other agree, and of three a single wrong one
    follows the others. Machines are compared, not what they make of it: two terminals that took over each other's correction
    would swap their errors for ever.
    """

    def __init__(self, machine_ms: Callable[[], int]) -> None:
        """`machine_ms` reads the machine's own clock."""
        self._machine_ms = machine_ms
        self._peer_offsets_ms: dict[str, int] = {}
        self._relay_offset_ms: int | None = None

    def now_ms(self) -> int:
        """The corrected time."""
        return self._machine_ms() + self.offset_ms

    def machine_ms(self) -> int:
        """The machine's own time."""
        return self._machine_ms()

    @property
    def offset_ms(self) -> int:
        """How far the machine's clock is behind (positive) or ahead (negative) of what is agreed."""
        if self._relay_offset_ms is not None:
            return self._relay_offset_ms
        return round(median([0, *self._peer_offsets_ms.values()]))

    def learn(self, device: str, is_relay: bool, offset_ms: int) -> None:
        """Take over how far a session measured another machine's clock ahead of this one's."""
        if is_relay:
            self._relay_offset_ms = offset_ms
        else:
            self._peer_offsets_ms[device] = offset_ms
