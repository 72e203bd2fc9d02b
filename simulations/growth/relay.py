"""The relay over a SQLite file: intake, committing, projection, snapshots and node, in one thread and without sockets."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from random import Random

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.limits import JOURNAL_ID_BYTES
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.ports.errors import StoreError
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.store.sqlite import open_sqlite
from relay_server.commit import load_order
from relay_server.committing import Committing
from relay_server.generation import GENERATION_BYTES
from relay_server.intake import Intake, Wakers
from relay_server.node import Around, RelayNode
from relay_server.projection import Projection
from relay_server.snapshots import Retention, SnapshotMaker
from simulations.growth.desk import openings_of
from simulations.growth.hotel import RELAY, device_of
from simulations.world.relay_database import OrderReader


class Relay:
    """One process run of the relay."""

    def __init__(self, definition: PropertyDefinition, path: Path, clock: HandedClock, random: Random) -> None:
        """Read the order back. Raises StoreError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._store = open_sqlite(path, definition.property_id)

        def new_generation() -> bytes:
            return random.randbytes(GENERATION_BYTES)

        order, journals, forks = load_order(self._store, new_generation())
        wakers = Wakers(_nothing, _nothing, _nothing)
        self._intake = Intake(definition, journals, order, wakers, lambda: clock.now_ms() / 1_000, forks)
        self._committing = Committing(self._store, self._intake, random, new_generation, _nothing, _nothing)
        device = device_of(definition, RELAY)
        maker = SnapshotMaker(device, Retention())
        self._projection = Projection(
            self._store,
            definition,
            clock,
            lambda: JournalId(random.randbytes(JOURNAL_ID_BYTES)),
            lambda: self._committing.looks,
            maker,
        )
        around = Around(
            _nothing,
            self._make_room,
            self._renew,
            nullcontext(),
            openings_of(clock),
            snapshot=lambda: maker.handed_out,
        )
        self.node = RelayNode(definition, device, clock, self._intake, OrderReader(self._store), around)

    @property
    def through(self) -> int:
        """How many entries are committed."""
        return self._intake.order.through

    def commit(self) -> None:
        """Commit all that is queued. Raises StoreError."""
        while self._intake.has_work:
            begun = self._committing.begin()
            outcome = self._committing.write(begun)
            if isinstance(outcome, StoreError):
                raise outcome
            self._committing.end(begun, outcome)

    def project(self) -> None:
        """Bring the readable rows up to what is committed, and make a snapshot if one is due. Raises StoreError."""
        while not self._projection.catch_up().caught_up:
            pass
        self._projection.make_snapshots()

    def close(self) -> None:
        """End the process run."""
        self.commit()
        self._store.close()

    async def _make_room(self) -> None:
        self.commit()

    async def _renew(self, end: SignedEnd) -> None:
        self._committing.renew_generation(end)


def _nothing() -> None:
    pass
