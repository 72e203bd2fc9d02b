"""`crdt-pms simulate`: one world in words, thousands of them on all cores, a failing one reduced, a safeguard taken out."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from simulations.ablations import searching
from simulations.ablations.catalogue import ABLATIONS
from simulations.campaign.drawing import draw_plan
from simulations.campaign.pieces import PiecesWrong, pieces_of, reduced_to
from simulations.campaign.real_bookings import real_bookings
from simulations.campaign.shrinking import shrink
from simulations.campaign.totals import WORLDS_FOR_EVERYTHING, Totals
from simulations.campaign.worlds import Result, memory_folder, quiet, run_seeds, worlds
from simulations.reports.page import write_report
from simulations.workloads.booking import Booking
from simulations.world.plan import DAY_MS, START_MS, WorldPlan
from simulations.world.timeline import Timeline
from simulations.world.trace import Trace
from simulations.world.world import Outcome

SEEDS_AT_ONCE: Final = 50
FAILED_SEEDS_TOLD: Final = 100
EXIT_VIOLATION: Final = 1
console = Console(highlight=False, soft_wrap=True)


def command(
    seed: Annotated[int | None, typer.Option(help="Replay one world and tell what happened.")] = None,
    seeds: Annotated[str | None, typer.Option(help="Run the worlds from A up to before B, written A:B.")] = None,
    hashes: Annotated[bool, typer.Option(help="With --seeds: print the trace hash of every world.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes at once.")] = 1,
    verbose: Annotated[bool, typer.Option(help="With --seed: tell of every frame too.")] = False,
    reduce: Annotated[bool, typer.Option("--shrink", help="With --seed: reduce a failing world first.")] = False,
    left: Annotated[
        str | None, typer.Option(help="With --seed: only these pieces of the world, as --shrink names them.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="With --seed: write a page with pictures to this file.")] = None,
    ablate: Annotated[str | None, typer.Option(help="Take this safeguard out; its checker must notice.")] = None,
    list_ablations: Annotated[bool, typer.Option(help="Name the safeguards that can be taken out.")] = False,
    bookings: Annotated[Path | None, typer.Option(help="A file of real bookings to take the callers from.")] = None,
) -> None:
    """Run simulated hotels in virtual time: the product's own code, and every fault that we know of, from one seed."""
    real = None if bookings is None else real_bookings(bookings)
    if list_ablations:
        _list_ablations()
    elif ablate is not None:
        _ablate(ablate, _range_of(seeds or "0:200"))
    elif seed is not None:
        _replay(seed, real, left, verbose=verbose, reduce=reduce, report=report)
    elif seeds is not None:
        _campaign(_range_of(seeds), jobs, real, hashes=hashes)
    else:
        raise typer.BadParameter("say which world: --seed N, or --seeds A:B")


def _replay(
    seed: int, real: Sequence[Booking] | None, left: str | None, *, verbose: bool, reduce: bool, report: Path | None
) -> None:
    whole = draw_plan(seed)
    try:
        plan = whole if left is None else reduced_to(whole, left)
    except PiecesWrong as error:
        raise typer.BadParameter(str(error)) from error
    with worlds(real) as here:
        if reduce:
            failed = here.run(plan)
            if not failed.findings:
                console.print(f"World {seed} is clean: there is nothing to reduce.")
                return
            plan, _failed = shrink(plan, here, failed, _told_progress)
            console.print(f"reduced: {escape(_replay_command(whole, plan))}")
        trace = Trace(START_MS, keeps_details=verbose)
        timeline = Timeline()
        result = here.run(plan, trace, timeline if report is not None else None)
    console.print(_described(plan))
    for line in trace.lines:
        console.print(escape(trace.told(line)))
    _tell_findings(result)
    console.print(f"trace hash {result.hash}")
    if report is not None:
        outcome = Outcome(seed, result.hash, result.findings, result.counts, result.agreed_after_ms)
        write_report(report, plan, outcome, trace, timeline, _replay_command(whole, plan))
        console.print(f"written: {report}")
    if result.findings:
        raise typer.Exit(EXIT_VIOLATION)


def _campaign(seeds: range, jobs: int, real: Sequence[Booking] | None, *, hashes: bool) -> None:
    totals, began = Totals(), time.monotonic()
    with _progress() as progress:
        task = progress.add_task("worlds", total=len(seeds))
        for results in _results(seeds, jobs, real):
            totals.add(results)
            for failed in results:
                if failed.findings:
                    # At once: a long campaign may be ended before its summary.
                    _tell_failed(failed)
            if hashes:
                sys.stdout.writelines(f"{result.seed} {result.hash}\n" for result in results)
            progress.update(task, completed=totals.worlds, description=f"worlds, {len(totals.failed)} failed")
    _tell_totals(totals, time.monotonic() - began, jobs)
    silent = totals.silent if totals.worlds >= WORLDS_FOR_EVERYTHING else []
    if silent:
        console.print(f"[red]without any effect in {totals.worlds} worlds: {', '.join(silent)}[/]")
    if totals.failed or silent:
        raise typer.Exit(EXIT_VIOLATION)


