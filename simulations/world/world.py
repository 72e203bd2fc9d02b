"""One simulated hotel: its machines, its network, what people do there and what goes wrong, from a plan to a verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from crdt_pms.session.errors import LinkExists
from crdt_pms.session.pace import Pace
from crdt_pms.session.sole_link import gives_way
from simulations.checkers.history import Agreed, Event, Healed
from simulations.checkers.judging import Finding
from simulations.world.endpoint import PING_MS
from simulations.world.hotel import Hotel
from simulations.world.machine import Machine
from simulations.world.network import Connection, Line, Network
from simulations.world.plan import RELAY, START_MS, Fault, Work, WorkKind, WorldPlan
from simulations.world.relay import Relay
from simulations.world.terminal import Terminal
from simulations.world.time import VirtualTime
from simulations.world.trace import Trace
from simulations.world.versions import Program

AGREE_WITHIN_MS: Final = 90_000
"""The stated limit of liveness: after the faults ended all nodes that can reach each other agree within this virtual time.

It is made of what the product waits: a silent peer is given up after 12 s, a link is tried again within 10 s, a process starts
within 2 s and may find its disk damaged; a chain of terminals passes on in as many steps as it is long.
"""
LOOK_MS: Final = 500
PACE: Final = Pace()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a world."""

    seed: int
    hash: str
    findings: Sequence[Finding]
    counts: Counter[str]
    """What happened how often: actions, refusals, fault effects, conflicts and alerts by kind."""
    agreed_after_ms: Sequence[int | None]
    """How long after each healing the nodes agreed."""


