"""`crdt-pms demo`, as its user runs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from simulations.processes.ports import LOOPBACK

pytestmark = pytest.mark.process


@contextmanager
def demo(folder: Path, first_port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "crdt_pms.runtime.command", "demo", "--first-port", str(first_port)]
    environment = {**os.environ, "TMPDIR": str(folder), "COLUMNS": "200"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def said_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it ended without saying {words!r}:\n{said}")


def four_free_ports_in_a_row() -> int:
    """Below the range from which the system gives out ports to whoever asks for any."""
    return 20_000 + os.getpid() % 1_000 * 8


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's unprivileged user can reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_the_demo_is_a_hotel_with_guests_in_it_and_leaves_nothing_behind(folder: Path) -> None:
    first = four_free_ports_in_a_row()
    with demo(folder, first) as process:
        said = said_until(process, "Ctrl-C ends it")
        with httpx.Client(trust_env=False) as client:
            for port in range(first + 1, first + 4):
                assert f"http://{LOOPBACK}:{port}" in said
                terminal = f"http://{LOOPBACK}:{port}"
                assert client.get(f"{terminal}/").is_success
                assert len(client.get(f"{terminal}/api/board").json()) == 60
                assert client.get(f"{terminal}/api/in-house").json()
                assert client.get(f"{terminal}/api/arrivals").json()
            assert client.get(f"http://{LOOPBACK}:{first}/ready").json() == {
                "ready": True,
                "reason": None,
                "alarm": None,
            }
            assert client.get(f"http://{LOOPBACK}:{first}/").is_success
        process.send_signal(signal.SIGINT)
        said_until(process, "nothing is left behind")
        assert process.wait(20) == 0
    assert list(folder.iterdir()) == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{LOOPBACK}:{first}/health", trust_env=False)


def test_a_used_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as used:
        used.bind((LOOPBACK, 0))
        used.listen()
        port = used.getsockname()[1]
        with demo(tmp_path, port) as process:
            said = said_until(process, "choose another port")
            assert str(port) in said
            assert process.wait(20) == 2
