"""`crdt-pms demo`: a hotel on this machine, as real processes, until Ctrl-C."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import anyio
import typer
from rich.console import Console
from rich.table import Table

from crdt_pms.runtime.running import run
from crdt_pms.runtime.serving import listening_socket, until_told_to_end
from simulations.processes.cluster import Cluster, running_cluster
from simulations.processes.demo.population import demo_bookings, demo_property, populate
from simulations.processes.hotel_driver import HotelDriver
from simulations.processes.ports import LOOPBACK
from simulations.workloads.property import ZONE

TERMINALS = 3
console = Console(highlight=False)


def command(
    seed: Annotated[int, typer.Option(help="Which guests, bookings and rooms")] = 1,
    first_port: Annotated[int, typer.Option(help="Port of the relay; the desks follow")] = 7400,
) -> None:
    """Start PostgreSQL, a relay and three front desks of one hotel on this machine, with guests in it, until Ctrl-C."""
    ports = tuple(range(first_port, first_port + TERMINALS + 1))
    for port in ports:
        listening_socket(LOOPBACK, port).close()
    with tempfile.TemporaryDirectory(prefix="crdt-pms-demo-") as folder:
        run(_run, Path(folder), seed, ports)
    console.print("The hotel is closed; nothing is left behind.")


async def _run(folder: Path, seed: int, ports: tuple[int, ...]) -> None:
    today = datetime.now(ZoneInfo(ZONE)).date()
    definition = demo_property(today)
    async with anyio.create_task_group() as tasks:

        async def end_when_told() -> None:
            await until_told_to_end()
            tasks.cancel_scope.cancel("told to end")

        tasks.start_soon(end_when_told)
        status = console.status("Starting PostgreSQL, a relay and three front desks …")
        status.start()
        try:
            async with running_cluster(folder, definition, TERMINALS, http_ports=ports) as cluster:
                status.update("Guests are moving in …")
                read = demo_bookings(definition, today, seed)
                await populate(cluster, HotelDriver(cluster, seed, hands_clock=False), read)
                status.stop()
                _print_addresses(cluster)
                await anyio.sleep_forever()
        finally:
            status.stop()


def _print_addresses(cluster: Cluster) -> None:
    table = Table(title=f"{cluster.definition.name_ja} / {cluster.definition.name_en}")
    table.add_column("process")
    table.add_column("open in a browser")
    for terminal in cluster.terminals:
        table.add_row(terminal.name, terminal.url)
    table.add_row("relay", f"{cluster.relay.url}  (HTTP API: {cluster.relay.url}/docs)")
    console.print(table)
    administrator = cluster.terminals[0].name
    console.print(
        f"{administrator} is the administrator's: 施設設定 changes rooms and staff there, and every desk follows."
    )
    console.print("Pull a desk's plugs on its page, change something at two desks, and put them back. Ctrl-C ends it.")
