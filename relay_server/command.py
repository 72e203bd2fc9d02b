"""`crdt-pms relay`: one relay as a process."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated

import anyio
import psycopg
import typer
from psycopg.conninfo import conninfo_to_dict

from crdt_pms.ports.errors import StoreError
from crdt_pms.runtime.clocks import HandedClock, system_clock
from crdt_pms.runtime.device_files import RELAY_CLASSES, load_device
from crdt_pms.runtime.errors import OperatorError, SettingsError
from crdt_pms.runtime.logs import configure_logging
from crdt_pms.runtime.property_loading import load_property
from crdt_pms.runtime.running import run
from crdt_pms.runtime.serving import listening_socket, serve_http, until_told_to_end
from crdt_pms.runtime.settings import load_settings
from crdt_pms.store.postgresql import libpq_url
from relay_server.app import build_app
from relay_server.database import postgresql_database
from relay_server.errors import RelayError
from relay_server.relay import Relay
from relay_server.service_tokens import VARIABLE, ServiceTokens
from relay_server.snapshots import DAY_MS, HOUR_MS, Retention

logger = logging.getLogger(__name__)


class DatabaseUnusable(OperatorError):
    """PostgreSQL does not answer, or is not one of ours."""


class RelayEnded(OperatorError):
    """The relay ended itself so as not to contradict what is in PostgreSQL."""


def command(
    property_file: Annotated[Path, typer.Option("--property", help="The property file, the same on every node")],
    database_url: Annotated[str | None, typer.Option(help="PostgreSQL; DATABASE_URL by default")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    http_port: Annotated[int, typer.Option(help="Port of the HTTP API for other systems")] = 7400,
    sync_port: Annotated[int, typer.Option(help="Port on which the terminals connect")] = 7401,
    device_key_file: Annotated[Path, typer.Option(help="The relay's private key, its chain beside it")] = Path(
        "data/relay.device-key"
    ),
    replay_control: Annotated[
        bool, typer.Option(help="Take the time from a replay's driver. Never in a hotel", hidden=True)
    ] = False,
) -> None:
    """Run one relay until Ctrl-C.

    Service tokens of other systems come from CRDT_PMS_SERVICE_TOKENS, as token:property/system,token:property/system.
    """
    configure_logging()
    settings = load_settings()
    url = database_url or (settings.database_url.get_secret_value() if settings.database_url is not None else None)
    if url is None:
        raise SettingsError("The relay has no database.", "Give --database-url or set DATABASE_URL.")
    _require_address(url)
    definition = load_property(property_file, settings.tenant_id)
    device = load_device(device_key_file, definition.property_id, definition.root_key, RELAY_CLASSES)
    tokens = ServiceTokens.parse(os.environ.get(VARIABLE, ""))
    for elsewhere in sorted(tokens.properties - {definition.property_id}):
        logger.warning("%s holds tokens for %s, which is not found at this relay", VARIABLE, elsewhere)
    bound = listening_socket(host, http_port)
    handed = HandedClock(0) if replay_control else None
    database = postgresql_database(url, definition.property_id)
    retention = Retention(
        every_ms=round(settings.snapshot_interval_hours * HOUR_MS),
        oldest_backup_ms=round(settings.oldest_backup_days * DAY_MS),
    )

    async def serve() -> None:
        try:
            relay = Relay(definition, device, handed or system_clock(), database, retention)
        except StoreError as error:
            raise DatabaseUnusable(
                f"{type(error).__name__}: {error}", "The relay starts when that is mended."
            ) from error
        try:
            async with anyio.create_task_group() as tasks:
                await relay.run(tasks, host, sync_port)
                tasks.start_soon(serve_http, build_app(relay, tokens, handed), bound)
                await until_told_to_end()
                tasks.cancel_scope.cancel("told to end")
        finally:
            await relay.close()

    try:
        run(serve)
    except* RelayError as group:
        raise RelayEnded(str(group.exceptions[0]), "Start the relay again.") from group


def _require_address(url: str) -> None:
    """SettingsError, without the address since it may hold a password, unless it is one of a PostgreSQL."""
    try:
        conninfo_to_dict(libpq_url(url))
    except (ValueError, StoreError, psycopg.ProgrammingError):
        raise SettingsError(
            "The database URL cannot be read as the address of a PostgreSQL.",
            "Write postgresql://user:password@host:port/name.",
        ) from None
