"""The embedded PostgreSQL keeps what it committed and leaves nothing behind."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from simulations.processes.postgres import EmbeddedPostgres, PostgresFailed, binaries

pytestmark = pytest.mark.process


def connect(server: EmbeddedPostgres) -> psycopg.Connection:
    return psycopg.connect(server.url.replace("+psycopg", ""))


def test_a_committed_row_survives_kill_nine() -> None:
    with EmbeddedPostgres() as server:
        with connect(server) as connection:
            connection.execute("CREATE TABLE kept (number int)")
            connection.execute("INSERT INTO kept VALUES (7)")
        server.kill()
        server.restart()
        with connect(server) as connection:
            assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]
            assert connection.execute("SHOW fsync").fetchone() == ("on",)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_nothing_is_left_behind(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(open_folder))
    server = EmbeddedPostgres()
    server.start()
    pid = server.pid
    assert list(open_folder.iterdir())
    server.stop()
    assert list(open_folder.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_no_mode_and_no_user_is_changed_outside_its_own_folder(open_folder: Path) -> None:
    def surroundings() -> tuple[list[int], bytes]:
        return [stat.S_IMODE(parent.stat().st_mode) for parent in own.parents], Path("/etc/passwd").read_bytes()

    own = open_folder / "cluster"
    before = surroundings()
    with EmbeddedPostgres(own):
        assert surroundings() == before
    assert surroundings() == before


def test_a_used_port_says_what_to_do() -> None:
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        with pytest.raises(PostgresFailed, match="Choose another port"):
            EmbeddedPostgres(port=occupied.getsockname()[1]).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_runs_for_an_ordinary_user_too() -> None:
    if not binaries._everybody_can_reach(binaries.installation()):
        pytest.skip("this checkout lies below a folder that other users cannot enter")
    program = (
        "import os, psycopg\n"
        "from simulations.processes.postgres import EmbeddedPostgres\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "with EmbeddedPostgres() as server: print(server.url)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("postgresql+psycopg://")


def test_after_a_kill_nothing_of_it_serves_on() -> None:
    with EmbeddedPostgres() as postgres:
        for _ in range(3):
            with psycopg.connect(postgres.url.replace("+psycopg", "")) as connection:
                postgres.kill()
                with pytest.raises(psycopg.OperationalError):
                    connection.execute("SELECT 1")
            postgres.restart()
