"""A process of the product, started, watched and ended by pid."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep

import anyio
import httpx

from crdt_pms.runtime.errors import OperatorError

START_SECONDS_MAX = 60.0
END_SECONDS_MAX = 15.0
_POLL_SECONDS = 0.03


class ProcessFailed(OperatorError):
    """A process ended or did not answer; the remedy holds the end of its log."""


class ManagedProcess:
    """One `crdt-pms` subcommand as a process of its own, its output in a log file."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        log: Path,
        health_url: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._arguments = arguments
        self._interpreter = sys.executable
        self._log = log
        self._health_url = health_url
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def run_another_version(self, interpreter: Path | None) -> None:
        """From the next start on run the program that is installed with this interpreter; None for the present one."""
        self._interpreter = sys.executable if interpreter is None else str(interpreter)

    @property
    def pid(self) -> int:
        """The process id of the present run."""
        assert self._process is not None, "started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start a run; returns at once."""
        environment = self._environment
        if self._interpreter != sys.executable:
            # Nothing of this tree may be found before what is installed there.
            environment = {**environment, "PYTHONPATH": "", "PYTHONSAFEPATH": "1"}
        command = [self._interpreter, "-m", "crdt_pms.runtime.command", *self._arguments]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment,
                start_new_session=True,
            )  # fmt: skip

    async def until_ready(self, client: httpx.AsyncClient) -> None:
        """Return when it answers. Raises ProcessFailed when it ended or does not answer in time."""
        deadline = monotonic() + START_SECONDS_MAX
        while monotonic() < deadline:
            if not self.is_running:
                raise ProcessFailed(f"{self.name} ended while starting.", self.log_tail())
            try:
                if (await client.get(self._health_url)).is_success:
                    return
            except httpx.TransportError:
                pass
            await anyio.sleep(_POLL_SECONDS)
        raise ProcessFailed(f"{self.name} did not answer within {START_SECONDS_MAX:.0f} seconds.", self.log_tail())

    @property
    def exit_code(self) -> int | None:
        """How the last run ended, negative for a signal; None while it runs and before the first."""
        return None if self._process is None else self._process.poll()

    def pause(self) -> None:
        """SIGSTOP; returns when it stands still. Harmless for a process that has ended."""
        self._signal(signal.SIGSTOP)
        deadline = monotonic() + END_SECONDS_MAX
        while self.is_running and monotonic() < deadline and not _stands_still(self.pid):
            sleep(_POLL_SECONDS / 10)

    def resume(self) -> None:
        """SIGCONT. Harmless for a process that runs or has ended."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9, and wait for it."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end and wait; its exit code. A process that does not heed is killed."""
        return self._end(signal.SIGTERM)

    def log_tail(self, lines: int = 30) -> str:
        """The end of its log."""
        if not self._log.exists():
            return ""
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _end(self, how: signal.Signals) -> int:
        process = self._process
        if process is None:
            return 0
        self._signal(how)
        # A process that stands still heeds nothing but SIGKILL.
        self.resume()
        try:
            return process.wait(END_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _signal(self, what: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(what)


def _stands_still(pid: int) -> bool:
    """Whether Linux says so of every thread of a process (proc(5))."""
    try:
        states = [
            task.read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            for task in Path(f"/proc/{pid}/task").glob("*/stat")
        ]
    except OSError:
        return True
    return all(state in "TtZX" for state in states)
