"""One process run of a desk: the product's node over its SQLite file, without sockets, in virtual time."""

from __future__ import annotations

from pathlib import Path
from random import Random

from clients.terminal.node import TerminalNode
from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.view import DeskView
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.limits import JOURNAL_ID_BYTES
from crdt_pms.reading.reading import Reading
from crdt_pms.replica.replica import Replica
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.session.openings import Openings
from simulations.growth.hotel import device_of, open_desk_store


class Desk:
    """A desk from its start to its end: one journal."""

    def __init__(
        self, definition: PropertyDefinition, number: int, path: Path, clock: HandedClock, random: Random
    ) -> None:
        """Open the file and read the property back. Raises StoreError."""
        device = device_of(definition, number)
        self._store = open_desk_store(path, definition, device)
        self.reading = Reading(self._store)
        self._clock = clock
        self._random = random
        self.written: list[Entry] = []
        """What this process run wrote."""

        def open_replica() -> Replica:
            journal = JournalId(random.randbytes(JOURNAL_ID_BYTES))
            return Replica.open(self._store, definition, device, journal, clock.now_ms())

        self.node = TerminalNode(definition, device, clock, open_replica, _nothing, openings_of(clock))

    @property
    def view(self) -> DeskView:
        """What its screens are made of."""
        return self.node.replica.view()

    def act(self, action: Action, staff: str) -> None:
        """Do what a person asks. Raises Refused."""
        acted = self.node.act(action, staff, self._clock.now_ms(), lambda: self._random.randbytes(16).hex())
        self.written.extend(acted.entries)

    def prune(self) -> None:
        """Put away everything for which a snapshot stands."""
        while self.node.prune():
            pass

    def close(self) -> None:
        """End the process run as a person does who shuts the desk down."""
        self.node.replica.refresh_alerts()
        self._store.close()


def openings_of(clock: HandedClock) -> Openings:
    """The allowances of devices, in virtual time."""

    async def pause(seconds: float) -> None:
        clock.hand(clock.now_ms() + round(seconds * 1_000))

    return Openings(lambda: clock.now_ms() / 1_000, pause)


def _nothing() -> None:
    pass
