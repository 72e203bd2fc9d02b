"""One terminal as a process of its own, without a relay to speak to."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from crdt_pms.hotel.property_file import render_property
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.trust import Chain, DeviceClass, EnrolledDevice
from crdt_pms.runtime.command import main
from crdt_pms.runtime.device_files import chain_file_of, save_chain
from crdt_pms.runtime.device_key_file import load_device_key
from crdt_pms.runtime.serving import listening_socket
from simulations.processes.managed_process import ManagedProcess
from simulations.processes.ports import LOOPBACK, free_ports
from tests.crdt_pms.journal.journals import administrator
from tests.crdt_pms.replica.founding import take_over_rows
from tests.crdt_pms.replica.terminals import definition

START_SECONDS_MAX = 60
SATO = {
    "arrival": "2026-07-01", "nights": 2, "room_type": "A", "rate_minor": 12_000, "adults": 2, "source": "direct",
    "guest_name": "佐藤 花子", "guest_contact": "090-0000-0001", "guest_address": "神奈川県鎌倉市",
}  # fmt: skip


@dataclass
class Ended:
    """How a process ended that should not have run."""

    code: int
    words: str


class TerminalFolder:
    """Everything that one terminal needs in one folder: an enrolled key, a property file, free ports.

    `knows_rows`: the terminal has met an administrator's desk before, and holds the first rows of the property.
    """

    def __init__(self, folder: Path, *, knows_rows: bool = True) -> None:
        self.folder = folder
        self.property_file = folder / "property.json"
        self.database = folder / "desk.sqlite"
        self.key_file = folder / "desk.device-key"
        self.http_port, self.sync_port, self.nobodys_port = free_ports(3)
        self.relay = f"ws://{LOOPBACK}:{self.nobodys_port}"
        self.property_file.write_text(render_property(definition()), encoding="utf-8")
        key = load_device_key(self.key_file)
        chain = self.enrol(key.public_bytes)
        if knows_rows:
            take_over_rows(self.database, EnrolledDevice(key, chain))

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.http_port}"

    def enrol(self, public_key: bytes, device_class: DeviceClass = DeviceClass.TERMINAL) -> Chain:
        """Put a chain beside the key that vouches for that device."""
        chain = administrator().enrol(public_key, device_class, self.folder.name, Stamp(1, 0))
        save_chain(chain_file_of(self.key_file), chain)
        return chain

    @property
    def arguments(self) -> list[str]:
        return [
            "terminal", "--property", str(self.property_file), "--database", str(self.database),
            "--http-port", str(self.http_port), "--sync-port", str(self.sync_port),
            "--device-key-file", str(self.key_file), "--relay", self.relay,
        ]  # fmt: skip

    def process(self) -> ManagedProcess:
        """The terminal, not yet started."""
        return ManagedProcess("desk", self.arguments, self.folder / "desk.log", f"{self.url}/health")

    def run_to_its_end(self, *options: str, **environment: str) -> Ended:
        """Start what is expected to end by itself, with more options."""
        ended = subprocess.run(
            [sys.executable, "-m", "crdt_pms.runtime.command", *self.arguments, *options],
            cwd=self.folder, env={**os.environ, "COLUMNS": "500", **environment}, timeout=START_SECONDS_MAX,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        return Ended(ended.returncode, ended.stdout.decode())

    def run_here_to_its_end(self, patch: pytest.MonkeyPatch, output: pytest.CaptureFixture[str]) -> Ended:
        """The same without a process of its own, which takes most of the time."""
        patch.chdir(self.folder)
        patch.setenv("COLUMNS", "500")
        patch.setattr(sys, "argv", ["crdt-pms", *self.arguments])
        # A process that ends closes its sockets; here the test does.
        bound: list[socket.socket] = []

        def remembered(host: str, port: int) -> socket.socket:
            bound.append(listening_socket(host, port))
            return bound[-1]

        patch.setattr("clients.terminal.command.listening_socket", remembered)
        with pytest.raises(SystemExit) as ended:
            main()
        for one in bound:
            one.close()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, output.readouterr().err)

    async def act(self, client: httpx.AsyncClient, action: str, body: dict[str, Any]) -> dict[str, Any]:
        """Do something at the desk; it is acknowledged when this returns."""
        answer = await client.post(f"{self.url}/api/actions/{action}", json=body, headers={"X-Staff": "suzuki"})
        assert answer.is_success, answer.text
        return answer.json()

    async def reserve(self, client: httpx.AsyncClient, stay: str) -> dict[str, Any]:
        """Take a reservation under that id."""
        return await self.act(client, "create_stay", {**SATO, "stay": stay})

    async def read(self, client: httpx.AsyncClient, path: str) -> Any:
        """What the API says."""
        answer = await client.get(f"{self.url}/api/{path}")
        assert answer.is_success, answer.text
        return answer.json()
