"""One relay process for one property: what it is made of, and in which order that starts and ends."""

from __future__ import annotations

import logging
import secrets
from random import Random
from time import monotonic

import anyio
from anyio.abc import TaskGroup

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.limits import JOURNAL_ID_BYTES
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.reading.reading import Reading
from crdt_pms.runtime.changes import ChangeSignal
from crdt_pms.runtime.links import Links
from crdt_pms.runtime.plug import Plug
from crdt_pms.session.clock import Clock
from crdt_pms.session.limits import NONCE_BYTES
from crdt_pms.session.openings import Openings
from relay_server.commit import load_order
from relay_server.committer import Committer
from relay_server.database import Database
from relay_server.errors import RelayError
from relay_server.generation import GENERATION_BYTES
from relay_server.intake import Intake, Wakers
from relay_server.limits import DRAIN_SECONDS_MAX
from relay_server.node import Around, RelayNode
from relay_server.origin_desk import OriginDesk
from relay_server.projection import Projection
from relay_server.projector import Projector
from relay_server.readers import Readers
from relay_server.snapshots import Retention, SnapshotMaker

logger = logging.getLogger(__name__)


class Relay:
    """See the module. Several of these may share one PostgreSQL, which is the only arbiter of their order."""

    def __init__(
        self,
        definition: PropertyDefinition,
        device: EnrolledDevice,
        clock: Clock,
        database: Database,
        retention: Retention | None = None,
    ) -> None:
        """Raises StoreError when PostgreSQL does not answer."""
        self.changes, committed, work, room = (ChangeSignal() for _signal in range(4))
        store = database.open_store()
        order, journals, forks = load_order(store, _new_generation())
        reading_store = database.open_reading()
        self.readers = Readers(reading_store)
        wakers = Wakers(self.changes.notify, work.notify, room.notify)
        self.intake = Intake(definition, journals, order, wakers, monotonic, forks)
        random = Random(secrets.randbits(64))
        self._wake_ups = database.wake_ups
        self._wake_ups.listen(definition.property_id, self.intake.poke)

        def tell_others() -> None:
            self._wake_ups.tell(definition.property_id)

        def note_written() -> None:
            self.intake.poke()
            tell_others()

        self.committer = Committer(store, self.intake, work, random, _new_generation, committed.notify, tell_others)
        projection_store = database.open_store()
        maker = SnapshotMaker(device, retention or Retention())
        projection = Projection(projection_store, definition, clock, _new_journal, lambda: self.committer.looks, maker)
        desk = OriginDesk(projection, device, lambda: secrets.token_hex(16), Reading(reading_store))
        self.projector = Projector(projection, desk, projection_store, committed, note_written, self.changes.notify)
        around = Around(
            self.changes.notify,
            lambda: room.waiter().wait(),
            self.committer.renew_generation,
            anyio.Lock(),
            Openings(monotonic, anyio.sleep),
            is_removed=lambda device: device in projection.removed_devices,
            snapshot=lambda: maker.handed_out,
        )
        self.node = RelayNode(definition, device, clock, self.intake, self.readers, around)
        self.links = Links(self.node, self.changes, random, lambda: secrets.token_bytes(NONCE_BYTES))

    async def run(self, tasks: TaskGroup, sync_host: str, sync_port: int) -> None:
        """Start committing, projecting, waking and listening; returns when listening. Raises AddressInUse."""
        tasks.start_soon(self.committer.run)
        tasks.start_soon(self.projector.run)
        tasks.start_soon(self._wake_ups.run)
        await tasks.start(self.links.serve, sync_host, sync_port, Plug("sync"))

    async def close(self) -> None:
        """Commit and project what is queued, as far as PostgreSQL takes it, and end every thread and connection."""
        try:
            with anyio.CancelScope(shield=True):
                if await self.committer.drain(DRAIN_SECONDS_MAX):
                    await self.projector.catch_up()
                    if (trouble := self.projector.failure or self.projector.alarm) is not None:
                        logger.warning("the readable tables are behind until the next start: %s", trouble)
                else:
                    logger.warning("%d entries were not committed; the terminals keep them", self.intake.queued)
        except RelayError as error:
            logger.warning("%d entries were not committed, the terminals keep them: %s", self.intake.queued, error)
        finally:
            self.projector.close()
            self.readers.close()
            self.committer.close()


def _new_generation() -> bytes:
    return secrets.token_bytes(GENERATION_BYTES)


def _new_journal() -> JournalId:
    return JournalId(secrets.token_bytes(JOURNAL_ID_BYTES))
