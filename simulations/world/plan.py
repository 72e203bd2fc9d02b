"""Everything that a world is made of, drawn from its seed before it begins.

A plan is plain data: it can be printed, compared and reduced. What people will do is not in it but follows from what they see;
each piece of work has a seed of its own, so that leaving one out does not change what the others draw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from relay_server.snapshots import Retention
from simulations.world.limits import USUAL, Limits

RELAY: Final = "relay"
START_MS: Final = 1_782_831_600_000
"""2026-07-01 00:00 in Japan."""
SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS


class WorkKind(StrEnum):
    """Who works."""

    STAFF = "staff"
    MANAGER = "manager"
    ORIGIN = "origin"
    """Another system, at the relay."""


@dataclass(frozen=True, slots=True, order=True)
class Work:
    """Somebody does one thing at one terminal (by number, from one; 0 is the relay)."""

    at_ms: int
    node: int
    kind: WorkKind
    seed: int


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something goes wrong from `at_ms` until `until_ms`, at or between those nodes. `amount` means what its kind says."""

    at_ms: int
    until_ms: int
    kind: str
    nodes: tuple[int, ...]
    amount: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Property:
    """The hotel of a world."""

    hotel: str
    rooms: int
    bookings_seed: int
    day_ms: int
    """How much simulated time one business day takes."""


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """One world. Terminals are numbered from one; 0 is the relay. All times are milliseconds since the world began."""

    seed: int
    property: Property
    terminals: int
    has_relay: bool
    mesh: tuple[tuple[int, int], ...]
    """Pairs of terminals that reach each other on the LAN."""
    latency_ms: tuple[int, int]
    """One way: on the LAN, and to the relay."""
    duration_ms: int
    work: tuple[Work, ...]
    faults: tuple[Fault, ...]
    mix_seed: int
    skews_ms: tuple[int, ...]
    """How far each machine's clock is ahead, the relay's first."""
    is_encrypted: bool
    core: tuple[int, ...]
    """The nodes that are healed first and must agree among themselves."""
    absent: tuple[int, ...] = ()
    """Terminals that are never switched on."""
    limits: Limits = USUAL
    retention: Retention | None = None
    """How the relay makes snapshots, in which a day is minutes; None where it makes none."""

    def links(self) -> tuple[tuple[int, int], ...]:
        """Every pair of nodes that has a line."""
        to_relay = ((number, 0) for number in range(1, self.terminals + 1) if number not in self.absent)
        return (*self.mesh, *(to_relay if self.has_relay else ()))

    def without_work(self, left_out: frozenset[int]) -> WorldPlan:
        """The same world without those pieces of work, by their places."""
        return replace(self, work=tuple(one for place, one in enumerate(self.work) if place not in left_out))

    def without_faults(self, left_out: frozenset[int]) -> WorldPlan:
        """The same world without those faults, by their places."""
        return replace(self, faults=tuple(one for place, one in enumerate(self.faults) if place not in left_out))

    def without_terminal(self, number: int) -> WorldPlan:
        """The same world in which that terminal was never switched on: it keeps its number, nobody works there."""
        return replace(
            self,
            mesh=tuple(pair for pair in self.mesh if number not in pair),
            work=tuple(one for one in self.work if one.node != number),
            faults=tuple(one for one in self.faults if number not in one.nodes),
            core=tuple(node for node in self.core if node != number),
            absent=tuple(sorted((*self.absent, number))),
        )