def _results(seeds: range, jobs: int, real: Sequence[Booking] | None) -> Iterator[list[Result]]:
    pieces = [seeds[first : first + SEEDS_AT_ONCE] for first in range(0, len(seeds), SEEDS_AT_ONCE)]
    with ProcessPoolExecutor(jobs) as pool:
        waiting: set[Future[list[Result]]] = set()
        for piece in pieces:
            waiting.add(pool.submit(run_seeds, piece, real))
            if len(waiting) > 2 * jobs:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        yield from (future.result() for future in waiting)


def _ablate(name: str, seeds: range) -> None:
    ablation = ABLATIONS.get(name)
    if ablation is None:
        raise typer.BadParameter(f"there is no ablation {name!r}; --list-ablations names them")
    with TemporaryDirectory(prefix="crdt-pms-ablation-", dir=memory_folder()) as folder, quiet():
        found = searching.Worlds(Path(folder)).find(ablation, seeds)
    if found is None:
        console.print(f"[red]{name}: {ablation.checker} noticed nothing in worlds {seeds.start} to {seeds.stop - 1}[/]")
        raise typer.Exit(EXIT_VIOLATION)
    console.print(f"{name}: noticed by {ablation.checker} in world {found.seed}")
    for finding in found.findings[:3]:
        console.print(f"  {escape(finding.words)}")


def _list_ablations() -> None:
    table = Table("ablation", "what is taken out", "noticed by", "seed")
    for ablation in ABLATIONS.values():
        table.add_row(ablation.name, ablation.removes, ablation.checker, str(ablation.seed))
    console.print(table)


def _tell_totals(totals: Totals, seconds: float, jobs: int) -> None:
    counts = totals.counts
    console.print(
        f"{totals.worlds} worlds in {seconds:.0f} s with {jobs} jobs: {totals.worlds / seconds:.1f} worlds, "
        f"{counts['actions'] / seconds:.0f} staff actions and {counts['entries_applied'] / seconds:.0f} applied entries a "
        "second; "
        f"{totals.actions_of_median_world:.0f} actions in the median world"
    )
    table = Table("fault", "effects", "conflict or alert", "nodes that show it")
    for cells in zip_longest(totals.faults.items(), totals.matters.items(), fillvalue=("", "")):
        table.add_row(*(str(cell) for pair in cells for cell in pair))
    console.print(table)
    bounds = ", ".join(f"{name} {times}" for name, times in totals.bounds.items())
    console.print(f"worlds that met a bound that was small in them: {bounds}")
    if totals.failed:
        seeds = sorted(failed.seed for failed in totals.failed)
        told = ", ".join(map(str, seeds[:FAILED_SEEDS_TOLD]))
        more = f" and {len(seeds) - FAILED_SEEDS_TOLD} more" if len(seeds) > FAILED_SEEDS_TOLD else ""
        console.print(f"[red]{len(seeds)} failed[/]: {told}{more}")


def _tell_failed(failed: Result) -> None:
    console.print(f"[red]world {failed.seed}[/]: crdt-pms simulate --seed {failed.seed}")
    _tell_findings(failed)


def _tell_findings(result: Result) -> None:
    for finding in result.findings[:5]:
        console.print(f"  [red]{finding.checker}[/] (law {finding.law}): {escape(finding.words)}")
    if len(result.findings) > 5:
        console.print(f"  and {len(result.findings) - 5} more")


def _described(plan: WorldPlan) -> str:
    kinds = dict.fromkeys(fault.kind for fault in plan.faults)
    days = plan.duration_ms / DAY_MS
    relay = "and a relay" if plan.has_relay else "without a relay"
    return (
        f"World {plan.seed}: {plan.terminals - len(plan.absent)} terminals {relay}, "
        f"{plan.property.rooms} rooms, {days:.1f} days, {len(plan.work)} pieces of work, faults: {', '.join(kinds) or 'none'}"
    )


def _told_progress(plan: WorldPlan) -> None:
    console.print(f"still fails: {_described(plan)}")


def _replay_command(whole: WorldPlan, plan: WorldPlan) -> str:
    command = f"crdt-pms simulate --seed {whole.seed}"
    return command if plan == whole else f'{command} --left "{pieces_of(whole, plan)}"'


def _range_of(text: str) -> range:
    first, colon, last = text.partition(":")
    if not colon or not first.isdigit() or not last.isdigit() or int(first) >= int(last):
        raise typer.BadParameter(f"{text!r} is no range of seeds: write A:B with A below B")
    return range(int(first), int(last))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(file=sys.stderr),
    )  # fmt: skip
