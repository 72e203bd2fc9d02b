"""kill -9 in the middle of an hour's work, and a start right after."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from random import Random
from typing import Final

import anyio

from simulations.processes.cluster import Cluster
from simulations.processes.managed_process import ManagedProcess
from simulations.processes.postgres import EmbeddedPostgres


class Kill(StrEnum):
    """What is killed, once a day."""

    NONE = "none"
    RELAY = "relay"
    POSTGRES = "postgres"
    TERMINAL = "terminal"
    ALL = "all"


HOURS: Final = {11: Kill.RELAY, 16: Kill.TERMINAL, 19: Kill.POSTGRES}
WITHIN_SECONDS: Final = 0.15


class Killer:
    """Kills what the plan says for an hour while that hour's work goes on."""

    def __init__(self, cluster: Cluster, postgres: EmbeddedPostgres | None, kill: Kill, random: Random) -> None:
        """`postgres` must be given where it is to be killed."""
        self._cluster = cluster
        self._postgres = postgres
        self._kill = kill
        self._random = random
        self.kills: Counter[Kill] = Counter()

    async def strike(self, hour: int) -> None:
        """Kill and start again what falls on this hour; returns when it answers."""
        victim = HOURS.get(hour)
        if victim is None or self._kill not in (victim, Kill.ALL):
            return
        await anyio.sleep(self._random.uniform(0, WITHIN_SECONDS))
        self.kills[victim] += 1
        match victim:
            case Kill.POSTGRES:
                assert self._postgres is not None, "checked when the replay began"
                await anyio.to_thread.run_sync(self._restart_postgres, self._postgres)
                await self._cluster.relay.process.until_ready(self._cluster.client)
            case Kill.RELAY:
                await self._restart(self._cluster.relay.process)
            case _:
                await self._restart(self._random.choice(self._cluster.terminals).process)

    async def _restart(self, process: ManagedProcess) -> None:
        await anyio.to_thread.run_sync(process.kill)
        process.start()
        await process.until_ready(self._cluster.client)

    @staticmethod
    def _restart_postgres(postgres: EmbeddedPostgres) -> None:
        postgres.kill()
        postgres.restart()