class World:
    """See the module. `simulations.world.running.run_world` is the way in."""

    def __init__(self, plan: WorldPlan, hotel: Hotel, folder: Path, trace: Trace) -> None:
        """`hotel` is what the worlds of a process share; `folder` is for this one's disks."""
        self.plan = plan
        self.limits = plan.limits
        self.retention = plan.retention
        self.hotel = hotel
        self.trace = trace
        self.time = VirtualTime(START_MS)
        self.history: list[Event] = []
        self.counts: Counter[str] = Counter()
        self.network = Network(self.time)
        self.network.on_mended = self._dial_soon
        self.names = {0: RELAY, **{number: f"desk-{number}" for number in range(1, plan.terminals + 1)}}
        self.machines: dict[int, Machine] = {}
        self.before_all_is_healed: list[Callable[[], object]] = []
        """What is done before the nodes outside the core are healed, too."""
        self._cut_off: list[tuple[Line, int]] = []
        self.people = hotel.people(plan)
        self._add_machines(folder)
        self._add_lines()

    @property
    def final_program(self) -> Program:
        """The version that every machine has in the end."""
        return next(iter(self.machines.values())).program

    @property
    def network_effects(self) -> Counter[str]:
        """What bad lines did to frames."""
        return self.network.effects

    @property
    def terminals(self) -> list[Terminal]:
        """All terminals, by number."""
        return [machine for machine in self.machines.values() if isinstance(machine, Terminal)]

    @property
    def relay(self) -> Relay | None:
        """The relay, if there is one."""
        relay = self.machines.get(0)
        return relay if isinstance(relay, Relay) else None

    @property
    def relay_skew_ms(self) -> int:
        """How far the relay's own clock is ahead of true time; 0 where there is no relay."""
        return 0 if self.relay is None else self.relay.clock.skew_ms

    def random(self, *names: object) -> Random:
        """A source of randomness of its own for everything that is named."""
        return Random("/".join(map(str, (self.plan.seed, *names))))

    def count(self, what: str) -> None:
        """Something happened that a campaign counts."""
        self.counts[what] += 1

    def tell(self, words: str) -> None:
        """Note what happened to the world."""
        self.trace.tell(self.time.now_ms, "", words)

    def at_plan_time(self, at_ms: int, call: Callable[[], None]) -> None:
        """Let something happen at a time of the plan."""
        self.time.at(START_MS + at_ms, call)

    def after_fault(self, fault: Fault, call: Callable[[], None]) -> None:
        """Let something happen when a fault ends."""
        self.at_plan_time(fault.until_ms, call)

    def measure_clocks(self, machine: Machine) -> None:
        """The pings that the product sends every two seconds find out that a clock has changed."""
        for line in self.network.of(machine.number):
            for number in line.ends:
                endpoint = self.machines[number].endpoints.get(line.ends) if number in self.machines else None
                if endpoint is not None:
                    self.time.after(machine.random.randrange(PING_MS), endpoint.ping)

    def disk_works(self, machine: Machine) -> None:
        """The disk of a machine works again: what would be tried again anyway is tried now."""
        machine.start()
        if isinstance(machine, Relay):
            machine.database_answers()

    # Machines and links

    def started(self, number: int) -> None:
        """A process runs: whoever connects tries."""
        for line in self.network.of(number):
            self._dial_soon(line)

    def link_ended(self, number: int, connection: Connection) -> None:
        """A link is over at one end; if that end connects, it makes another, whoever made this one."""
        line = connection.line
        dialing = line.dialing.get(number)
        if dialing is None:
            return
        if connection.dialer == number:
            stood_ms = self.time.now_ms - (dialing.linked_at_ms or 0)
            dialing.failures = PACE.failures_after(dialing.failures, stood_ms / 1_000)
        self._dial_later(line, number)

    def _dial_soon(self, line: Line) -> None:
        for number in line.dialing:
            self._dial_later(line, number)

    def _dial_later(self, line: Line, number: int) -> None:
        dialing = line.dialing[number]
        if not dialing.is_due:
            dialing.is_due = True
            pause_ms = round(PACE.pause_seconds(dialing.failures, line.random) * 1_000)
            self.time.after(pause_ms, lambda: self._dial(line, number))

    def _dial(self, line: Line, number: int) -> None:
        dialing = line.dialing[number]
        dialing.is_due = False
        dialer, acceptor = (self.machines.get(end) for end in (number, line.other(number)))
        if dialer is None or acceptor is None:
            return
        if not dialer.is_up or line.ends in dialer.endpoints:
            return
        if not line.is_whole or not acceptor.is_up or dialer.device is acceptor.device:
            # A device does not talk to its own clone. What else keeps the link from being made will say when it is over.
            dialing.failures = PACE.failures_after(dialing.failures, 0)
            return
        if not self._takes_place(dialer, acceptor, line):
            self.count("link_refused")
            dialing.failures = PACE.failures_after(dialing.failures, 0)
            self._dial_later(line, number)
            return
        connection = self.network.connect(line, number)
        dialing.linked_at_ms = self.time.now_ms
        for machine in (dialer, acceptor):
            machine.link(connection).expect_silence()

    def _takes_place(self, dialer: Machine, acceptor: Machine, line: Line) -> bool:
        """Whether nothing stands in the way of a new link; an older one, of which only the acceptor still knows, may."""
        standing = acceptor.endpoints.get(line.ends)
        if standing is None:
            return True
        maker, newer = self.machines[standing.connection.dialer].device.device_id, dialer.device.device_id
        if not gives_way(maker, newer, (newer, acceptor.device.device_id)):
            return False
        standing.end(LinkExists("a newer link took its place"))
        return True

    def _add_machines(self, folder: Path) -> None:
        plan, hotel = self.plan, self.hotel
        for number, name in self.names.items():
            if number in plan.absent or (number == 0 and not plan.has_relay):
                continue
            kind = Terminal if number else Relay
            disk = hotel.disk(folder / name, is_encrypted=plan.is_encrypted)
            machine = kind(
                number, self.names, hotel.definition, hotel.device(number), disk, self.random("machine", number), self
            )
            machine.clock.skew_ms = plan.skews_ms[number]
            self.machines[number] = machine

    def _add_lines(self) -> None:
        lan_ms, wan_ms = self.plan.latency_ms
        for ends in self.plan.mesh:
            self.network.add(ends, lan_ms, self.random("line", *ends), dialers=ends)
        if self.plan.has_relay:
            for terminal in self.terminals:
                ends = (terminal.number, 0)
                self.network.add(ends, wan_ms, self.random("line", *ends), dialers=ends[:1])

    # The life of a world

    def live(self, apply: Callable[[World, Fault], None]) -> None:
        """Let everything planned happen. `apply` makes a fault begin and arranges for its end."""
        for machine in self.machines.values():
            self.time.after(0, machine.start)
        for fault in self.plan.faults:
            self.time.at(START_MS + fault.at_ms, lambda fault=fault: apply(self, fault))
        for work in self.plan.work:
            self.time.at(START_MS + work.at_ms, lambda work=work: self._work(work))
        self.time.run(START_MS + self.plan.duration_ms)

    def heal_core(self) -> int | None:
        """Heal the plan's core while all others are out of reach; see `heal`."""
        others = [number for number in self.machines if number not in self.plan.core]
        self._cut_off = [(line, number) for other in others for line in self.network.of(other) for number in line.ends]
        for line, number in self._cut_off:
            self.network.cut(line, number)
        return self.heal(self.plan.core)

    def heal_all(self) -> int | None:
        """Heal everything; see `heal`."""
        for call in self.before_all_is_healed:
            call()
        self.before_all_is_healed.clear()
        cut_off, self._cut_off = self._cut_off, []
        for line, number in cut_off:
            self.network.mend(line, number)
        return self.heal(list(self.machines))

    def replace_unreadable(self) -> bool:
        """Read every disk to its end, as an operator's check does, and replace those that cannot be read. Whether any was."""
        rotten = self.machines.values() if self.counts["fault_bit_rot"] else ()
        damaged = [machine for machine in rotten if machine.is_up and not machine.is_disk_readable()]
        for machine in damaged:
            machine.tell("a check finds its disk damaged")
            machine.end_damaged()
        return bool(damaged)

    def close(self) -> None:
        """End every process."""
        for machine in self.machines.values():
            machine.stays_down = True
            machine.end()

    def heal(self, core: Sequence[int]) -> int | None:
        """Start what is down, mend what is cut, and wait until those nodes agree. Returns how long it took, None if never."""
        began_ms = self.time.now_ms
        self.history.append(Healed(began_ms, AGREE_WITHIN_MS))
        self.tell(f"healed: {', '.join(self.names[number] for number in core)}")
        for number in core:
            machine = self.machines[number]
            machine.stays_down = False
            machine.disk.faults.disarm()
            machine.disk.make_room()
            machine.resume()
            machine.start()
        if 0 in core and self.relay is not None:
            self.relay.database_answers()
        agreed = False

        def look() -> None:
            nonlocal agreed
            agreed = self.agree(core)
            if not agreed:
                self.time.after(LOOK_MS, look)

        self.time.after(LOOK_MS, look)
        self.time.run(began_ms + AGREE_WITHIN_MS, lambda: agreed)
        if not agreed:
            self.tell("the nodes do not agree")
            return None
        for number in core:
            self.machines[number].read(with_rows=number == core[0])
        self.history.append(Agreed(self.time.now_ms))
        self.tell("the nodes agree")
        return self.time.now_ms - began_ms

    def agree(self, core: Sequence[int]) -> bool:
        """Whether those nodes agree, as far as they reach each other."""
        return all(self._agree([self.machines[number] for number in group]) for group in self._groups(core))

    def _groups(self, core: Sequence[int]) -> list[list[int]]:
        """The nodes in groups that reach each other among themselves. A device does not talk to its clone."""
        links = [
            line.ends
            for line in self.network.lines.values()
            if all(end in core for end in line.ends)
            and self.machines[line.ends[0]].device is not self.machines[line.ends[1]].device
        ]
        groups: list[list[int]] = []
        for number in core:
            if any(number in group for group in groups):
                continue
            group = [number]
            for member in group:
                near = [other for ends in links if member in ends for other in ends if other not in group]
                group.extend(dict.fromkeys(near))
            groups.append(group)
        return groups

    def _agree(self, machines: Sequence[Machine]) -> bool:
        """Whether they hold the same entries, and nothing is tentative where the relay is among them."""
        if not all(machine.is_up for machine in machines):
            return False
        first = machines[0].holds
        if any(machine.holds != first for machine in machines[1:]):
            return False
        relay = next((machine for machine in machines if isinstance(machine, Relay)), None)
        if relay is None:
            return True
        end = relay.node.order_end()
        return relay.is_idle and all(
            machine.node.order_end() == end and not machine.node.replica.tentative_count()
            for machine in machines
            if isinstance(machine, Terminal)
        )

    def _work(self, work: Work) -> None:
        machine = self.machines.get(work.node)
        if machine is None or not machine.is_up:
            self.count("nobody_could_work")
            return
        random = self.random("work", work.seed)
        if work.kind is WorkKind.ORIGIN:
            if isinstance(machine, Relay):
                self.people.request(random, machine)
        elif isinstance(machine, Terminal):
            self.people.work(random, machine, work.kind)
