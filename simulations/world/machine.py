"""A simulated machine: a clock of its own, a disk, a process that runs or does not, and the links of that process."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Final, Protocol

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.errors import JournalError
from crdt_pms.journal.identifiers import VersionVector
from crdt_pms.journal.keys import DeviceKey
from crdt_pms.replica.errors import ReplicaBroken, ReplicaError
from crdt_pms.replica.port import StoreCorrupt, StoreError, StoreUnavailable
from crdt_pms.session.errors import PeerLeft, PeerSilent, SessionError
from crdt_pms.session.exchange import Exchange
from crdt_pms.session.limits import NONCE_BYTES, PING_SECONDS, SILENCE_SECONDS_MAX
from crdt_pms.session.messages import Bye, Certificates, Committed, Entries, Message, State, Taken
from crdt_pms.session.node import Node
from crdt_pms.session.session import Session, bye
from simulations.checkers.history import Event, Opened, Queued, TookDamaged
from simulations.world.disk import Disk
from simulations.world.disk_faults import Crash
from simulations.world.driving import Errand, now
from simulations.world.faulty_store import FaultyStore
from simulations.world.limits import Limits
from simulations.world.network import Connection, DamagedFrame, Line
from simulations.world.time import VirtualTime
from simulations.world.trace import Trace, Weight

PUMP_MS: Final = 10
"""Changes of so short a time are sent together."""
RESTART_MS: Final = 2_000
PING_MS: Final = round(PING_SECONDS * 1_000)
SILENCE_MS: Final = round(SILENCE_SECONDS_MAX * 1_000)
TROUBLES: Final = (SessionError, JournalError, StoreError, ReplicaError)


class Surroundings(Protocol):
    """What a machine knows of the world around it."""

    time: VirtualTime
    trace: Trace
    history: list[Event]
    limits: Limits

    @property
    def network_effects(self) -> Counter[str]:
        """What bad lines did to frames."""
        ...

    def link_ended(self, machine: Machine, connection: Connection) -> None:
        """A link of the machine is over; it may be made anew."""
        ...

    def started(self, machine: Machine) -> None:
        """The machine's process runs and may be linked."""
        ...

    def count(self, what: str) -> None:
        """Something happened that a campaign counts."""
        ...


