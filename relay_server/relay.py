"""One relay process for one property: what it is made of, and in which order that starts and ends."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from random import Random

import anyio
from anyio.abc import TaskGroup

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.keys import DeviceKey
from crdt_pms.journal.limits import JOURNAL_ID_BYTES
from crdt_pms.replica.port import Store, StoreError
from crdt_pms.runtime.changes import ChangeSignal
from crdt_pms.runtime.clocks import Clock
from crdt_pms.runtime.links import Links
from crdt_pms.runtime.plug import Plug
from crdt_pms.session.limits import NONCE_BYTES
from relay_server.committer import Committer
from relay_server.errors import RelayError
from relay_server.generation import GENERATION_BYTES, ensure_generation
from relay_server.intake import Intake, vector_of
from relay_server.limits import DRAIN_SECONDS_MAX
from relay_server.node import RelayNode
from relay_server.order import CommittedOrder
from relay_server.origin_desk import OriginDesk
from relay_server.projection import Projection
from relay_server.projector import Projector
from relay_server.readers import Readers

logger = logging.getLogger(__name__)


class Relay:
    """See the module. Several of these may share one PostgreSQL, which is the only arbiter of their order."""

    def __init__(
        self, definition: PropertyDefinition, key: DeviceKey, clock: Clock, open_store: Callable[[], Store]
    ) -> None:
        """`open_store` opens a connection of its own each time. Raises StoreError when PostgreSQL does not answer."""
        changes, committed = ChangeSignal(), ChangeSignal()
        store = open_store()
        with store.transaction() as transaction:
            through = transaction.last_position()
            generation = ensure_generation(transaction, _new_generation())
            journals = transaction.journals()
            ends = transaction.committed_runs(through - 1, 1) if through else []
        self.readers = Readers(open_store)
        last = Dot(ends[0].journal, ends[0].first_seq) if ends else None
        order = CommittedOrder(generation, through, vector_of(journals), last)
        self.intake = Intake(definition, journals, order, changes, self.readers.hashes)
        self.committer = Committer(store, self.intake, Random(secrets.randbits(64)), _new_generation, committed.notify)
        projection_store = open_store()
        projection = Projection(projection_store, definition, clock, _new_journal)
        desk = OriginDesk(projection, key, lambda: secrets.token_hex(16))
        self.projector = Projector(projection, desk, projection_store, committed, self.intake.poke)
        self.node = RelayNode(
            definition, key, clock, changes, self.intake, self.readers, self.committer.renew_generation
        )
        self.links = Links(self.node, Random(secrets.randbits(64)), lambda: secrets.token_bytes(NONCE_BYTES))

    async def run(self, tasks: TaskGroup, sync_host: str, sync_port: int) -> None:
        """Start committing, projecting and listening; returns when listening. Raises AddressInUse."""
        tasks.start_soon(self.committer.run)
        tasks.start_soon(self.projector.run)
        await tasks.start(self.links.serve, sync_host, sync_port, Plug("sync"))

    async def close(self) -> None:
        """Commit and project what is queued, as far as PostgreSQL takes it, and end every thread and connection."""
        try:
            with anyio.CancelScope(shield=True):
                if await self.committer.drain(DRAIN_SECONDS_MAX):
                    await self.projector.catch_up()
                else:
                    logger.warning("%d entries were not committed; the terminals keep them", self.intake.queued)
        except StoreError as error:
            logger.warning("the readable tables are behind until the next start: %s", error)
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
