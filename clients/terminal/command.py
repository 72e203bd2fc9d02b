"""`crdt-pms terminal`: one front-desk terminal as a process."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import anyio
import typer

from clients.terminal.api import build_app
from clients.terminal.terminal import Addresses, OfflineRules, Terminal
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.ports.errors import StoreDoubtful, StoreError
from crdt_pms.runtime.clocks import HandedClock, system_clock
from crdt_pms.runtime.device_files import DESK_CLASSES, load_device
from crdt_pms.runtime.errors import OperatorError
from crdt_pms.runtime.logs import configure_logging
from crdt_pms.runtime.property_loading import load_property
from crdt_pms.runtime.running import run
from crdt_pms.runtime.serving import listening_socket, serve_http, until_told_to_end
from crdt_pms.runtime.settings import load_settings
from crdt_pms.session.pace import PAUSE_SECONDS_MAX, Pace
from crdt_pms.store.desk_file import open_desk
from crdt_pms.store.witnessed import WitnessedStore

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"


class StoreUnusable(OperatorError):
    """The terminal's database file cannot be used."""


def command(
    property_file: Annotated[Path, typer.Option("--property", help="The property file, the same on every node")],
    database: Annotated[Path | None, typer.Option(help="The SQLite file; LOCAL_DB_PATH by default")] = None,
    http_port: Annotated[int, typer.Option(help="Port of the screens, on this machine only")] = 7410,
    sync_host: Annotated[str, typer.Option(help="Address on which the other terminals find this one")] = LOOPBACK,
    sync_port: Annotated[int, typer.Option(help="Port on which the other terminals find this one")] = 7411,
    relay: Annotated[
        str | None, typer.Option(help="The relay, ws:// or wss:// without a path; by default the property file's")
    ] = None,
    peer: Annotated[list[str] | None, typer.Option(help="Another terminal, ws://…; may be given several times")] = None,
    device_key_file: Annotated[
        Path | None,
        typer.Option(help="The device's private key, its chain beside it; by default beside the database"),
    ] = None,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss", help="Accept that the database lost what its witness names, and end without starting"
        ),
    ] = False,
    replay_control: Annotated[
        bool, typer.Option(help="Take the time from a replay's driver. Never in a hotel", hidden=True)
    ] = False,
) -> None:
    """Run one front-desk terminal until Ctrl-C; or, with --accept-loss, only make its database one to start with."""
    configure_logging()
    settings = load_settings()
    path = database or settings.local_db_path
    definition = load_property(property_file, settings.tenant_id)
    key_file = device_key_file or path.with_suffix(".device-key")
    device = load_device(key_file, definition.property_id, definition.root_key, DESK_CLASSES)
    if accept_loss:
        _accept_loss(path, definition, device)
        return
    bound = listening_socket(LOOPBACK, http_port)
    peers = tuple(peer) if peer is not None else tuple(one.url for one in definition.peers)
    addresses = Addresses(sync_host, sync_port, relay or definition.relay_url, peers)
    handed = HandedClock(0) if replay_control else None
    pace = Pace(longest_seconds=min(PAUSE_SECONDS_MAX, settings.sync_interval_minutes * 60))
    rules = OfflineRules(settings.offline_mode_enabled, settings.max_retry_count)
    try:
        store = _open(path, definition, device)
        terminal = Terminal(definition, device, store, handed or system_clock(), addresses, pace, rules)
    except StoreError as error:
        raise StoreUnusable(
            f"{type(error).__name__}: {error}", "See above; nothing in the file was changed."
        ) from error

    async def serve() -> None:
        async with anyio.create_task_group() as tasks:
            await terminal.run(tasks)
            tasks.start_soon(serve_http, build_app(terminal, handed), bound)
            await until_told_to_end()
            tasks.cancel_scope.cancel("told to end")

    try:
        run(serve)
    finally:
        terminal.close()


def _open(
    path: Path, definition: PropertyDefinition, device: EnrolledDevice, accepted_at_ms: int | None = None
) -> WitnessedStore:
    path.parent.mkdir(parents=True, exist_ok=True)
    return open_desk(path, definition.property_id, device.device_id, accepted_at_ms=accepted_at_ms)


def _accept_loss(path: Path, definition: PropertyDefinition, device: EnrolledDevice) -> None:
    """Say what is lost, and let the witness name what is there. Only for once: a terminal never runs with it."""
    try:
        _open(path, definition, device).close()
    except StoreDoubtful as error:
        doubt = error
    except StoreError as error:
        raise StoreUnusable(f"{type(error).__name__}: {error}", "See above; nothing was accepted.") from error
    else:
        logger.info("%s: nothing is lost, nothing was to accept", path)
        return
    try:
        _open(path, definition, device, system_clock().machine_ms()).close()
    except StoreError as error:
        raise StoreUnusable(f"{type(error).__name__}: {error}", "See above; nothing was accepted.") from error
    logger.warning("accepted: %s", doubt)
