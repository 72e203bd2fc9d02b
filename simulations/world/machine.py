"""A simulated machine: a clock of its own, a disk, a process that runs or does not, and the links of that process."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import Final

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.errors import JournalError
from crdt_pms.journal.identifiers import VersionVector
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.ports.errors import StoreCorrupt, StoreDoubtful, StoreError, StoreUnavailable, StoreWentBack
from crdt_pms.replica.errors import OwnEntryRefused, ReplicaError
from crdt_pms.session.errors import SessionError
from crdt_pms.session.limits import JOURNALS_OPENED_PER_SECOND, NONCE_BYTES, PROTOCOL_VERSION_MAX, PROTOCOL_VERSION_MIN
from crdt_pms.session.node import Node
from crdt_pms.session.openings import Openings
from crdt_pms.session.session import Session
from simulations.checkers.contents import digest_of_rows
from simulations.checkers.history import LossTold, Opened, OpenedJournals, Queued, Read
from simulations.checkers.violation import Dot
from simulations.world.disk import Disk
from simulations.world.disk_faults import Crash
from simulations.world.driving import Turnstile
from simulations.world.endpoint import Endpoint
from simulations.world.faulty_store import FaultyStore
from simulations.world.network import Connection
from simulations.world.surroundings import Surroundings
from simulations.world.trace import Weight
from simulations.world.versions import CURRENT, Program, running
from simulations.world.watched_openings import WatchedExchange, WatchedOpenings

PUMP_MS: Final = 10
"""Changes of so short a time are sent together."""
RESTART_MS: Final = 2_000
TROUBLES: Final = (SessionError, JournalError, StoreError, ReplicaError)


@dataclass
class _Clock:
    """How far the machine's own clock is ahead of true time."""

    skew_ms: int = 0


