"""What a chaos run did and found, for people (tables) and for programs (JSON)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from simulations.processes.chaos.run import ChaosOutcome

FAILURES_SHOWN: Final = 20
_SECTIONS: Final[Mapping[str, str]] = {
    "done": "Done",
    "not_done": "Refused, not saved, or not answered",
    "happened": "What happened to processes, disks and links",
    "messages": "Messages struck",
}


def as_json(outcome: ChaosOutcome) -> dict[str, Any]:
    """The report for programs."""
    witness, schedule = outcome.witness, outcome.schedule
    return {
        "seed": schedule.seed,
        "terminals": schedule.terminals,
        "seconds": schedule.duration_ms / 1000,
        "done": _plain(witness.done),
        "not_done": _plain(witness.not_done),
        "happened": _plain(witness.happened),
        "messages": _plain(outcome.struck),
        "entries": outcome.entries,
        "agreed_seconds": outcome.agreed_seconds,
        "failures": outcome.failures,
    }


def print_report(outcome: ChaosOutcome, console: Console) -> None:
    """The report for people."""
    report = as_json(outcome)
    for section, title in _SECTIONS.items():
        table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2))
        for name, amount in report[section].items():
            table.add_row(name, str(amount))
        console.print(table)
    agreed = outcome.agreed_seconds
    told = "All nodes never agreed." if agreed is None else f"All nodes agreed {agreed:.1f} s after the healing"
    console.print(f"{told}{'' if agreed is None else f', on {outcome.entries} entries.'}", highlight=False)
    failures = outcome.failures
    for failure in failures[:FAILURES_SHOWN]:
        console.print("[bold red]✗[/]", end=" ")
        console.print(failure, markup=False, highlight=False)
    if len(failures) > FAILURES_SHOWN:
        console.print(f"… and {len(failures) - FAILURES_SHOWN} more.")
    if not failures:
        console.print("[bold green]✓[/] Every law that can be judged from outside holds.")


def _plain(counter: Mapping[str, int]) -> dict[str, int]:
    return {str(name): amount for name, amount in sorted(counter.items())}
