"""One PostgreSQL cluster of ours, on loopback, with durability left on."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict

import psycopg

from crdt_pms.runtime.errors import OperatorError
from simulations.processes.postgres.binaries import Runner, usable_installation

HOST = "127.0.0.1"
USER = "crdt_pms"
DATABASE = "postgres"
START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 30.0
POLL_SECONDS = 0.02
LOG_LINES_SHOWN = 8

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "50",
    "shared_buffers": "64MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""`fsync` and `synchronous_commit` stay at their defaults, on: durability is what the product is for."""


class PostgresFailed(OperatorError):
    """The embedded PostgreSQL did not do what was asked; the message ends with its last log lines."""


class _Identity(TypedDict, total=False):
    """Under whom a child process runs; empty for the same user."""

    user: int
    group: int
    extra_groups: list[int]


class EmbeddedPostgres:
    """A PostgreSQL that belongs to this process.

    Without `directory` the cluster lives in a temporary folder and goes with `stop`; with one it is kept, and used again by the
    next start. If this process is killed, the server runs on: stop it by the pid in `postmaster.pid`.
    """

    def __init__(self, directory: Path | None = None, port: int | None = None) -> None:
        self._is_temporary = directory is None
        self._directory = directory
        self._port = port
        self._runner = Runner.for_this_process()
        self._process: subprocess.Popen[bytes] | None = None
        self._password = ""
        self._installation = Path()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where to connect, with user and password, for SQLAlchemy with psycopg."""
        return f"postgresql+psycopg://{USER}:{self._password}@{HOST}:{self._port}/{DATABASE}"

    @property
    def pid(self) -> int:
        """The process id of the running postmaster. PostgresFailed when it does not run."""
        if self._process is None:
            raise PostgresFailed("PostgreSQL is not running.", "Call start() first.")
        return self._process.pid

    def start(self) -> str:
        """Make the cluster if there is none, start it, wait until it answers, and return `url`."""
        try:
            self._prepare()
            self._launch()
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """Shut down and, for a temporary cluster, leave nothing behind. Stopping twice is harmless."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)
                try:
                    self._process.wait(STOP_SECONDS_MAX)
                except subprocess.TimeoutExpired:
                    self.kill()
            self._process = None
        if self._is_temporary and self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    def kill(self) -> None:
        """SIGKILL the postmaster and all its children, as a power cut would; returns when none of them runs any more."""
        if self._process is None:
            return
        # Standing still it starts no more children. They are in sessions of their own and would serve on for a moment.
        postmaster = self._process.pid
        _signal(postmaster, signal.SIGSTOP)
        children = _children_of(postmaster)
        for pid in (*children, postmaster):
            _signal(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        while any(_runs(pid) for pid in children):
            time.sleep(POLL_SECONDS)

    def restart(self) -> str:
        """Start again after `kill` (or shut down and start): same folder, same port, same password."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(STOP_SECONDS_MAX)
            self._process = None
        self._launch()
        return self.url

    def _prepare(self) -> None:
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="crdt-pms-postgres-"))
        self._directory.mkdir(parents=True, exist_ok=True)
        self._runner.own(self._directory)
        self._installation = usable_installation(self._runner, self._directory)
        self._port = self._port or _free_port()
        password_file = self._directory / "password"
        if (self._directory / "cluster" / "PG_VERSION").exists():
            self._password = password_file.read_text()
            return
        self._password = secrets.token_hex(16)
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        self._runner.own(password_file)
        self._run(
            "initdb",
            "--pgdata", str(self._directory / "cluster"),
            "--username", USER,
            "--pwfile", str(password_file),
            "--auth", "scram-sha-256",
            "--encoding", "UTF8",
            "--locale", "C",
            "--data-checksums",
        )  # fmt: skip

    def _launch(self) -> None:
        assert self._directory is not None
        _require_free(self._port or 0)
        options = [argument for name, value in SETTINGS.items() for argument in ("-c", f"{name}={value}")]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(self._installation / "bin" / "postgres"),
                    "-D", str(self._directory / "cluster"),
                    "-p", str(self._port),
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
                cwd=self._directory,
                # A session of its own: Ctrl-C reaches us first.
                start_new_session=True,
                **self._identity(),
            )  # fmt: skip
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise PostgresFailed("PostgreSQL stopped while starting.", self._last_log())
            try:
                psycopg.connect(self.url.replace("+psycopg", ""), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(POLL_SECONDS)
            else:
                return
        raise PostgresFailed(f"PostgreSQL did not answer within {START_SECONDS_MAX:.0f} s.", self._last_log())

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._installation / "bin" / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=self._environment(),
            cwd=self._directory,
            **self._identity(),
        )
        if done.returncode:
            raise PostgresFailed(f"{program} failed with code {done.returncode}.", done.stderr.strip()[-500:])

    def _identity(self) -> _Identity:
        if self._runner.uid is None or self._runner.gid is None:
            return {}
        return {"user": self._runner.uid, "group": self._runner.gid, "extra_groups": []}

    def _environment(self) -> dict[str, str]:
        return {"LC_ALL": "C", "PATH": os.defpath, "HOME": str(self._directory), "TZ": "UTC"}

    def _last_log(self) -> str:
        assert self._directory is not None
        lines = (self._directory / "log").read_text(errors="replace").splitlines()
        return "Its last words: " + " / ".join(lines[-LOG_LINES_SHOWN:])


def _signal(pid: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, what)


def _status_of(pid: int) -> list[str]:
    """State, parent and the rest of what Linux says of a process (proc(5), `stat` from the third field); empty when gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _children_of(parent: int) -> list[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if _status_of(pid)[1:2] == [str(parent)]]


def _runs(pid: int) -> bool:
    return _status_of(pid)[:1] not in ([], ["Z"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PostgresFailed(f"Port {port} is already in use.", "Choose another port.") from error
