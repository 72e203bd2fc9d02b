"""A whole hotel as processes on this machine: PostgreSQL, relays on it, some terminals, and the links between them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import anyio
import httpx

from crdt_pms.desk.actions.property import DefineDevice
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice
from crdt_pms.runtime.clocks import system_clock
from crdt_pms.runtime.device_files import chain_file_of, save_chain
from crdt_pms.runtime.device_key_file import load_device_key
from crdt_pms.runtime.founding import FoundedProperty, found
from simulations.processes.link_proxy import LinkProxy
from simulations.processes.managed_process import ManagedProcess
from simulations.processes.ports import LOOPBACK, free_ports
from simulations.processes.postgres import EmbeddedPostgres
from simulations.workloads.property import first_rows

RELAY: Final = "relay"
ORIGIN_SYSTEM: Final = "booking-engine"
HTTP_SECONDS_MAX: Final = 60.0
FOUNDED_SECONDS_MAX: Final = 60.0
_LIMITS: Final = httpx.Limits(keepalive_expiry=2)
"""Idle connections are left before uvicorn ends them, after 5 seconds, under a request that just begins."""


@dataclass
class TerminalProcess:
    """One terminal: its process, where it is reached, and its links to the others as they can be cut."""

    name: str
    process: ManagedProcess
    url: str
    database: Path
    links: list[LinkProxy] = field(default_factory=list[LinkProxy])
    """All links of this terminal, those that others dial included; empty when the cluster has no proxies."""
    relay_link: LinkProxy | None = None

    def isolate(self) -> None:
        """Cut every link of this terminal."""
        for link in self.links:
            link.cut()

    def heal(self) -> None:
        """Heal every link of this terminal. Links to another terminal that is isolated too heal with it."""
        for link in self.links:
            link.heal()


@dataclass
class RelayProcess:
    """A relay: its process and where its HTTP API is."""

    name: str
    process: ManagedProcess
    url: str
    token: str
    property_id: str

    @property
    def api(self) -> str:
        """Where the property is found in the HTTP API."""
        return f"{self.url}/v1/properties/{self.property_id}"


@dataclass
class Cluster:
    """A running hotel. `definition` is what its administrator wrote as the first rows."""

    folder: Path
    property_file: Path
    definition: PropertyDefinition
    database_url: str
    postgres: EmbeddedPostgres | None
    relays: list[RelayProcess]
    """On one database; the terminals are linked to them in turn."""
    terminals: list[TerminalProcess]
    client: httpx.AsyncClient
    devices: Mapping[str, EnrolledDevice]

    @property
    def relay(self) -> RelayProcess:
        """The first relay."""
        return self.relays[0]

    async def agrees(self) -> bool:
        """Whether all nodes hold the same entries, all of them committed and shown."""
        relays: list[dict[str, Any]] = [
            (await self.client.get(f"{one.api}/status?vector=true")).json() for one in self.relays
        ]
        relay = relays[0]
        for one in relays:
            if one["queue"] or one["projected_through"] != one["committed_through"]:
                return False
            if any(one[name] != relay[name] for name in ("vector", "content_hash", "generation")):
                return False
        for terminal in self.terminals:
            sync: dict[str, Any] = (await self.client.get(f"{terminal.url}/api/sync?vector=true")).json()
            if sync["tentative"] or sync["vector"] != relay["vector"] or sync["content_hash"] != relay["content_hash"]:
                return False
        return True

    async def until(self, condition: Callable[[], object], seconds_max: float, what: str) -> None:
        """Return when `condition()`, awaited if it can be, holds. Raises TimeoutError that says what was waited for."""
        with anyio.move_on_after(seconds_max):
            while True:
                found = condition()
                if hasattr(found, "__await__"):
                    found = await found  # pyright: ignore[reportGeneralTypeIssues] - checked above
                if found:
                    return
                await anyio.sleep(0.02)
        raise TimeoutError(f"{what}: not within {seconds_max:.0f} seconds")

    def stop(self) -> None:
        """End the terminals, then the relays, so that everything is committed that can be."""
        for terminal in self.terminals:
            terminal.process.stop()
        for relay in self.relays:
            relay.process.stop()


@asynccontextmanager
async def running_cluster(
    folder: Path,
    definition: PropertyDefinition,
    terminals: int,
    *,
    relays: int = 1,
    database_url: str | None = None,
    proxied: bool = False,
    replay_control: bool = False,
    http_ports: tuple[int, ...] | None = None,
    make_link: Callable[[int], LinkProxy] = LinkProxy,
    other_versions: Mapping[str, Path] = MappingProxyType({}),
) -> AsyncIterator[Cluster]:
    """Found a hotel, start everything and wait until every node knows its rows; end it again, by pid, whatever happens.

    The first desk is the administrator's: it writes what `definition` says as the first rows, and the other nodes learn
    them from it. Root and devices are made for this run, their files in `folder`. Without `database_url` PostgreSQL is
    embedded. `proxied` puts a proxy on every link, which `make_link` makes for the port behind it. `http_ports` are the
    relays' and then the terminals', free ones by default. `replay_control`: the processes take their time from the
    driver, and the property is founded at the first midnight of its opening date. `other_versions` gives the interpreter of
    each terminal that runs another version.
    """
    names = [f"desk-{number}" for number in range(1, terminals + 1)]
    relay_names = [RELAY, *(f"{RELAY}-{number}" for number in range(2, relays + 1))]
    founded_at_ms = _opening_ms(definition) if replay_control else system_clock().now_ms()
    devices, founded = _founded(folder, definition, relay_names, names, founded_at_ms)
    ports = free_ports(2 * (terminals + relays))
    sync_ports, relay_sync_ports = ports[:terminals], ports[terminals : terminals + relays]
    http_ports = http_ports or tuple(ports[terminals + relays :])
    relay_http, terminal_http = http_ports[:relays], http_ports[relays:]
    async with AsyncExitStack() as stack:
        postgres = None
        if database_url is None:
            postgres = stack.enter_context(EmbeddedPostgres())
            database_url = postgres.url
        client = await stack.enter_async_context(
            httpx.AsyncClient(timeout=HTTP_SECONDS_MAX, trust_env=False, limits=_LIMITS)
        )
        made_relays = [
            _relay(
                name, folder, founded.property_file, definition.property_id, database_url, relay_ports,
                replay_control=replay_control,
            )
            for name, *relay_ports in zip(relay_names, relay_http, relay_sync_ports, strict=True)
        ]  # fmt: skip
        made: list[TerminalProcess] = []
        for number, name in enumerate(names):
            made.append(
                TerminalProcess(name, _NOT_YET, f"http://{LOOPBACK}:{terminal_http[number]}", folder / f"{name}.sqlite")
            )
            relay_url, peers = await _links(
                stack, made, number, sync_ports, relay_sync_ports[number % relays], make_link if proxied else None
            )
            arguments = [
                "terminal", "--property", str(founded.property_file), "--database", str(folder / f"{name}.sqlite"),
                "--http-port", str(terminal_http[number]), "--sync-port", str(sync_ports[number]),
                "--device-key-file", str(folder / f"{name}.device-key"), "--relay", relay_url,
            ]  # fmt: skip
            for peer in peers:
                arguments += ["--peer", peer]
            if replay_control:
                arguments.append("--replay-control")
            made[number].process = ManagedProcess(name, arguments, folder / f"{name}.log", f"{made[number].url}/health")
        cluster = Cluster(
            folder, founded.property_file, definition, database_url, postgres, made_relays, made, client, devices
        )
        for terminal in made:
            terminal.process.run_another_version(other_versions.get(terminal.name))
        processes = [one.process for one in (*made_relays, *made)]
        try:
            for process in processes:
                process.start()
            for process in processes:
                await process.until_ready(client)
            await cluster.until(cluster.agrees, FOUNDED_SECONDS_MAX, "all nodes know the first rows")
            yield cluster
        finally:
            cluster.stop()


async def _links(
    stack: AsyncExitStack,
    made: list[TerminalProcess],
    number: int,
    sync_ports: list[int],
    relay_sync_port: int,
    make_link: Callable[[int], LinkProxy] | None,
) -> tuple[str, list[str]]:
    """The addresses that terminal `number` dials: its relay, and every terminal before it."""
    if make_link is None:
        return f"ws://{LOOPBACK}:{relay_sync_port}", [f"ws://{LOOPBACK}:{port}" for port in sync_ports[:number]]
    mine = made[number]
    mine.relay_link = await stack.enter_async_context(make_link(relay_sync_port))
    mine.links.append(mine.relay_link)
    peers: list[str] = []
    for other, port in zip(made[:number], sync_ports, strict=False):
        link = await stack.enter_async_context(make_link(port))
        mine.links.append(link)
        other.links.append(link)
        peers.append(link.url)
    return mine.relay_link.url, peers


def _relay(
    name: str,
    folder: Path,
    property_file: Path,
    property_id: str,
    database_url: str,
    ports: Sequence[int],
    *,
    replay_control: bool,
) -> RelayProcess:
    token = secrets.token_urlsafe(24)
    http_port, sync_port = ports
    url = f"http://{LOOPBACK}:{http_port}"
    arguments = [
        "relay", "--property", str(property_file), "--http-port", str(http_port), "--sync-port", str(sync_port),
        "--device-key-file", str(folder / f"{name}.device-key"),
    ]  # fmt: skip
    if replay_control:
        arguments.append("--replay-control")
    # The URL may hold a password, and command lines can be read by everybody.
    environment = {"DATABASE_URL": database_url, "CRDT_PMS_SERVICE_TOKENS": f"{token}:{property_id}/{ORIGIN_SYSTEM}"}
    process = ManagedProcess(name, arguments, folder / f"{name}.log", f"{url}/ready", environment)
    return RelayProcess(name, process, url, token, property_id)


def _founded(
    folder: Path, definition: PropertyDefinition, relays: list[str], names: list[str], now_ms: int
) -> tuple[dict[str, EnrolledDevice], FoundedProperty]:
    """The property with its rows at the first terminal, and the devices of the relays and the terminals, all written down."""
    administrator, *others = names
    classes = {**dict.fromkeys(relays, DeviceClass.RELAY), **dict.fromkeys(others, DeviceClass.TERMINAL)}
    keys = {name: load_device_key(folder / f"{name}.device-key") for name in classes}
    rows = first_rows(definition)
    rows += [DefineDevice(keys[name].public_bytes.hex(), name, classes[name]) for name in classes]
    founded = found(folder, definition.property_id, rows, now_ms, name=administrator)
    devices = {administrator: founded.administrator}
    for name, key in keys.items():
        chain = founded.administrator.enrol(key.public_bytes, classes[name], name, Stamp(now_ms, 0))
        devices[name] = EnrolledDevice(key, chain)
        save_chain(chain_file_of(folder / f"{name}.device-key"), chain)
    return devices, founded


def _opening_ms(definition: PropertyDefinition) -> int:
    """The first midnight of the hotel, as its own clocks show it."""
    opening = datetime.combine(date.fromisoformat(definition.opening_date), time(), ZoneInfo(definition.zone))
    return int(opening.timestamp() * 1_000)


_NOT_YET: Final = ManagedProcess("", [], Path(), "")
