"""What a machine and its links know of the world around them."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from relay_server.snapshots import Retention
from simulations.checkers.history import Event
from simulations.world.limits import Limits
from simulations.world.network import Connection
from simulations.world.time import VirtualTime
from simulations.world.trace import Trace


class Surroundings(Protocol):
    """See the module."""

    time: VirtualTime
    trace: Trace
    history: list[Event]
    limits: Limits

    @property
    def retention(self) -> Retention | None:
        """How the relay makes snapshots; None where it makes none."""
        ...

    @property
    def network_effects(self) -> Counter[str]:
        """What bad lines did to frames."""
        ...

    @property
    def relay_skew_ms(self) -> int:
        """How far the relay's own clock is ahead of true time; 0 where there is no relay."""
        ...

    def link_ended(self, number: int, connection: Connection) -> None:
        """A link of the machine of that number is over; it may be made anew."""
        ...

    def started(self, number: int) -> None:
        """Its process runs and may be linked."""
        ...

    def count(self, what: str) -> None:
        """Something happened that a campaign counts."""
        ...
