"""A running hotel beside the browser: real processes, driven from a thread of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.runtime.clocks import system_clock
from crdt_pms.runtime.device_files import chain_file_of, save_chain
from crdt_pms.runtime.device_key_file import load_device_key
from simulations.processes.cluster import Cluster, running_cluster
from simulations.processes.demo.population import demo_bookings, populate
from simulations.processes.hotel_driver import HotelDriver
from simulations.processes.managed_process import ManagedProcess
from simulations.processes.ports import LOOPBACK, free_ports
from simulations.workloads.property import ZONE, make_property

DESKS: Final = 3
SHARES: Final = {"A": 0.6, "D": 0.25, "E": 0.15}
ROOMS: Final = 36
ROOMS_POPULATED: Final = 12
"""The guests of the population fill no more rooms than this; the others are ready for the tests."""
SEED: Final = 7
PLUGS: Final = ("relay", "lan")
NO_KEEPING: Final = httpx.Limits(max_keepalive_connections=0)
SYNC_SECONDS_MAX: Final = 30.0
READY: Final = ("clean", "inspected")


class Hotel:
    """Three desks of one hotel, the first one its administrator's.

    They are reached from outside where a test needs a guest or has to wait.
    """

    def __init__(self, portal: BlockingPortal, cluster: Cluster) -> None:
        self._portal = portal
        self._cluster = cluster
        self._driver = HotelDriver(cluster, SEED, hands_clock=False)
        self._rooms_given: set[str] = set()

    def populate(self) -> None:
        """Let the guests and bookings of the demo in, for a part of the rooms."""
        today = datetime.now(ZoneInfo(ZONE)).date()
        smaller = make_property("city", ROOMS_POPULATED, SHARES, today.isoformat())
        self._portal.call(populate, self._cluster, self._driver, demo_bookings(smaller, today, SEED))
        self.until_equal()

    def url(self, number: int) -> str:
        """The address of a desk's page; desks count from 1."""
        return self._cluster.terminals[number - 1].url

    def read(self, number: int, path: str) -> Any:
        """What a desk's page reads."""
        return self._portal.call(self._driver.read, self._cluster.terminals[number - 1], path)

    def expect_guest(self, name: str) -> None:
        """Reserve a stay that arrives today, without a room; every desk knows of it."""
        self._act("create_stay", **self._terms(), **_card(name))

    def take_in(self, name: str, room: str) -> str:
        """Have a guest in a room since today; the stay's id. Every desk knows of it."""
        acted = self._act("take_over_stay", **self._terms(), **_card(name), room=room, reason="開業時の引継ぎ")
        return acted["outcome"]["stay"]

    def charge(self, stay: str, amount_minor: int) -> None:
        """Post a charge; every desk knows of it."""
        self._act("post_charge", stay=stay, code="restaurant", amount_minor=amount_minor)

    def deposit(self, stay: str, amount_minor: int) -> None:
        """Take a deposit; every desk knows of it."""
        key = f"deposit-{stay}"
        seen = self.read(1, f"stays/{stay}")["line"]["balance_minor"]
        self._act(
            "post_payment", stay=stay, amount_minor=amount_minor, method="cash", idempotency_key=key,
            seen_balance_minor=seen, deposit=True,
        )  # fmt: skip

    def amend(self, number: int, stay: str, nights: int) -> None:
        """Change a stay's nights at one desk, which may be cut off."""
        terminal = self._cluster.terminals[number - 1]

        async def act() -> None:
            await self._driver.must(terminal, "amend_terms", stay=stay, nights=nights)

        self._portal.call(act)

    def free_room(self) -> str:
        """A vacant room that a guest may be shown to, another one each time."""
        board = self.read(1, "board")
        free = (row for row in board if row["fo_occupancy"] == "vacant" and row["hk_condition"] in READY)
        room = next(row["room"] for row in free if row["room"] not in self._rooms_given)
        self._rooms_given.add(room)
        return room

    def until_note_has(self, number: int, document: str, *texts: str) -> None:
        """Wait until a desk's copy of a note holds all of these."""

        async def holds() -> bool:
            note = await self._driver.read(self._cluster.terminals[number - 1], f"notes/{document}")
            return all(text in note["text"] for text in texts)

        self._until(holds, f"{texts} in {document} at desk {number}")

    @contextmanager
    def without_desk(self, number: int) -> Iterator[None]:
        """One desk's process has ended meanwhile."""
        process = self._cluster.terminals[number - 1].process
        process.stop()
        yield
        process.start()
        self._portal.call(process.until_ready, self._cluster.client)

    @contextmanager
    def newcomer(self) -> Iterator[str]:
        """The address of a further desk that is enrolled, and has not met any other node."""
        cluster, name = self._cluster, "newcomer"
        key_file = cluster.folder / f"{name}.device-key"
        chain = cluster.devices[cluster.terminals[0].name].enrol(
            load_device_key(key_file).public_bytes, DeviceClass.TERMINAL, name, Stamp(system_clock().now_ms(), 0)
        )
        save_chain(chain_file_of(key_file), chain)
        http_port, sync_port, nobodys_port = free_ports(3)
        url = f"http://{LOOPBACK}:{http_port}"
        arguments = [
            "terminal", "--property", str(cluster.property_file), "--database", str(cluster.folder / f"{name}.sqlite"),
            "--http-port", str(http_port), "--sync-port", str(sync_port), "--relay", f"ws://{LOOPBACK}:{nobodys_port}",
        ]  # fmt: skip
        process = ManagedProcess(name, arguments, cluster.folder / f"{name}.log", f"{url}/health")
        process.start()
        try:
            self._portal.call(process.until_ready, cluster.client)
            yield url
        finally:
            process.stop()

    def put_plugs_back(self) -> None:
        """Connect every desk again and wait until all hold the same."""
        for terminal in self._cluster.terminals:
            for plug in PLUGS:
                self._portal.call(self._plug_in, f"{terminal.url}/api/plugs/{plug}")
        self.until_equal()

    def until_equal(self) -> None:
        """Wait until every desk holds the same and the relay has committed all of it."""

        async def are_equal() -> bool:
            states = [await self._driver.read(terminal, "sync?vector=true") for terminal in self._cluster.terminals]
            vectors = [state["vector"] for state in states]
            return all(vector == vectors[0] for vector in vectors) and not any(state["tentative"] for state in states)

        self._until(are_equal, "the desks hold the same")

    def _act(self, action: str, **fields: object) -> dict[str, Any]:
        async def act() -> dict[str, Any]:
            return await self._driver.must(self._cluster.terminals[0], action, **fields)

        acted = self._portal.call(act)
        self.until_equal()
        return acted

    async def _plug_in(self, url: str) -> None:
        response = await self._cluster.client.post(url, json={"plugged": True})
        response.raise_for_status()

    def _until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        self._portal.call(self._cluster.until, condition, SYNC_SECONDS_MAX, what)

    def _terms(self) -> dict[str, object]:
        today = self.read(1, "property")["business_date"]
        return {"arrival": today, "nights": 1, "room_type": "A", "rate_minor": 12_000, "adults": 1, "source": "direct"}


def _card(name: str) -> dict[str, str]:
    return {"guest_name": name, "guest_contact": "090-0000-0001", "guest_address": "東京都港区"}


@contextmanager
def running_hotel(folder: Path) -> Iterator[Hotel]:
    """Start everything and populate it; everything has ended afterwards."""
    today = datetime.now(ZoneInfo(ZONE)).date()
    definition = make_property("city", ROOMS, SHARES, today.isoformat())
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(running_cluster(folder, definition, DESKS)) as cluster,
        # Between two of these requests a browser may work for as long as the desks keep a connection open.
        portal.wrap_async_context_manager(
            httpx.AsyncClient(limits=NO_KEEPING, timeout=SYNC_SECONDS_MAX, trust_env=False)
        ) as client,
    ):
        hotel = Hotel(portal, replace(cluster, client=client))
        hotel.populate()
        yield hotel
