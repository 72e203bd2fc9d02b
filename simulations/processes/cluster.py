"""A whole hotel as processes on this machine: PostgreSQL, one relay, some terminals, and the links between them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import anyio
import httpx

from crdt_pms.hotel.property_file import PropertyDefinition, render_property
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.keys import DeviceKey
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice, found_property
from crdt_pms.runtime.clocks import system_clock
from crdt_pms.runtime.device_files import chain_file_of, save_chain
from crdt_pms.runtime.device_key_file import SEED_BYTES, load_device_key
from crdt_pms.runtime.postgres import EmbeddedPostgres
from simulations.processes.link_proxy import LinkProxy
from simulations.processes.managed_process import ManagedProcess
from simulations.processes.ports import LOOPBACK, free_ports

RELAY: Final = "relay"
ORIGIN_SYSTEM: Final = "booking-engine"
HTTP_SECONDS_MAX: Final = 60.0
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
    """The relay: its process and where its HTTP API is."""

    process: ManagedProcess
    url: str
    token: str


@dataclass
class Cluster:
    """A running hotel."""

    folder: Path
    property_file: Path
    definition: PropertyDefinition
    database_url: str
    postgres: EmbeddedPostgres | None
    relay: RelayProcess
    terminals: list[TerminalProcess]
    client: httpx.AsyncClient
    devices: Mapping[str, EnrolledDevice]

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
        """End the terminals, then the relay, so that everything is committed that can be."""
        for terminal in self.terminals:
            terminal.process.stop()
        self.relay.process.stop()


@asynccontextmanager
async def running_cluster(
    folder: Path,
    definition: PropertyDefinition,
    terminals: int,
    *,
    database_url: str | None = None,
    proxied: bool = False,
    replay_control: bool = False,
    http_ports: tuple[int, ...] | None = None,
    make_link: Callable[[int], LinkProxy] = LinkProxy,
    other_versions: Mapping[str, Path] = MappingProxyType({}),
) -> AsyncIterator[Cluster]:
    """Start everything and wait until it answers; end it again, by pid, whatever happens.

    `definition` comes without its root; root and devices are made for this run, their files in
    `folder`. Without `database_url` PostgreSQL is embedded. `proxied`
    puts a proxy on every link, which `make_link` makes for the port behind it. `http_ports` are the relay's and then the
    terminals', free ones by default. `other_versions` gives the interpreter of each terminal that runs another version.
    """
    names = [f"desk-{number}" for number in range(1, terminals + 1)]
    root = DeviceKey(secrets.token_bytes(SEED_BYTES))
    definition = replace(definition, root_key=root.public_bytes)
    devices = _enrolled(folder, definition.property_id, root, names)
    property_file = folder / "property.json"
    property_file.write_text(render_property(definition), encoding="utf-8")
    ports = free_ports(2 * (terminals + 1))
    sync_ports, relay_sync_port = ports[:terminals], ports[terminals]
    relay_http, *terminal_http = http_ports or tuple(ports[terminals + 1 :])
    async with AsyncExitStack() as stack:
        postgres = None
        if database_url is None:
            postgres = stack.enter_context(EmbeddedPostgres())
            database_url = postgres.url
        client = await stack.enter_async_context(
            httpx.AsyncClient(timeout=HTTP_SECONDS_MAX, trust_env=False, limits=_LIMITS)
        )
        relay = _relay(folder, property_file, database_url, relay_http, relay_sync_port, replay_control=replay_control)
        made: list[TerminalProcess] = []
        for number, name in enumerate(names):
            made.append(
                TerminalProcess(name, _NOT_YET, f"http://{LOOPBACK}:{terminal_http[number]}", folder / f"{name}.sqlite")
            )
            relay_url, peers = await _links(
                stack, made, number, sync_ports, relay_sync_port, make_link if proxied else None
            )
            arguments = [
                "terminal", "--property", str(property_file), "--database", str(folder / f"{name}.sqlite"),
                "--http-port", str(terminal_http[number]), "--sync-port", str(sync_ports[number]),
                "--device-key-file", str(folder / f"{name}.device-key"), "--relay", relay_url,
            ]  # fmt: skip
            for peer in peers:
                arguments += ["--peer", peer]
            if replay_control:
                arguments.append("--replay-control")
            made[number].process = ManagedProcess(name, arguments, folder / f"{name}.log", f"{made[number].url}/health")
        cluster = Cluster(folder, property_file, definition, database_url, postgres, relay, made, client, devices)
        for terminal in made:
            terminal.process.run_another_version(other_versions.get(terminal.name))
        processes = [relay.process, *(terminal.process for terminal in made)]
        try:
            for process in processes:
                process.start()
            for process in processes:
                await process.until_ready(client)
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
    """The addresses that terminal `number` dials: the relay, and every terminal before it."""
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
    folder: Path, property_file: Path, database_url: str, http_port: int, sync_port: int, *, replay_control: bool
) -> RelayProcess:
    token = secrets.token_urlsafe(24)
    url = f"http://{LOOPBACK}:{http_port}"
    arguments = [
        "relay", "--property", str(property_file), "--http-port", str(http_port), "--sync-port", str(sync_port),
        "--device-key-file", str(folder / "relay.device-key"),
    ]  # fmt: skip
    if replay_control:
        arguments.append("--replay-control")
    # The URL may hold a password, and command lines can be read by everybody.
    environment = {"DATABASE_URL": database_url, "CRDT_PMS_SERVICE_TOKENS": f"{token}:{ORIGIN_SYSTEM}"}
    process = ManagedProcess("relay", arguments, folder / "relay.log", f"{url}/ready", environment)
    return RelayProcess(process, url, token)


def _enrolled(folder: Path, property_id: str, root: DeviceKey, names: list[str]) -> dict[str, EnrolledDevice]:
    """The relay and the terminals, enrolled by an administrator whose device is none of them."""
    now = Stamp(system_clock().now_ms(), 0)
    administrator = found_property(root, property_id, DeviceKey(secrets.token_bytes(SEED_BYTES)), "administrator", now)
    devices: dict[str, EnrolledDevice] = {}
    for name in (RELAY, *names):
        key_file = folder / f"{name}.device-key"
        key = load_device_key(key_file)
        device_class = DeviceClass.RELAY if name == RELAY else DeviceClass.TERMINAL
        devices[name] = EnrolledDevice(key, administrator.enrol(key.public_bytes, device_class, name, now))
        save_chain(chain_file_of(key_file), devices[name].chain)
    return devices


_NOT_YET: Final = ManagedProcess("", [], Path(), "")
