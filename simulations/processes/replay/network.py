"""The network of a replay: which links are cut, when, and how quickly everybody agrees again after they are healed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from random import Random
from time import monotonic
from typing import Final

import anyio

from simulations.processes.cluster import Cluster, TerminalProcess
from simulations.processes.link_proxy import LinkProxy

CONVERGE_SECONDS_MAX: Final = 120.0
FLAP_SECONDS: Final = (0.05, 0.4)


class Cuts(StrEnum):
    """How the network misbehaves."""

    NONE = "none"
    RELAY = "relay"
    """The line to the relay is down for all desks, every day from 9 to 17."""
    ISOLATE = "isolate"
    """One desk after the other is alone, from 8 one day to 20; it runs its own night audit when alone at 23."""
    FLAPPING = "flapping"
    """Every link goes down and up again all the time."""


class Network:
    """Every link of a cluster, and the plan by which they are cut."""

    def __init__(self, cluster: Cluster, cuts: Cuts, random: Random) -> None:
        self._cluster = cluster
        self._cuts = cuts
        self._random = random
        self._flapping = cuts is Cuts.FLAPPING
        self._planned: set[LinkProxy] = set()
        self.recovery_seconds: list[float] = []
        self.cuts_made = 0
        self._links: list[LinkProxy] = []
        for terminal in cluster.terminals:
            self._links += [link for link in terminal.links if link not in self._links]

    @property
    def is_whole(self) -> bool:
        """Whether no link is cut and none is about to be."""
        return not self._planned and not self._flapping

    @property
    def bytes_forwarded(self) -> int:
        """Everything that went over all links."""
        return sum(link.bytes_forwarded for link in self._links)

    async def enter_hour(self, day: int, hour: int) -> None:
        """Cut and heal what the plan says for this hour."""
        planned = self._plan(day, hour)
        if planned == self._planned:
            return
        healed = self._planned - planned
        self._planned = planned
        self._apply(planned)
        if healed and not planned:
            await self.measure_recovery()

    async def flap(self) -> None:
        """Cut and heal links at random until cancelled; only under `flapping`."""
        while self._cuts is Cuts.FLAPPING:
            await anyio.sleep(self._random.uniform(*FLAP_SECONDS))
            if self._flapping:
                link = self._random.choice(self._links)
                link.heal() if link.is_cut else link.cut()
                self.cuts_made += link.is_cut

    @asynccontextmanager
    async def apart(self, desk: TerminalProcess) -> AsyncIterator[None]:
        """One desk alone and everything else whole, after all agreed; whole again afterwards."""
        self._apply(set(desk.links))
        try:
            yield
        finally:
            self._apply(set())

    @asynccontextmanager
    async def whole(self) -> AsyncIterator[None]:
        """No link cut, and everybody agreed; afterwards as the plan says."""
        flapping, self._flapping = self._flapping, False
        self._apply(set())
        await self.measure_recovery()
        try:
            yield
        finally:
            self._flapping = flapping
            self._apply(self._planned)

    async def heal_for_good(self) -> None:
        """Heal everything; no plan cuts any more."""
        self._flapping = False
        self._planned = set()
        self._apply(set())
        await self.measure_recovery()

    async def measure_recovery(self) -> None:
        """Wait until all desks and the relay hold the same entries and nothing is tentative. Raises TimeoutError."""
        began = monotonic()
        await self._cluster.until(self._cluster.agrees, CONVERGE_SECONDS_MAX, "all desks and the relay agree")
        self.recovery_seconds.append(monotonic() - began)

    def alone(self) -> TerminalProcess | None:
        """The desk that the plan has cut off, under `isolate`."""
        for terminal in self._cluster.terminals:
            if self._planned and self._planned == set(terminal.links):
                return terminal
        return None

    def _plan(self, day: int, hour: int) -> set[LinkProxy]:
        terminals = self._cluster.terminals
        if self._cuts is Cuts.RELAY and 9 <= hour < 17:
            return {terminal.relay_link for terminal in terminals if terminal.relay_link is not None}
        if self._cuts is Cuts.ISOLATE:
            # From 8 on even days to 20 on odd ones: a night and more alone, then an evening together.
            alone = terminals[(day // 2) % len(terminals)]
            if day % 2 == 0 or hour < 20:
                return set(alone.links)
        return set()

    def _apply(self, cut: set[LinkProxy]) -> None:
        for link in self._links:
            if link in cut and not link.is_cut:
                link.cut()
                self.cuts_made += 1
            elif link not in cut and link.is_cut:
                link.heal()
