"""`crdt-pms replay`, as its user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulations.processes.replay.schedule import Pair
from simulations.workloads.bookings_file import COLUMNS
from tests.simulations.workloads.conftest import csv_of

pytestmark = pytest.mark.process


def replay(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crdt_pms.runtime.command", "replay", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)


def test_a_day_with_flapping_links_and_kills_of_everything_keeps_the_laws(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = replay(
        "--rooms", "40", "--from", "2016-08-08", "--to", "2016-08-08", "--terminals", "3", "--seed", "1",
        "--cuts", "flapping", "--kill", "all", "--report", str(report),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(report.read_text(encoding="utf-8"))
    assert found["failures"] == []
    assert found["pairs_provoked"] == dict.fromkeys(sorted(Pair), 1)
    assert found["kills"] == {"postgres": 1, "relay": 1, "terminal": 1}
    assert found["cuts"] > 0


def test_a_malformed_bookings_file_names_line_and_column(tmp_path: Path) -> None:
    broken = tmp_path / "bookings.csv"
    broken.write_text(csv_of([{}, {"adults": "many"}], COLUMNS), encoding="utf-8")
    done = replay("--bookings", str(broken), "--from", "2016-08-08", "--to", "2016-08-14")
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert "line 3" in said
    assert "adults" in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--from", "yesterday"), "YYYY-MM-DD"),
        (("--hotel", "castle"), "city"),
        (("--from", "2016-08-09", "--to", "2016-08-08"), "after the last day"),
        (("--database-url", "postgresql://nobody@127.0.0.1:1/none"), "does not answer"),
    ],
)
def test_what_cannot_be_replayed_is_refused_with_words(options: tuple[str, ...], words: str) -> None:
    done = replay(*options)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
