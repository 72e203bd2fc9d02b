"""One front-desk terminal: its replica, its plugs and links, and what a screen needs to know of them."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

import anyio
from anyio.abc import TaskGroup

from clients.terminal.node import TerminalNode
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.keys import DeviceKey
from crdt_pms.journal.limits import JOURNAL_ID_BYTES
from crdt_pms.replica.port import Store
from crdt_pms.replica.replica import Acted, Action, Replica
from crdt_pms.runtime.clocks import Clock, SystemClock
from crdt_pms.runtime.links import keep_connected, serve_links
from crdt_pms.runtime.plug import Plug

logger = logging.getLogger(__name__)

ORIGIN = "hotel-pms"
ALERT_REFRESH_PAUSE_SECONDS = 0.2
"""Alerts are derived anew at most this often while changes stream in."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where this terminal listens for others, and where it finds them. `relay` None: a property without a relay."""

    sync_host: str
    sync_port: int
    relay: str | None
    peers: tuple[str, ...]


class Terminal:
    """Everything of one terminal process except its HTTP shell."""

    def __init__(
        self, definition: PropertyDefinition, key: DeviceKey, store: Store, clock: Clock, addresses: Addresses
    ) -> None:
        self.definition = definition
        self.addresses = addresses
        self.clock = clock
        self.plugs: Mapping[str, Plug] = {"relay": Plug("relay"), "lan": Plug("lan")}
        self._store = store
        self._key = key
        self.node = TerminalNode(definition, key, clock, self._open_replica)

    @property
    def replica(self) -> Replica:
        """The replica, opened anew if its last transaction failed."""
        return self.node.replica

    def act(self, action: Action, staff: str) -> Acted:
        """Do what a person asked, durably, without waiting for any network. Raises `Refused`."""
        acted = self.replica.act(action, staff, self.clock.now_ms(), lambda: secrets.token_hex(8), ORIGIN)
        if acted.entries:
            self.node.changes.notify()
        return acted

    async def run(self, task_group: TaskGroup) -> None:
        """Listen, connect and keep the alerts fresh until cancelled."""
        random = Random(secrets.randbits(64))
        await task_group.start(
            serve_links, self.node, self.addresses.sync_host, self.addresses.sync_port, self.plugs["lan"]
        )
        if self.addresses.relay is not None:
            task_group.start_soon(keep_connected, self.node, self.addresses.relay, self.plugs["relay"], random)
        for peer in self.addresses.peers:
            task_group.start_soon(keep_connected, self.node, peer, self.plugs["lan"], random)
        task_group.start_soon(self._keep_alerts_fresh)

    async def _keep_alerts_fresh(self) -> None:
        waiter = self.node.changes.waiter()
        while True:
            self.replica.refresh_alerts()
            await anyio.sleep(ALERT_REFRESH_PAUSE_SECONDS)
            await waiter.wait()

    def _open_replica(self) -> Replica:
        journal = JournalId(secrets.token_bytes(JOURNAL_ID_BYTES))
        return Replica.open(self._store, self.definition, self._key, journal, self.clock.now_ms())


def load_device_key(path: Path) -> DeviceKey:
    """The device's key, made on the first start and readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(32))
    return DeviceKey(path.read_bytes())


__all__ = ["Addresses", "SystemClock", "Terminal", "load_device_key"]
