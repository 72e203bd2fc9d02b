"""`crdt-pms simulate`, as its user runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from simulations.ablations import searching
from simulations.ablations.catalogue import ABLATIONS
from simulations.campaign import command, worlds
from simulations.checkers.judging import CHECKERS, Finding
from simulations.faults.knobs import KNOBS
from simulations.world.plan import MINUTE_MS, Fault
from tests.simulations.faults.small_world import small_plan

ROOT = Path(__file__).parents[3]
EXIT_USAGE = 2
BROKEN = "exactly_once"


def simulate(*options: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "crdt_pms.runtime.command", "simulate", *options],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "COLUMNS": "200"},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


def invoke(*options: str) -> Result:
    """The command in this process."""
    app = typer.Typer()
    app.command()(command.command)
    return CliRunner().invoke(app, list(options), env={"COLUMNS": "200"})


def hash_of(output: str) -> str:
    (found,) = re.findall(r"^trace hash ([0-9a-f]{64})$", output, re.MULTILINE)
    return found


@pytest.fixture
def broken_worlds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small worlds, without a safeguard."""
    faults = [Fault(MINUTE_MS + at, MINUTE_MS + at, "kill", (1 + at % 3,)) for at in range(2)]
    monkeypatch.setattr(command, "draw_plan", lambda seed: small_plan(3, work=4, faults=faults, seed=seed))
    with ABLATIONS[BROKEN].provokes(), ABLATIONS[BROKEN].patch():
        yield


def test_a_world_has_the_same_trace_hash_in_every_process() -> None:
    (here,) = worlds.run_seeds([5])
    for hash_seed in ("1", "2"):
        ran = simulate("--seed", "5", hash_seed=hash_seed)
        assert ran.returncode == 0
        assert hash_of(ran.stdout) == here.hash


def test_one_world_is_told_in_words() -> None:
    ran = invoke("--seed", "5")
    assert ran.exit_code == 0
    first, *lines = ran.stdout.splitlines()
    assert first.startswith("World 5: ")
    assert any(re.fullmatch(r" \d+d \d\d:\d\d:\d\d\.\d{3}  desk-1 +runs", line) for line in lines)
    assert any("the nodes agree" in line for line in lines)
    verbose = invoke("--seed", "5", "--verbose")
    assert len(verbose.stdout.splitlines()) > 2 * len(lines)
    assert hash_of(verbose.stdout) == hash_of(ran.stdout)


def test_a_campaign_of_clean_worlds_sums_up_what_happened_in_them() -> None:
    ran = simulate("--seeds", "0:4", "--jobs", "2", "--hashes", hash_seed="3")
    assert ran.returncode == 0
    assert re.search(r"^4 worlds in \d+ s with 2 jobs: .* actions in the median world$", ran.stdout, re.MULTILINE)
    for name in KNOBS:
        assert re.search(rf"│ {name} +│ \d+ +│", ran.stdout), name
    hashes = dict(line.split(" ") for line in ran.stdout.splitlines() if re.fullmatch(r"\d+ [0-9a-f]{64}", line))
    assert hashes == {str(result.seed): result.hash for result in worlds.run_seeds(range(4))}


def test_a_small_campaign_does_not_fail_for_what_never_came_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_results", lambda *_: [[worlds.Result(0, "", [], Counter())]])
    assert invoke("--seeds", "0:1").exit_code == 0
    monkeypatch.setattr(command, "WORLDS_FOR_EVERYTHING", 1)
    ran = invoke("--seeds", "0:1")
    assert ran.exit_code == command.EXIT_VIOLATION
    assert "without any effect in 1 worlds: bit_rot" in ran.stdout


def test_a_campaign_with_a_violation_fails_and_names_the_command_that_replays_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    findings = [Finding("money", 8, "desk-1", f"{place} [yen] missing") for place in range(7)]
    failed = worlds.Result(41, "", findings, Counter())
    monkeypatch.setattr(command, "_results", lambda *_: [[worlds.Result(40, "", [], Counter()), failed]])
    ran = invoke("--seeds", "40:42")
    assert ran.exit_code == command.EXIT_VIOLATION
    assert "world 41: crdt-pms simulate --seed 41" in ran.stdout
    assert "world 40" not in ran.stdout
    assert "money (law 8): 0 [yen] missing" in ran.stdout
    assert "and 2 more" in ran.stdout
    assert "1 failed: 41" in ran.stdout


