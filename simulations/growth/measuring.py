"""Measures one copy of a hotel's files: `python -m simulations.growth.measuring PART FOLDER DAYS ROOMS STAYS`.

Each part is a process of its own, so that memory and first times are those of a fresh process. It prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter
from typing import Final

import anyio

from clients.terminal.api import build_app
from clients.terminal.node import SLICE_ENTRIES_MAX
from clients.terminal.terminal import Addresses, Terminal
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.entry import Entry
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.session.pace import Pace
from crdt_pms.session.session import Peer
from simulations.growth.desk import Desk
from simulations.growth.hotel import JOINING, Files, Size, definition_of, device_of, moment_ms, open_desk_store
from simulations.growth.link import sync
from simulations.growth.mixed import mixed_actions
from simulations.growth.relay import Relay
from simulations.growth.screens import LISTS, read

HERE: Final = 1
ELSEWHERE: Final = 2
OPENING_HOUR: Final = 7.0
ACTIONS: Final = 300
ENTRIES: Final = 500
LOOKS: Final = 5
"""Each list is read so often; the median counts."""
Figures = dict[str, float | int | str | None]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a part measures: a copy of the files of a hotel of so many days."""

    files: Files
    definition: PropertyDefinition
    clock: HandedClock
    random: Random

    def desk(self, number: int, path: Path | None = None) -> Desk:
        """Start a desk."""
        return Desk(self.definition, number, path or self.files.desk, self.clock, self.random)

    def relay(self) -> Relay:
        """Start the relay."""
        return Relay(self.definition, self.files.relay, self.clock, self.random)


def screens(measured: Measured) -> Figures:
    """Opening a terminal, its lists, and its memory after that."""
    definition, device = measured.definition, device_of(measured.definition, HERE)
    began = perf_counter()
    store = open_desk_store(measured.files.desk, definition, device)
    terminal = Terminal(definition, device, store, measured.clock, Addresses("127.0.0.1", 0, None, ()), Pace())
    opened = perf_counter() - began
    app = build_app(terminal)
    today = terminal.replica.view().business_date
    times = {name: _milliseconds(lambda name=name: anyio.run(read, app, name, today)) for name in LISTS}
    rss = _rss_megabytes()
    slowest = max(times, key=lambda name: times[name])
    replica = terminal.replica
    figures: Figures = {
        "entries": replica.last_position,
        "journals": len(replica.vector),
        "rss_mb": round(rss, 1),
        "open_s": round(opened, 3),
        "list_ms_max": round(times[slowest], 2),
        "list_max": slowest,
        "sync_ms": round(_milliseconds(terminal.sync_state), 3),
        "alerts_ms": round(_milliseconds(terminal.alerts), 2),
        "alerts": len(terminal.alerts()),
        "db_mb": round(measured.files.megabytes(), 1),
    }
    terminal.close()
    return figures


def actions(measured: Measured) -> Figures:
    """What a person waits for: mixed actions at a desk."""
    desk = measured.desk(HERE)
    times = [1_000 * _seconds(act) for act in mixed_actions(desk, ACTIONS)]
    desk.close()
    return {"action_ms_p50": round(median(times), 2), "action_ms_p99": round(quantiles(times, n=100)[98], 2)}


def receiving(measured: Measured) -> Figures:
    """Entries of another desk, in the slices of the node."""
    other = measured.desk(ELSEWHERE, measured.files.copy_to(measured.files.folder / "other").desk)
    for act in mixed_actions(other, ENTRIES):
        act()
    entries = other.written[:ENTRIES]
    certificate = other.node.certificate(entries[0].dot.journal)
    assert certificate is not None, "a journal that was written to has one"
    other.close()
    desk = measured.desk(HERE)
    desk.node.replica.receive_certificates([certificate])
    device = device_of(measured.definition, ELSEWHERE)
    peer = Peer(device.device_id, device.public_bytes, device.chain.device_class, device.chain.name)

    def receive(slice_: Sequence[Entry], *, durable: bool) -> None:
        desk.node.receive_slice(slice_, peer, durable=durable)

    slices = [entries[begin : begin + SLICE_ENTRIES_MAX] for begin in range(0, len(entries), SLICE_ENTRIES_MAX)]
    times = [1_000 * _seconds(lambda one=one: receive(one, durable=one is slices[-1])) for one in slices]
    desk.close()
    return {"received_entry_ms": round(sum(times) / len(entries), 3), "loop_blocked_ms_max": round(max(times), 1)}


def hello(measured: Measured) -> Figures:
    """What a desk that restarted and wrote something, and the relay, say before the first entry."""
    desk, relay = measured.desk(HERE), measured.relay()
    relay.project()
    next(iter(mixed_actions(desk, 1)))()
    said = sync(desk, relay, measured.random)
    desk.close()
    relay.close()
    return {"hello_bytes": said}


def fresh(measured: Measured) -> Figures:
    """A desk with an empty disk, until it can be used."""
    return {"fresh_desk_s": _joining(measured, measured.files.folder / "fresh" / "desk.sqlite")}


def returning(measured: Measured) -> Figures:
    """A desk that was off for 60 days, until it can be used."""
    is_kept = measured.files.former.exists()
    return {"after_60_days_s": _joining(measured, measured.files.former) if is_kept else None}


PARTS: Final[Mapping[str, Callable[[Measured], Figures]]] = {
    part.__name__: part for part in (screens, actions, receiving, hello, fresh, returning)
}


def _joining(measured: Measured, path: Path) -> float:
    """Seconds from opening until everything that the relay committed is held and known to be committed."""
    relay = measured.relay()
    relay.project()
    began = perf_counter()
    desk = measured.desk(JOINING, path)
    sync(desk, relay, measured.random)
    taken = perf_counter() - began
    assert desk.node.replica.standing.through == relay.through, "everything came"
    desk.close()
    relay.close()
    return round(taken, 2)


def _seconds(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began


def _milliseconds(call: Callable[[], object]) -> float:
    return 1_000 * median(_seconds(call) for _look in range(LOOKS))


def _rss_megabytes() -> float:
    """The resident memory of this process, as Linux says."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1_000
    raise AssertionError("Linux tells a process its memory")


def measure(part: str, folder: Path, days: int, size: Size) -> Figures:
    """Measure one part on those files, which change."""
    measured = Measured(
        Files(folder), definition_of(size), HandedClock(moment_ms(days, OPENING_HOUR)), Random(f"{part} {days}")
    )
    return PARTS[part](measured)


if __name__ == "__main__":
    _part, _folder, *_numbers = sys.argv[1:]
    _days, _rooms, _stays = map(int, _numbers)
    sys.stdout.write(json.dumps(measure(_part, Path(_folder), _days, Size(_rooms, _stays))))