class Machine(ABC):
    """See the module. The process of a machine starts with `start` and ends by itself, by `kill` or by `lose_power`."""

    def __init__(
        self,
        number: int,
        names: Mapping[int, str],
        definition: PropertyDefinition,
        device: EnrolledDevice,
        disk: Disk,
        random: Random,
        around: Surroundings,
    ) -> None:
        self.number = number
        self.names = names
        self.definition = definition
        self.device = device
        self.disk = disk
        self.random = random
        self.around = around
        self.clock = _Clock()
        self.endpoints: dict[tuple[int, int], Endpoint] = {}
        self.versions: tuple[int, int] = (PROTOCOL_VERSION_MIN, PROTOCOL_VERSION_MAX)
        self.program = CURRENT
        """The version that the next process run is of, and the running one."""
        self.is_up = False
        self.is_rewound = False
        """Whether the disk was put back since the last process run began."""
        self.is_replaced = False
        """Whether all of the disk was, so that nothing on it says so."""
        self.accepts_loss = False
        """Whether its operator was told that the disk went back, and accepted that."""
        self.stays_down = False
        """Whether nobody switches it on again for now."""
        self._began_ms = 0
        self._is_paused = False
        self._waiting: list[Callable[[], None]] = []
        self._is_pump_due = False
        self._deepest: dict[str, int] = {}

    @property
    def name(self) -> str:
        """What the world calls it."""
        return self.names[self.number]

    @property
    @abstractmethod
    def node(self) -> Node:
        """The product's node of the running process."""

    @property
    @abstractmethod
    def store(self) -> FaultyStore:
        """The store of the running process."""

    @property
    @abstractmethod
    def holds(self) -> VersionVector:
        """The version vector of the running process."""

    @property
    def forked(self) -> Mapping[bytes, int]:
        """The journals that the running process may hold another branch of than before, and from which number on."""
        return {}

    @property
    def waiting(self) -> frozenset[Dot]:
        """The entries that the running process holds and cannot read."""
        return frozenset()

    @abstractmethod
    def content_hash(self) -> bytes:
        """The running process's own digest of its content."""

    @abstractmethod
    def open(self) -> None:
        """Begin a process run on the disk. Raises StoreError."""

    @abstractmethod
    def forget(self) -> None:
        """Drop everything that only the process had."""

    def machine_ms(self) -> int:
        """UTC milliseconds as the machine's own clock says."""
        return self.around.time.now_ms + self.clock.skew_ms

    def openings(self) -> Openings:
        """How fast devices may open journals at a process that begins now."""
        self._began_ms = self.around.time.now_ms

        async def pause(seconds: float) -> None:
            over = Turnstile()
            self.around.time.after(ceil(seconds * 1_000), lambda: self.when_awake(over.let_through))
            await over

        return WatchedOpenings(self, lambda: self.around.time.now_ms / 1_000, pause)

    def note_openings(self, device: str, journals: int) -> None:
        """Write down that the process learned new journals of a device from itself, or, of none, that the device waits."""
        at_once_max, per_second = self.around.limits.journals_opened_at_once, JOURNALS_OPENED_PER_SECOND
        event = OpenedJournals(
            self.around.time.now_ms, self.name, device, journals, self._began_ms, at_once_max, per_second
        )
        self.around.history.append(event)

    def tell(self, words: str, weight: Weight = Weight.EVENT) -> None:
        """Note what happened here."""
        self.around.trace.tell(self.around.time.now_ms, self.name, words, weight)

    def read(self, *, with_rows: bool) -> None:
        """Write down the content digest of the process, and what its database shows."""
        parameters = (self.definition.property_id,)
        rows = None
        if with_rows:
            rows = digest_of_rows(lambda statement: self.store.select(statement.replace("%s", "?"), parameters))
        now_ms = self.around.time.now_ms
        self.around.history.append(Read(now_ms, self.name, self.content_hash(), {**self.holds}, rows, self.waiting))

    @abstractmethod
    def note_clock(self) -> None:
        """Write down what time the process goes by, if that is judged and has changed."""

    def note_depth(self, what: str, size: int, limit: int) -> None:
        """Write down how much of something is held, if it was never more."""
        if size > self._deepest.get(what, 0):
            self._deepest[what] = size
            self.around.history.append(Queued(self.around.time.now_ms, self.name, what, size, limit))

    def start(self) -> None:
        """Begin a process run, unless one runs or the machine stays down."""
        if self.is_up or self.stays_down:
            return
        try:
            with running(self.program):
                self.open()
        except Crash:
            self._killed("crashed while it started")
            return
        except StoreDoubtful as error:
            self._hear_of_loss(error)
            return
        except StoreCorrupt as error:
            self.tell(f"its disk is damaged, the file is moved aside: {type(error).__name__}")
            self.around.count("disk_found_damaged")
            self.replace_disk()
            return
        except StoreError as error:
            self.tell(f"does not start: {type(error).__name__}")
            self._end_process()
            if not (isinstance(error, StoreUnavailable) and self.disk.faults.armed):
                # Otherwise whoever makes the database answer again starts it (`World.disk_works`).
                self._restart_later()
            return
        self.is_up = True
        self.tell("runs")
        self.note_clock()
        opened = Opened(
            self.around.time.now_ms,
            self.name,
            {**self.holds},
            self.is_rewound,
            self.is_replaced,
            self.waiting,
            self.forked,
        )
        self.around.history.append(opened)
        self.is_rewound = self.is_replaced = self.accepts_loss = False
        self.around.started(self.number)

    def within(self, call: Callable[[], None], endpoint: Endpoint | None = None) -> None:
        """Let the process do something. What goes wrong ends the link that it came from, the process, or both."""
        try:
            with running(self.program):
                call()
        except Crash:
            self._killed("crashed")
        except StoreCorrupt as error:
            self.tell(f"finds its disk damaged: {error.reason}")
            self.end_damaged()
        except OwnEntryRefused:
            # A defect of the product: what an action writes passes its own gate.
            raise
        except TROUBLES as trouble:
            if endpoint is None:
                self.tell(f"failed: {trouble.reason}", Weight.DETAIL)
                return
            with suppress(Crash):
                endpoint.end(trouble)

    def kill(self) -> None:
        """End the process as kill -9 does. The operating system closes its connections."""
        if self.is_up:
            self._killed("is killed")

    def update(self, program: Program) -> None:
        """End the process and install another version; it runs from the next start on."""
        self.kill()
        self.program = program
        self.tell(f"is now {program.name}")

    def lose_power(self, random: Random) -> int:
        """Switch the machine off: nobody is told. Returns how many commits the disk lost."""
        was_up = self.is_up
        self.is_up = False
        self._forget_links(silently=True)
        self.forget()
        loss = self.disk.lose_power(random)
        if was_up:
            self.tell(f"loses power; its disk loses {loss.commits_lost} commits")
            self._restart_later()
        return loss.commits_lost

    def end(self) -> None:
        """End the process in order."""
        if not self.is_up:
            return
        self.is_up = False
        self._forget_links(silently=False)
        self.forget()
        self.disk.close()

    def is_disk_readable(self) -> bool:
        """Whether every page of every table can be read; the product reads only what it needs."""
        try:
            return self.store.select("PRAGMA integrity_check") == [("ok",)]
        except StoreCorrupt:
            return False

    def end_damaged(self) -> None:
        """End the process and begin with an empty disk."""
        self.around.count("disk_found_damaged")
        self._end_process()
        self.replace_disk()

    def replace_disk(self) -> None:
        """Begin with an empty disk, as the operator does with a damaged one."""
        if self.disk.is_open:
            self.disk.kill()
        self.disk.wipe()
        self.is_rewound = self.is_replaced = True
        self._restart_later()

    @property
    def is_paused(self) -> bool:
        """Whether the process is frozen."""
        return self._is_paused

    def pause(self) -> None:
        """Freeze the process: what comes waits."""
        self._is_paused = True

    def resume(self) -> None:
        """Let it go on with what waited."""
        self._is_paused = False
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            self.when_awake(call)

    def when_awake(self, call: Callable[[], None]) -> None:
        """Let something happen to the process: now, when it goes on, or never if there is none."""
        if not self.is_up:
            return
        if self._is_paused:
            self._waiting.append(call)
        else:
            call()

    def link(self, connection: Connection) -> Endpoint:
        """Be one end of a new connection, and say hello."""
        session = Session(self.node.identity, self.random.randbytes(NONCE_BYTES))
        endpoint = Endpoint(self, connection, WatchedExchange(self, self.node, session))
        self.endpoints[connection.line.ends] = endpoint
        connection.receivers[connection.line.ends.index(self.number)] = endpoint
        self.when_awake(lambda: endpoint.say([endpoint.exchange.begin()]))
        return endpoint

    def notify(self) -> None:
        """There may be more to send."""
        if not self._is_pump_due:
            self._is_pump_due = True
            self.around.time.after(PUMP_MS, lambda: self.when_awake(self._pump))

    def _pump(self) -> None:
        self._is_pump_due = False
        for endpoint in list(self.endpoints.values()):
            self.within(endpoint.pump, endpoint)

    def _hear_of_loss(self, doubt: StoreDoubtful) -> None:
        """What an operator does who is told that the disk went back and has no better copy: accept it, and start again."""
        lost = (doubt.own, doubt.others) if isinstance(doubt, StoreWentBack) else (None, None)
        self.tell(f"does not start, and tells what its disk lost: {doubt.reason}")
        self.around.count(doubt.reason)
        self.around.history.append(LossTold(self.around.time.now_ms, self.name, doubt.reason, *lost))
        self._end_process()
        self.accepts_loss = True
        self._restart_later()

    def _killed(self, words: str) -> None:
        self.tell(words)
        self._end_process()
        self._restart_later()

    def _end_process(self) -> None:
        self.is_up = False
        self._forget_links(silently=False)
        self.forget()
        if self.disk.is_open:
            self.disk.kill()

    def _forget_links(self, *, silently: bool) -> None:
        self._waiting.clear()
        self._is_paused = False
        self._is_pump_due = False
        endpoints, self.endpoints = list(self.endpoints.values()), {}
        for endpoint in endpoints:
            if silently:
                endpoint.connection.vanish(self.number)
            else:
                endpoint.connection.close(self.number)

    def _restart_later(self) -> None:
        self.around.time.after(RESTART_MS, self.start)
