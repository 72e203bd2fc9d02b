"""What the product makes of one terminal's log when it reads it anew: in its own order, and in another that respects causes."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.limits import JOURNAL_ID_BYTES
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.replica.replica import Replica
from crdt_pms.runtime.clocks import system_clock
from crdt_pms.store.file_key import key_beside
from crdt_pms.store.sqlite import SqliteStore, open_sqlite
from simulations.checkers.history import PROBES, REORDERED, Probe
from simulations.processes.chaos.disks import TerminalDisk
from simulations.processes.verifier.reading import read_sqlite

_ENTRIES_MAX: Final = 1_000_000
_BYTES_MAX: Final = 2**40
_BATCH_MAX: Final = 100


def probes_of(
    name: str, disk: TerminalDisk, definition: PropertyDefinition, device: EnrolledDevice, seed: int
) -> list[Probe]:
    """Both probes of a terminal whose process has ended. Copies are made beside its file."""
    entries, certificates = _log(disk.back_up("probed"), definition, device)
    random = Random(f"probes/{seed}")
    found: list[Probe] = []
    for probe in PROBES:
        path = disk.path.with_name(f"{name}.{probe}.sqlite")
        ordered = shuffled(entries, random) if probe == REORDERED else entries
        _read_anew(path, definition, device, ordered, certificates, random)
        found.append(Probe(probe, name, read_sqlite(name, path, definition.property_id)))
    return found


def shuffled(entries: Sequence[Entry], random: Random) -> list[Entry]:
    """The entries in a random order in which each comes after its journal's earlier ones and after what its author had seen.

    Raises ValueError when there is no such order.
    """
    waiting: dict[JournalId, list[Entry]] = {}
    for entry in entries:
        waiting.setdefault(entry.dot.journal, []).append(entry)
    held: dict[JournalId, int] = {}
    ordered: list[Entry] = []
    while waiting:
        ready = [
            journal
            for journal in sorted(waiting)
            if all(held.get(other, 0) >= seq for other, seq in waiting[journal][0].context.items())
        ]
        if not ready:
            raise ValueError("an entry names one that its log does not hold")
        journal = random.choice(ready)
        entry = waiting[journal].pop(0)
        if not waiting[journal]:
            del waiting[journal]
        ordered.append(entry)
        held[journal] = entry.dot.seq
    return ordered


def _log(path: Path, definition: PropertyDefinition, device: EnrolledDevice) -> tuple[list[Entry], list[Certificate]]:
    with closing(open_sqlite(path, definition.property_id, key_beside(path))) as store:
        replica = _replica(store, definition, device)
        entries = [placed.entry for placed in replica.read(0, _ENTRIES_MAX, _BYTES_MAX)]
        certificates = [replica.certificate(journal) for journal in sorted({entry.dot.journal for entry in entries})]
    return entries, [certificate for certificate in certificates if certificate is not None]


def _read_anew(
    path: Path,
    definition: PropertyDefinition,
    device: EnrolledDevice,
    entries: Sequence[Entry],
    certificates: Sequence[Certificate],
    random: Random,
) -> None:
    with closing(open_sqlite(path, definition.property_id)) as store:
        replica = _replica(store, definition, device)
        replica.receive_certificates(certificates)
        first = 0
        while first < len(entries):
            size = random.randint(1, _BATCH_MAX)
            replica.receive(entries[first : first + size], system_clock().now_ms())
            first += size
        replica.refresh_alerts()


def _replica(store: SqliteStore, definition: PropertyDefinition, device: EnrolledDevice) -> Replica:
    journal = JournalId(secrets.token_bytes(JOURNAL_ID_BYTES))
    return Replica.open(store, definition, device, journal, system_clock().now_ms())
