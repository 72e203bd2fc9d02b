"""`crdt-pms chaos`: a hotel of real processes at work while everything that can go wrong does, judged from outside."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from crdt_pms.runtime.running import run
from simulations.checkers.errors import JudgeError
from simulations.processes.chaos.report import as_json, print_report
from simulations.processes.chaos.run import ChaosOutcome, run_chaos
from simulations.processes.chaos.schedule import ChaosSchedule, draw_schedule

console = Console()


def command(
    seconds: Annotated[float, typer.Option(min=5, help="How long things go wrong, in real time")] = 60,
    seed: Annotated[int, typer.Option(help="What is done where and what goes wrong when")] = 1,
    terminals: Annotated[int, typer.Option(min=1, max=12, help="Front desks")] = 3,
    intensity: Annotated[float, typer.Option(min=0.1, max=10, help="How much is done, and how much goes wrong")] = 1,
    report: Annotated[Path | None, typer.Option(help="Write the report as JSON")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Run in this folder and keep it; otherwise only a failed run is kept")
    ] = None,
) -> None:
    """Kill, stop, cut off, fill and restore the processes of a hotel at work, let them recover, and judge the outcome."""
    schedule = draw_schedule(seed, seconds, terminals, intensity)
    folder = keep or Path(tempfile.mkdtemp(prefix="crdt-pms-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    again = f"crdt-pms chaos --seed {seed} --seconds {seconds:g} --terminals {terminals} --intensity {intensity:g}"
    is_clean = False
    try:
        outcome = run(_run, schedule, folder)
        is_clean = not outcome.failures
        print_report(outcome, console)
        if report is not None:
            report.write_text(json.dumps(as_json(outcome), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if not is_clean:
            _write_history(outcome, folder / "history.txt")
    except JudgeError as error:
        console.print(f"[bold red]✗[/] What the run left cannot be read: {error}", highlight=False)
    finally:
        if is_clean and keep is None:
            shutil.rmtree(folder)
        elif not is_clean:
            console.print(f"Databases, logs and history of the run are in {folder}", highlight=False, soft_wrap=True)
            console.print(
                f"The same schedule again: {again}\n"
                "It happens in real time: another run of it meets the processes at other moments.",
                highlight=False,
                soft_wrap=True,
            )
    if not is_clean:
        sys.exit(1)


async def _run(schedule: ChaosSchedule, folder: Path) -> ChaosOutcome:
    with Progress(
        TextColumn("{task.description:20}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("starting processes", total=schedule.duration_ms)

        def hear(what: str, over_ms: int) -> None:
            bar.update(task, description=what, completed=over_ms)

        return await run_chaos(schedule, folder, hear)


def _write_history(outcome: ChaosOutcome, path: Path) -> None:
    lines = (f"{event!r}\n" for event in outcome.history)
    path.write_text("".join(lines), encoding="utf-8")
