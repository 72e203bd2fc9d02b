"""One chaos run: a hotel of real processes, its schedule in real time, its healing, and the verdict on what it left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import anyio
import httpx

from crdt_pms.runtime.property_loading import load_property
from crdt_pms.store.postgresql import libpq_url
from simulations.checkers.contents import RELAY
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Event, Probe
from simulations.checkers.judging import Finding, judge
from simulations.processes.chaos.answers import REQUEST_SECONDS_MAX, Asking, NotDone
from simulations.processes.chaos.disks import RelayDatabase, TerminalDisk, create_database
from simulations.processes.chaos.faults import Mischief
from simulations.processes.chaos.nodes import DeskNode, RelayNode, look_after
from simulations.processes.chaos.probing import probes_of
from simulations.processes.chaos.schedule import ORIGIN_WORK, ChaosSchedule, Task, Work
from simulations.processes.chaos.staff import Staff
from simulations.processes.chaos.weaving import weave
from simulations.processes.chaos.witness import Witness
from simulations.processes.cluster import Cluster, running_cluster
from simulations.processes.frame_proxy import FrameProxy
from simulations.processes.postgres import EmbeddedPostgres
from simulations.processes.verifier.reading import read_nodes, read_property
from simulations.processes.verifier.record import RunRecord
from simulations.workloads.property import ZONE, make_property

AGREE_SECONDS_MAX: Final = 60.0
"""After the faults end all nodes agree within this. A silent link takes 10 seconds to be noticed, a pause between two attempts
to connect 10 more, and what is left over from the chaos must be sent and committed."""
RELAYS: Final = 2
ROOMS: Final = 30
ROOM_TYPE_SHARES: Final = {"A": 0.7, "D": 0.3}
IN_HOUSE_AT_START: Final = 6
RESERVED_AT_START: Final = 8
_LATE_MS_MAX: Final = 4_000
"""What could not even be begun for so long is not done at all."""
_LOOK_SECONDS: Final = 1.0
_DATABASE: Final = "chaos"

Progress = Callable[[str, int], None]
"""Hears what goes on and how many milliseconds of the schedule are over."""


@dataclass(frozen=True, slots=True)
class ChaosOutcome:
    """A finished and judged run."""

    schedule: ChaosSchedule
    witness: Witness
    history: Sequence[Event]
    findings: Sequence[Finding]
    struck: dict[str, int]
    """How many messages were lost, delayed and so on."""
    entries: int
    agreed_seconds: float | None
    """How long after the healing all nodes agreed; None if they did not in time."""

    @property
    def failures(self) -> list[str]:
        """Everything that makes the run fail."""
        return [
            *self.witness.odd,
            *(f"law {one.law} ({one.checker}): {one.words}" for one in self.findings),
        ]


async def run_chaos(schedule: ChaosSchedule, folder: Path, progress: Progress) -> ChaosOutcome:
    """Run a schedule in real time and judge it. Everything is written to `folder`; every process has ended afterwards.

    Raises JudgeError when what is left cannot be read.
    """
    with EmbeddedPostgres() as postgres:
        address = create_database(libpq_url(postgres.url), _DATABASE)
        opening_date = datetime.now(ZoneInfo(ZONE)).date().isoformat()
        definition = make_property("city", ROOMS, ROOM_TYPE_SHARES, opening_date)
        async with running_cluster(
            folder, definition, schedule.terminals, database_url=address.replace("postgresql://", "postgresql+psycopg://"),
            relays=RELAYS, proxied=True, make_link=FrameProxy,
        ) as cluster:  # fmt: skip
            run = _Run(schedule, cluster, postgres, address, progress)
            agreed_seconds = await run.live()
        progress("judging", schedule.duration_ms)
        return run.judged(address, agreed_seconds)


class _Run:
    """What goes on between the start of the processes and their end."""

    def __init__(
        self, schedule: ChaosSchedule, cluster: Cluster, postgres: EmbeddedPostgres, address: str, progress: Progress
    ) -> None:
        self._schedule = schedule
        self._cluster = cluster
        self._progress = progress
        self._witness = Witness()
        property_id = cluster.definition.property_id
        self._desks = [
            DeskNode(
                desk.name, desk.process, terminal=desk, disk=TerminalDisk(desk.database, property_id)
            )
            for desk in cluster.terminals
        ]  # fmt: skip
        database, attention = RelayDatabase(address, property_id), anyio.Lock()
        self._relays = [
            RelayNode(relay.name, relay.process, attention=attention, database=database) for relay in cluster.relays
        ]
        processes = {node.name: node.process for node in (*self._desks, *self._relays)}
        asking = Asking(cluster.client, self._witness, lambda name: processes[name].is_running)
        self._staff = Staff(cluster, asking, self._witness)
        self._mischief = Mischief(self._desks, self._relays, postgres, self._staff, self._witness, cluster.client)
        self._began_ms = 0

    async def live(self) -> float | None:
        """Everything up to the agreement; how many seconds that took after the healing, None if it did not come."""
        agreed_seconds = None
        for name in (*(desk.name for desk in self._desks), RELAY):
            self._witness.opened(name, {}, rewound=False)
        async with anyio.create_task_group() as watching:
            for node in (*self._desks, *self._relays):
                watching.start_soon(look_after, node, self._witness)
            await self._move_in()
            self._began_ms = self._witness.now_ms
            async with anyio.create_task_group() as tasks:
                for desk in (*range(len(self._desks)), None):
                    tasks.start_soon(self._lane, desk)
                for fault in self._schedule.faults:
                    tasks.start_soon(self._mischief.do, fault, self._wait_until)
                for desk in self._desks:
                    tasks.start_soon(self._look_now_and_then, desk)
            self._mischief.end()
            self._progress("healed", self._schedule.duration_ms)
            agreed_seconds = await self._agree()
            watching.cancel_scope.cancel("the run is over")
        return agreed_seconds

    def judged(self, address: str, agreed_seconds: float | None) -> ChaosOutcome:
        """Read what the ended processes left and judge it with what was seen."""
        record = RunRecord(
            self._cluster.property_file,
            self._cluster.definition.opening_date,
            {desk.name: desk.disk.path for desk in self._desks},
            address,
        )
        facts = read_property(record)
        nodes = read_nodes(record, facts.property_id)
        database = self._relays[0].database
        disks = {desk.name: desk.disk.logs() for desk in self._desks}
        disks[RELAY] = database.logs(database.announced_through(self._witness.heard_through))
        history = weave(self._witness.seen, disks, self._witness.now_ms)
        probes = self._probes()
        findings = judge(Evidence.of(facts, nodes, history=history, probes=probes))
        links = {link for desk in self._cluster.terminals for link in desk.links}
        struck: dict[str, int] = {}
        for link in links:
            assert isinstance(link, FrameProxy), "made by this run"
            for what, amount in link.struck.items():
                struck[what] = struck.get(what, 0) + amount
        entries = next(len(node.entries) for node in nodes if node.is_relay)
        return ChaosOutcome(self._schedule, self._witness, history, findings, struck, entries, agreed_seconds)

    def _probes(self) -> list[Probe]:
        """One terminal's log read anew, in its own order and in another one."""
        desk = self._desks[self._schedule.seed % len(self._desks)]
        definition = load_property(self._cluster.property_file, None)
        device = self._cluster.devices[desk.name]
        return probes_of(desk.name, desk.disk, definition, device, self._schedule.seed)

    async def _move_in(self) -> None:
        """Some guests in house and some expected, so that there is something to do from the first second on."""
        works = [*[Work.WALK_IN] * IN_HOUSE_AT_START, *[Work.RESERVE] * RESERVED_AT_START, Work.BOOK, Work.BOOK]
        for number, work in enumerate(works):
            desk = None if work in ORIGIN_WORK else number % len(self._desks)
            # Below zero: no task of the schedule has these numbers.
            await self._staff.do(Task(0, work, desk, number, -1 - number))

    async def _lane(self, desk: int | None) -> None:
        """What is to be done at one desk, one thing after the other; None is the booking engine."""
        node = self._relays[0] if desk is None else self._desks[desk]
        for task in self._schedule.tasks:
            if task.desk != desk:
                continue
            await self._wait_until(task.at_ms)
            if self._now_ms - task.at_ms > _LATE_MS_MAX:
                self._witness.not_done[f"{task.work}: nobody waits so long"] += 1
                continue
            async with node.attention:
                await self._staff.do(task)
            if desk == 0:
                self._progress("chaos", min(self._now_ms, self._schedule.duration_ms))

    async def _look_now_and_then(self, desk: DeskNode) -> None:
        while self._now_ms < self._schedule.duration_ms:
            await self._look(desk)
            await anyio.sleep(_LOOK_SECONDS)

    async def _look(self, desk: DeskNode) -> None:
        async with desk.attention:
            try:
                await self._staff.look(desk.terminal)
            except NotDone as trouble:
                self._witness.not_done[f"look: {trouble.why}"] += 1

    async def _agree(self) -> float | None:
        began_ms = self._witness.now_ms
        self._witness.healed(int(AGREE_SECONDS_MAX * 1000))
        try:
            await self._cluster.until(lambda: _agrees(self._cluster), AGREE_SECONDS_MAX, "all nodes agree")
        except TimeoutError:
            await self._tell_who_disagrees()
            return None
        seconds = (self._witness.now_ms - began_ms) / 1000
        for desk in self._desks:
            await self._look(desk)
        self._witness.agreed()
        return seconds

    async def _tell_who_disagrees(self) -> None:
        """How everybody stands, for whoever looks for the cause."""
        urls = {desk.name: f"{desk.terminal.url}/api/sync?vector=true" for desk in self._desks}
        urls |= {relay.name: f"{relay.api}/status?vector=true" for relay in self._cluster.relays}
        for name, url in urls.items():
            try:
                said = (await self._cluster.client.get(url, timeout=REQUEST_SECONDS_MAX)).text
            except httpx.TransportError as error:
                said = f"does not answer: {type(error).__name__}"
            self._witness.odd.append(f"the nodes do not agree; {name}: {said}")

    async def _wait_until(self, at_ms: int) -> None:
        if (missing_ms := at_ms - self._now_ms) > 0:
            await anyio.sleep(missing_ms / 1000)

    @property
    def _now_ms(self) -> int:
        return self._witness.now_ms - self._began_ms


async def _agrees(cluster: Cluster) -> bool:
    try:
        return await cluster.agrees()
    except (httpx.HTTPError, ValueError, KeyError):
        return False  # A process is on its way up.
