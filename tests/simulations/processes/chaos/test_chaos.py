"""`crdt-pms chaos`, as its user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulations.processes.chaos.schedule import FaultKind

pytestmark = pytest.mark.process


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's unprivileged user can reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_everything_goes_wrong_within_seconds_and_every_law_holds(folder: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [
        sys.executable, "-c", "from simulations.processes.chaos.command import command; import typer; typer.run(command)",
        "--seconds", "16", "--seed", "2", "--intensity", "2.5", "--report", str(report),
    ]  # fmt: skip
    environment = {**os.environ, "TMPDIR": str(folder), "COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(report.read_text(encoding="utf-8"))
    assert found["failures"] == []
    assert set(FaultKind) <= found["happened"].keys()
    assert found["messages"]
    assert sum(found["done"].values()) > 100
    assert list(folder.iterdir()) == []