class Endpoint:
    """One end of a connection. See `simulations.world.network.Receiver`."""

    def __init__(self, machine: Machine, connection: Connection, exchange: Exchange) -> None:
        self.machine = machine
        self.connection = connection
        self.exchange = exchange
        self._heard = 0
        self._has_pinged = False
        self._has_asked = False
        self._errand: Errand[tuple[Message, Sequence[Message]]] | None = None
        """What came last and cannot be taken yet."""
        self._unread: deque[bytes] = deque()
        self._is_silence_due = False
        self._frames_sent = self._frames_taken = 0

    @property
    def line(self) -> Line:
        """What it runs over."""
        return self.connection.line

    def say(self, messages: tuple[Message, ...] | list[Message]) -> None:
        """Send messages, in this order."""
        for message in messages:
            self.machine.tell(f"→ {self.peer_name}: {told(message)}", Weight.DETAIL)
            self._frames_sent += isinstance(message, Entries)
            self.connection.send(self.machine.number, self.exchange.session.seal(message))
        under_way = self._frames_sent - self._frames_taken
        self.machine.note_depth("frames of entries under way", under_way, self.machine.around.limits.frames_under_way)

    def hear(self, frame: bytes) -> None:
        """Take a frame, once the machine does anything."""
        self.machine.when_awake(lambda: self._take(frame))

    def hear_close(self) -> None:
        """The connection is over."""
        self.machine.when_awake(self._closed)

    def expect_silence(self) -> None:
        """Notice after the time that the product waits, unless something comes meanwhile."""
        heard = self._heard
        self.machine.around.time.after(
            SILENCE_MS + self.machine.random.randrange(PING_MS),
            lambda: self.machine.when_awake(lambda: self._notice_silence(heard)),
        )

    def nudge_peer(self) -> None:
        """The product pings every so often; in virtual time only where that makes a difference."""
        self.machine.around.time.after(self.machine.random.randrange(PING_MS), self.ping)

    def ping(self) -> None:
        """Ask for a sign of life and the peer's clock."""
        if self.is_standing and self.exchange.is_open and self.machine.is_up:
            self.machine.within(lambda: self.say([self.exchange.ping()]))

    @property
    def is_standing(self) -> bool:
        """Whether this is still an end of its machine's link."""
        return self.machine.endpoints.get(self.line.ends) is self

    @property
    def is_busy(self) -> bool:
        """Whether it does not listen, since what came last cannot be taken yet. The product goes on pinging then."""
        return self._errand is not None and self.is_standing and not self.machine.is_paused

    @property
    def _is_pinged(self) -> bool:
        """Whether something comes all the time from a peer that does not listen."""
        peer = self.connection.receivers[1 - self.line.ends.index(self.machine.number)]
        return isinstance(peer, Endpoint) and peer.is_busy and self.line.is_whole

    @property
    def peer_name(self) -> str:
        """Who is at the other end, as the world calls it."""
        return self.machine.names.get(self.line.other(self.machine.number), "somebody")

    def pump(self) -> None:
        """Send what the peer lacks, as far as it may be sent now."""
        while self.is_standing:
            messages = now(self.exchange.more())
            if not messages:
                return
            self.say(list(messages))

    def end(self, trouble: Exception) -> None:
        """End the link for that reason, and tell the peer if it still listens."""
        if not self.is_standing:
            return
        reason = str(getattr(trouble, "reason", type(trouble).__name__))
        self.machine.tell(f"link to {self.peer_name} ended: {reason}", Weight.DETAIL)
        self.machine.around.count(f"link_ended_{reason}")
        if not isinstance(trouble, PeerLeft):
            own_fault = isinstance(trouble, StoreError | ReplicaBroken)
            self.say([bye(reason, "this node cannot save" if own_fault else str(trouble))])
        self.connection.close(self.machine.number)
        self._gone()

    def drop_silently(self) -> None:
        """Be gone, and let the other end believe that the connection stands."""
        self.connection.vanish(self.machine.number)
        self._gone()

    def _take(self, frame: bytes) -> None:
        if not self.is_standing:
            return
        self._heard += 1
        if self._errand is not None:
            self._unread.append(frame)
            return
        self._begin(frame)

    def _begin(self, frame: bytes) -> None:
        done = self._answer if not isinstance(frame, DamagedFrame) else self._be_deceived
        self._errand = Errand(self.exchange.take(frame), done)
        self._go_on()

    def _go_on(self) -> None:
        """Take what waits to be taken, as far as it goes, and then what came after it."""
        errand = self._errand
        if not self.is_standing or errand is None:
            return
        self.machine.within(lambda: errand.run(lambda: self.machine.when_awake(self._go_on)), self)
        if self.is_standing and self._errand is None and self._unread:
            self._begin(self._unread.popleft())

    def _be_deceived(self, taken: tuple[Message, Sequence[Message]]) -> None:
        now_ms = self.machine.around.time.now_ms
        self.machine.around.history.append(TookDamaged(now_ms, self.machine.name, told(taken[0])))
        self._answer(taken)

    def _answer(self, taken: tuple[Message, Sequence[Message]]) -> None:
        self._errand = None
        message, answers = taken
        if self._is_silence_due:
            self._is_silence_due = False
            self.expect_silence()
        if isinstance(message, Taken):
            self._frames_taken = message.frames
        self.say(list(answers))
        if self.exchange.is_open and not self._has_pinged:
            self._has_pinged = True
            self.machine.tell(f"linked to {self.peer_name}", Weight.DETAIL)
            self.say([self.exchange.ping()])
        if isinstance(message, State | Taken | Entries):
            # What else may have to be sent the node says itself.
            self.pump()

    def _notice_silence(self, heard: int) -> None:
        if not self.is_standing:
            return
        if self._errand is not None:
            # It does not listen.
            self._is_silence_due = True
            return
        if self._is_pinged:
            return
        if self._heard == heard:
            self.machine.within(lambda: self.end(PeerSilent("nothing was heard for too long")))
        elif not self._has_asked:
            # What was heard may have been under way before the peer fell silent: the next ping will show.
            self._has_asked = True
            self.ping()
            self.expect_silence()
        else:
            self._has_asked = False

    def _closed(self) -> None:
        if self.is_standing:
            self._gone()

    def _gone(self) -> None:
        del self.machine.endpoints[self.line.ends]
        self.machine.around.link_ended(self.machine, self.connection)


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
        key: DeviceKey,
        disk: Disk,
        random: Random,
        around: Surroundings,
    ) -> None:
        self.number = number
        self.names = names
        self.definition = definition
        self.key = key
        self.disk = disk
        self.random = random
        self.around = around
        self.clock = _Clock()
        self.endpoints: dict[tuple[int, int], Endpoint] = {}
        self.versions: tuple[int, int] = (1, 1)
        self.is_up = False
        self.is_rewound = False
        """Whether the disk was put back since the last process run began."""
        self.stays_down = False
        """Whether nobody switches it on again for now."""
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

    @abstractmethod
    def open(self) -> None:
        """Begin a process run on the disk. Raises StoreError."""

    @abstractmethod
    def forget(self) -> None:
        """Drop everything that only the process had."""

    def machine_ms(self) -> int:
        """UTC milliseconds as the machine's own clock says."""
        return self.around.time.now_ms + self.clock.skew_ms

    def tell(self, words: str, weight: Weight = Weight.EVENT) -> None:
        """Note what happened here."""
        self.around.trace.tell(self.around.time.now_ms, self.name, words, weight)

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
            self.open()
        except Crash:
            self._killed("crashed while it started")
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
        self.around.history.append(Opened(self.around.time.now_ms, self.name, {**self.holds}, rewound=self.is_rewound))
        self.is_rewound = False
        self.around.started(self)

    def within(self, call: Callable[[], None], endpoint: Endpoint | None = None) -> None:
        """Let the process do something. What goes wrong ends the link that it came from, the process, or both."""
        try:
            call()
        except Crash:
            self._killed("crashed")
        except StoreCorrupt as error:
            self.tell(f"finds its disk damaged: {error.reason}")
            self.end_damaged()
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
        self.is_rewound = True
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
        endpoint = Endpoint(self, connection, Exchange(self.node, session))
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


def told(message: Message) -> str:
    """A message in a word or two."""
    match message:
        case Entries(entries):
            return f"{len(entries)} entries"
        case Certificates(certificates):
            return f"{len(certificates)} certificates"
        case Committed(_generation, runs):
            return f"committed up to {runs[-1].last_position}" if runs else "committed nothing"
        case Bye(reason, _words):
            return f"bye ({reason})"
        case _:
            return type(message).__name__.lower()