def test_a_failing_world_is_told_when_it_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended_before_its_end(*_arguments: object) -> Iterator[list[worlds.Result]]:
        yield [worlds.Result(41, "", [Finding("money", 8, "desk-1", "a yen is missing")], Counter())]
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_results", ended_before_its_end)
    ran = invoke("--seeds", "40:42")
    assert ran.exit_code != 0
    assert "world 41: crdt-pms simulate --seed 41" in ran.stdout


@pytest.mark.usefixtures("broken_worlds")
def test_a_world_that_breaks_a_law_fails_and_says_which() -> None:
    ran = invoke("--seed", "3")
    assert ran.exit_code == command.EXIT_VIOLATION
    assert re.search(r"^  [a-z_]+ \(law \d+\): ", ran.stdout, re.MULTILINE)


@pytest.mark.usefixtures("broken_worlds")
def test_a_failing_world_is_reduced_before_it_is_told() -> None:
    ran = invoke("--seed", "7", "--shrink")
    assert ran.exit_code == command.EXIT_VIOLATION
    lines = ran.stdout.splitlines()
    progress = [line for line in lines if line.startswith("still fails: ")]
    replay, first, *told = [line for line in lines if line not in progress]
    assert len(progress) > 1
    assert first == progress[-1].removeprefix("still fails: ")
    assert first.startswith("World 7: 2 terminals")
    assert first.endswith("1 pieces of work, faults: none")
    assert any(re.match(r"  [a-z_]+ \(law \d+\): ", line) for line in told)
    pieces = re.fullmatch(r'reduced: crdt-pms simulate --seed 7 --left "(.+)"', replay)
    assert pieces is not None
    again = invoke("--seed", "7", "--left", pieces[1])
    assert again.exit_code == command.EXIT_VIOLATION
    assert again.stdout.splitlines() == [first, *told]


def test_there_is_nothing_to_reduce_in_a_clean_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "draw_plan", lambda seed: small_plan(work=2, seed=seed))
    ran = invoke("--seed", "3", "--shrink")
    assert (ran.exit_code, ran.stdout) == (0, "World 3 is clean: there is nothing to reduce.\n")


@pytest.mark.parametrize(
    "options",
    [[], ["--seeds", "4"], ["--seeds", "4:4"], ["--seeds", "5:4"], ["--seeds", "a:b"], ["--seeds", ":4"],
     ["--seeds", "-1:4"], ["--seed", "x"], ["--seeds", "0:1", "--jobs", "0"], ["--ablate", "no_such"],
     ["--ablate", BROKEN, "--seeds", "9"], ["--seed", "5", "--left", "desks 1"],
     ["--seed", "5", "--left", "desks 1,2; faults 99; work "]],
)  # fmt: skip
def test_what_cannot_be_run_is_a_usage_error(options: Sequence[str]) -> None:
    ran = invoke(*options)
    assert ran.exit_code == EXIT_USAGE
    assert "Traceback" not in ran.output


def test_a_usage_error_says_what_to_write() -> None:
    assert "write A:B with A below B" in invoke("--seeds", "4:4").output
    assert "--seeds A:B" in invoke().output


def test_safeguards_that_can_be_taken_out_are_listed_with_the_checker_that_notices() -> None:
    ran = invoke("--list-ablations")
    assert ran.exit_code == 0
    for name in ABLATIONS:
        assert name in ran.stdout
    assert {checker for checker in CHECKERS if checker in ran.stdout} >= {
        ablation.checker for ablation in ABLATIONS.values()
    }


def test_a_safeguard_that_is_taken_out_is_noticed_or_the_command_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "draw_plan", lambda seed: small_plan(3, work=3 * seed, seed=seed))
    ran = invoke("--ablate", BROKEN, "--seeds", "0:12")
    assert ran.exit_code == 0
    assert re.search(rf"{BROKEN}: noticed by {ABLATIONS[BROKEN].checker} in world [1-9]", ran.stdout)
    ran = invoke("--ablate", BROKEN, "--seeds", "0:1")
    assert ran.exit_code == command.EXIT_VIOLATION
    assert f"{BROKEN}: {ABLATIONS[BROKEN].checker} noticed nothing in worlds 0 to 0" in ran.stdout


def test_a_report_is_written_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "draw_plan", lambda seed: small_plan(work=2, seed=seed))
    page = tmp_path / "world.html"
    ran = invoke("--seed", "3", "--report", str(page))
    assert ran.exit_code == 0
    assert "crdt-pms simulate --seed 3" in page.read_text(encoding="utf-8")
