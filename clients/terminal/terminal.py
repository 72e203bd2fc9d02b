"""One front-desk terminal: its replica, its plugs and links, and what a screen needs to know of them."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from time import monotonic
from typing import Any, Final, Protocol

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from clients.terminal.node import TerminalNode
from crdt_pms.desk.offline import require_work_allowed
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.limits import JOURNAL_ID_BYTES
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.ledger.alerts import Alert
from crdt_pms.ports.errors import StoreError
from crdt_pms.ports.store import Store
from crdt_pms.reading.reading import Readable, Reading
from crdt_pms.replica.replica import Acted, Action, Replica
from crdt_pms.runtime.changes import ChangeSignal
from crdt_pms.runtime.links import Links
from crdt_pms.runtime.plug import Plug
from crdt_pms.session.clock import Clock
from crdt_pms.session.limits import NONCE_BYTES
from crdt_pms.session.openings import Openings
from crdt_pms.session.pace import Pace

logger = logging.getLogger(__name__)

ALERT_REFRESH_PAUSE_SECONDS: Final = 0.2
PRUNE_PAUSE_SECONDS: Final = 0.02
"""Between two parts of the log that are put away: people come first."""
"""Alerts are derived anew at most this often while changes stream in."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where this terminal listens for others, and where it finds them. `relay` None: a property without a relay."""

    sync_host: str
    sync_port: int
    relay: str | None
    peers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfflineRules:
    """What the hotel decided about working without the relay."""

    may_work: bool = True
    overdue_after_attempts: int = 3
    """Failed attempts in a row to reach the relay after which screens say that a person should look."""


class TerminalStore(Store, Readable, Protocol):
    """What a terminal writes to and reads from."""


class Terminal:
    """Everything of one terminal process except its HTTP shell."""

    def __init__(
        self,
        definition: PropertyDefinition,
        device: EnrolledDevice,
        store: TerminalStore,
        clock: Clock,
        addresses: Addresses,
        pace: Pace,
        offline_rules: OfflineRules | None = None,
    ) -> None:
        self.definition = definition
        self._offline_rules = offline_rules or OfflineRules()
        self.plugs: Mapping[str, Plug] = {"relay": Plug("relay"), "lan": Plug("lan")}
        self._addresses = addresses
        self._clock = clock
        self._store = store
        self.reading = Reading(store)
        self._device = device
        self.changes = ChangeSignal()
        openings = Openings(monotonic, anyio.sleep)
        self.node = TerminalNode(
            definition,
            device,
            clock,
            self._open_replica,
            self.changes.notify,
            openings,
            checkpoint,
        )
        random = Random(secrets.randbits(64))
        self._links = Links(self.node, self.changes, random, lambda: secrets.token_bytes(NONCE_BYTES), pace)

    @property
    def replica(self) -> Replica:
        """The replica, opened anew if its last transaction failed."""
        return self.node.replica

    def act(self, action: Action, staff: str) -> Acted:
        """Do what a person asked, durably, without waiting for any network. Raises `Refused`."""
        require_work_allowed(is_offline=self.is_offline, offline_work=self._offline_rules.may_work)
        acted = self.node.act(action, staff, self._clock.now_ms(), lambda: secrets.token_hex(16))
        if acted.entries:
            self.node.counters["actions"] += 1
            self.changes.notify()
        return acted

    def alerts(self) -> list[Alert]:
        """Every alert, derived now."""
        return self.replica.alerts()

    def sync_now(self) -> None:
        """Try every link that pauses now (同期実行)."""
        self._links.hurry()

    def summary(self) -> dict[str, Any]:
        """What every screen shows at its top: enough to know that something changed."""
        replica = self.replica
        return {
            "position": replica.last_position,
            "committed_through": replica.standing.through,
            "tentative": replica.tentative_count(),
            "offline": self.is_offline,
        }

    def sync_state(self) -> dict[str, Any]:
        """What is held, what the relay has not committed, how every link stands."""
        replica = self.replica
        generation, through = replica.standing.generation, replica.standing.through
        return {
            "device": self._device.chain.name,
            "tentative": replica.tentative_count(),
            "position": replica.last_position,
            "committed_through": through,
            "generation": None if generation is None else generation.hex(),
            "journals": len(replica.vector),
            "content_hash": replica.state.content_hash().hex(),
            "own_entries_returned": self.node.counters["own_entries_returned"],
            "quarantined": len(replica.state.quarantine.records),
            "offline": self.is_offline,
            "relay_overdue": self._is_relay_overdue,
            "plugs": {name: plug.is_in for name, plug in self.plugs.items()},
            "links": [replace(link, peer=self._links.name_of(link.peer)) for link in self._links.statuses],
            "counters": dict(sorted(self.node.counters.items())),
        }

    def vector(self) -> dict[str, int]:
        """For each journal (hex) the last entry held. It grows with every start of every process."""
        return {journal.hex(): seq for journal, seq in sorted(self.replica.vector.items())}

    @property
    def is_offline(self) -> bool:
        """Whether this terminal has a relay and no open link to it."""
        return self._addresses.relay is not None and not self._links.is_linked("relay")

    @property
    def _is_relay_overdue(self) -> bool:
        attempts = (link.attempts for link in self._links.statuses if link.kind == "relay")
        return max(attempts, default=0) > self._offline_rules.overdue_after_attempts

    async def run(self, tasks: TaskGroup) -> None:
        """Listen, connect and keep the alerts fresh until cancelled. Returns when listening. Raises AddressInUse."""
        addresses, lan = self._addresses, self.plugs["lan"]
        if not self.replica.state.definition.is_founded:
            logger.warning(
                "this desk knows nothing yet of what the property is: an administrator's desk writes it, and it comes here "
                "with the first synchronisation"
            )
        await tasks.start(self._links.serve, addresses.sync_host, addresses.sync_port, lan)
        if addresses.relay is not None:
            tasks.start_soon(self._links.keep_connected, addresses.relay, "relay", self.plugs["relay"])
        for peer in addresses.peers:
            tasks.start_soon(self._links.keep_connected, peer, "peer", lan)
        tasks.start_soon(self._keep_alerts_fresh)
        tasks.start_soon(self._prune)

    def close(self) -> None:
        """Leave the file in order. Alerts are brought up to date once more, if the disk takes them."""
        try:
            self.replica.refresh_alerts()
        except StoreError as error:
            logger.warning("the alerts were not saved: %s", error)
        self._store.close()

    async def _keep_alerts_fresh(self) -> None:
        waiter = self.changes.waiter()
        while True:
            try:
                self.replica.refresh_alerts()
            except StoreError as error:
                # The desk hears of it with its next action; the rows follow when the disk takes them again.
                logger.warning("the alerts were not saved: %s", error)
                self.node.counters["alerts_not_saved"] += 1
            await anyio.sleep(ALERT_REFRESH_PAUSE_SECONDS)
            await waiter.wait()

    async def _prune(self) -> None:
        """Put entries away for which a snapshot stands, a few at a time, whenever there is another snapshot."""
        waiter = self.changes.waiter()
        while True:
            try:
                is_more = self.node.prune()
            except StoreError as error:
                logger.warning("the log was not pruned: %s", error)
                is_more = False
            await anyio.sleep(PRUNE_PAUSE_SECONDS)
            if not is_more:
                await waiter.wait()

    def _open_replica(self) -> Replica:
        journal = JournalId(secrets.token_bytes(JOURNAL_ID_BYTES))
        return Replica.open(self._store, self.definition, self._device, journal, self._clock.now_ms())
