"""From a plan to a verdict: a world lives, is healed in two steps, and everything that it left behind is judged."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final, Protocol

from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.limits import JOURNAL_ID_BYTES
from crdt_pms.log.staleness import mark_stale
from crdt_pms.replica.replica import Replica
from simulations.checkers.contents import NodeContents, contents_of
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import REBUILT, REORDERED, Acted, Applied, Probe
from simulations.checkers.judging import Finding, judge
from simulations.checkers.tables import ALERT, CONFLICT
from simulations.world.bounds import counter_of, met
from simulations.world.faulty_store import FaultyStore
from simulations.world.hotel import Hotel
from simulations.world.limits import kept
from simulations.world.plan import START_MS, Fault, WorldPlan
from simulations.world.terminal import Terminal
from simulations.world.trace import Trace
from simulations.world.versions import running
from simulations.world.world import AGREE_WITHIN_MS, Outcome, World

_ENTRIES_MAX: Final = 1_000_000
_BYTES_MAX: Final = 2**40
_BATCH: Final = 200

PROBED_SHARE: Final = 0.5
"""A probe costs as much as one terminal more."""

ApplyFault = Callable[[World, Fault], None]


class Witness(Protocol):
    """Somebody who looks at a world and changes nothing in it."""

    def begins(self, world: World) -> None:
        """Nothing has happened yet."""
        ...

    def ends(self, world: World) -> None:
        """Everything is healed; the processes still run."""
        ...


def run_world(
    plan: WorldPlan, hotel: Hotel, folder: Path, trace: Trace, apply: ApplyFault, witness: Witness | None = None
) -> Outcome:
    """Let a world live to its end and judge it. `folder` is made, and removed again with everything in it."""
    folder.mkdir(parents=True)
    with kept(plan.limits), _living(World(plan, hotel, folder / "disks", trace), folder) as world:
        if witness is not None:
            witness.begins(world)
        world.live(apply)
        agreed = [world.heal_core(), world.heal_all()]
        if world.replace_unreadable():
            agreed.append(world.heal_all())
        if witness is not None:
            witness.ends(world)
        with running(world.final_program):
            findings = _findings(world, folder)
        world.counts.update(world.network.effects)
        world.counts["entries_applied"] = sum(
            len(event.dots) for event in world.history if isinstance(event, Acted | Applied)
        )
        for machine in world.machines.values():
            world.counts.update({f"disk_{fault}": times for fault, times in machine.disk.faults.fired.items()})
        return Outcome(plan.seed, trace.hash, findings, world.counts, agreed)


@contextmanager
def _living(world: World, folder: Path) -> Iterator[World]:
    try:
        yield world
    finally:
        world.close()
        shutil.rmtree(folder)


def _findings(world: World, folder: Path) -> Sequence[Finding]:
    down = [machine.name for machine in world.machines.values() if not machine.is_up]
    if down:
        return [Finding("liveness", 12, name, f"{name} does not run, although all faults ended") for name in down]
    for terminal in world.terminals:
        terminal.node.replica.refresh_alerts()
    nodes = [_contents(machine.name, machine.store, world.hotel) for machine in world.machines.values()]
    for node in nodes:
        for table in (ALERT, CONFLICT):
            world.counts.update({str(row["matter"]): 1 for row in node.tables[table].values()})
    probes = _probes(world, folder) if world.random("probed").random() < PROBED_SHARE else []
    world.trace.note(repr([sorted(node.tables.items()) for node in nodes]).encode())
    evidence = Evidence.of(world.hotel.facts, nodes, history=world.history, probes=probes, began_ms=START_MS)
    world.counts.update({counter_of(name): 1 for name in met(world, evidence)})
    return judge(evidence)


def _contents(name: str, store: FaultyStore, hotel: Hotel) -> NodeContents:
    parameters = (hotel.definition.property_id,)
    return contents_of(name, lambda statement: store.select(statement.replace("%s", "?"), parameters))


def _probes(world: World, folder: Path) -> list[Probe]:
    """What the product makes of one terminal's log, read in its own order or in another one that respects causes.

    Which branch of a forked journal counts does not follow from the log alone: a terminal that knows of a fork is not probed.
    """
    random = world.random("probe")
    terminal = world.terminals[random.randrange(len(world.terminals))]
    replica = terminal.node.replica
    if len(replica.forks):
        return []
    if replica.pruned_through:
        return [Probe(REBUILT, terminal.name, _computed_anew(world, terminal, folder))]
    entries = [placed.entry for placed in replica.read(0, _ENTRIES_MAX, _BYTES_MAX)]
    name = REBUILT if random.random() < 0.5 else REORDERED
    if name == REORDERED:
        entries = _shuffled(entries, random)
    disk = world.hotel.disk(folder / "probe", is_encrypted=False)
    store = disk.open()
    journal = JournalId(random.randbytes(JOURNAL_ID_BYTES))
    now_ms = START_MS + world.plan.duration_ms + AGREE_WITHIN_MS
    again = Replica.open(store, world.hotel.definition, world.hotel.device(terminal.number), journal, now_ms)
    journals = sorted({entry.dot.journal for entry in entries})
    again.receive_certificates([found for one in journals if (found := replica.certificate(one)) is not None])
    size = _BATCH if name == REBUILT else random.randrange(1, 40)
    for first in range(0, len(entries), size):
        again.receive(entries[first : first + size], now_ms)
    again.refresh_alerts()
    contents = _contents(terminal.name, store, world.hotel)
    disk.close()
    return [Probe(name, terminal.name, contents)]


def _computed_anew(world: World, terminal: Terminal, folder: Path) -> NodeContents:
    """What the product makes of a snapshot and the log after it."""
    disk = world.hotel.disk(folder / "probe", is_encrypted=world.plan.is_encrypted)
    disk.restore(terminal.disk.copy())
    store = disk.open()
    with store.transaction() as transaction:
        mark_stale(transaction)
    journal = JournalId(world.random("probe").randbytes(JOURNAL_ID_BYTES))
    now_ms = START_MS + world.plan.duration_ms + AGREE_WITHIN_MS
    again = Replica.open(store, world.hotel.definition, world.hotel.device(terminal.number), journal, now_ms)
    again.refresh_alerts()
    contents = _contents(terminal.name, store, world.hotel)
    disk.close()
    return contents


def _shuffled(entries: Sequence[Entry], random: Random) -> list[Entry]:
    """The entries in a random order in which each comes after its journal's earlier ones, its context and what it names."""
    waiting: dict[JournalId, list[Entry]] = {}
    for entry in entries:
        waiting.setdefault(entry.dot.journal, []).append(entry)
    held: dict[JournalId, int] = {}
    ordered: list[Entry] = []
    journals = list(waiting)
    while journals:
        random.shuffle(journals)
        for journal in journals:
            entry = waiting[journal][0]
            if all(held.get(other, 0) >= seq for other, seq in entry.context.items()):
                ordered.append(waiting[journal].pop(0))
                held[journal] = entry.dot.seq
                break
        journals = [journal for journal in journals if waiting[journal]]
    return ordered
