"""Real replicas on real SQLite files, with a handed clock and counted ids: what most tests above the journal stand on."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from crdt_pms.desk.actions.reservations import CreateStay
from crdt_pms.hotel.money import currency_of
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.hotel.rooms import Room, RoomPlan
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.ledger.policies import HOTEL_PMS
from crdt_pms.ledger.succession import Succession
from crdt_pms.log.verification import note_held
from crdt_pms.ports.records import JournalRecord
from crdt_pms.replica.replica import Acted, Action, Replica
from crdt_pms.store.witnessed import WitnessedStore, open_witnessed
from tests.crdt_pms.journal.journals import PROPERTY_ID, ROOT, enrolled

OPENING_DATE = "2026-07-01"
START_MS = 1_782_900_000_000
_JOURNALS = count(1)
_IDS = count(1)


def copy_disk(source: Path, target: Path) -> Path:
    """Copy a closed database with its witness, as a backup of all of a disk does. Returns where to."""
    shutil.copyfile(source, target)
    shutil.copyfile(f"{source}.witness", f"{target}.witness")
    return target


def definition(rooms: int = 12) -> PropertyDefinition:
    """A small hotel that trusts whom the root of the tests vouches for."""
    return PropertyDefinition(
        PROPERTY_ID,
        ROOT.public_bytes,
        "海辺ホテル",
        "Seaside Hotel",
        "Asia/Tokyo",
        currency_of("JPY"),
        OPENING_DATE,
        RoomPlan(Room(str(201 + number), 2, "A" if number % 3 else "B") for number in range(rooms)),
    )


def succession_of(records: Iterable[JournalRecord]) -> Succession:
    """How journals that were read from a store follow on each other."""
    succession = Succession()
    for certificate, head in ((record.certificate, record.head) for record in records if record.head.seq):
        note_held(succession, certificate, head.seq)
    return succession


@dataclass
class Desk:
    """One terminal without its process: a replica, the time it believes in, and the file that it can be opened from again."""

    number: int
    path: Path
    property_: PropertyDefinition
    now_ms: int = START_MS
    device_class: DeviceClass = DeviceClass.TERMINAL
    store: WitnessedStore = field(init=False)
    replica: Replica = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Start a process run: a new journal."""
        device = enrolled(self.number, self.device_class)
        self.store = open_witnessed(self.path, self.property_.property_id, device.device_id)
        journal = JournalId(next(_JOURNALS).to_bytes(16, "big"))
        self.replica = Replica.open(self.store, self.property_, device, journal, self.now_ms)

    def restart(self) -> None:
        """End the run and start another one from what is on disk."""
        self.store.close()
        self.open()

    def do(self, action: Action, staff: str = "suzuki") -> Acted:
        """Act as somebody at the desk, a second after the last action."""
        self.now_ms += 1_000
        return self.replica.act(action, staff, self.now_ms, lambda: f"id{next(_IDS)}", HOTEL_PMS)

    def pull(self, other: Desk) -> list[Entry]:
        """Receive everything that the other one has and this one lacks."""
        certificates = [
            certificate for journal in other.replica.vector if (certificate := other.replica.certificate(journal))
        ]
        self.replica.receive_certificates(certificates)
        position = other.replica.position_before(self.replica.standing.through)
        entries = [placed.entry for placed in other.replica.read(position, 100_000, 2**40)]
        return list(self.replica.receive(entries, self.now_ms).entries)

    def reserve(self, stay: str, *, nights: int = 2, room: str | None = None, arrival: str = OPENING_DATE) -> str:
        """Take a reservation under a given id."""
        self.do(
            CreateStay(
                arrival=arrival, nights=nights, room_type="A", rate_minor=12_000, adults=2, source="direct", room=room,
                stay=stay, guest_name="佐藤 花子", guest_contact="090-0000-0001", guest_address="神奈川県鎌倉市",
            )
        )  # fmt: skip
        return stay


@contextmanager
def desks(folder: Path, amount: int = 2, **overrides: int) -> Iterator[list[Desk]]:
    """That many terminals of one hotel, not connected to each other."""
    property_ = definition(**overrides)
    made = [Desk(number, folder / f"desk-{number}.sqlite", property_) for number in range(1, amount + 1)]
    try:
        yield made
    finally:
        for desk in made:
            desk.store.close()
