"""`crdt-pms replay`: real days of bookings through real processes with cut links, judged from outside."""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from time import monotonic
from typing import Annotated

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.ports.errors import StoreError
from crdt_pms.runtime.errors import OperatorError
from crdt_pms.runtime.running import run
from crdt_pms.store.postgresql import libpq_url, open_postgresql
from simulations.processes.cluster import running_cluster
from simulations.processes.postgres import EmbeddedPostgres
from simulations.processes.replay.kills import Kill, Killer
from simulations.processes.replay.network import Cuts
from simulations.processes.replay.replay import Replay
from simulations.processes.replay.report import Outcome
from simulations.processes.replay.schedule import Schedule, draw_schedule
from simulations.processes.verifier.laws import verify
from simulations.processes.verifier.record import RunRecord
from simulations.workloads.booking import hotel_named
from simulations.workloads.bookings_file import BookingsMalformed, read_bookings
from simulations.workloads.bookings_read import BookingsRead, all_bookings
from simulations.workloads.generator import generate_bookings
from simulations.workloads.property import make_property, rooms_needed_by_type

console = Console()
GENERATED_ROOMS = 60
GENERATED_SHARES = {"A": 0.6, "D": 0.2, "E": 0.1, "F": 0.06, "G": 0.04}


class ReplayRefused(OperatorError):
    """The replay cannot begin with what it was given."""


def command(
    bookings: Annotated[
        Path | None, typer.Option(help="The bookings file; without one the product's generator is used")
    ] = None,
    hotel: Annotated[str, typer.Option(help="city or resort")] = "city",
    first: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD")] = "2016-08-08",
    last: Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD")] = "2016-08-14",
    terminals: Annotated[int, typer.Option(min=1, max=12, help="Front desks")] = 4,
    seed: Annotated[int, typer.Option(help="Which desk, which hour, which pairs")] = 1,
    cuts: Annotated[Cuts, typer.Option(help="How the network misbehaves")] = Cuts.NONE,
    kill: Annotated[
        Kill, typer.Option(help="What is killed with -9 once a day, in the middle of its work")
    ] = Kill.NONE,
    rooms: Annotated[int, typer.Option(help="Rooms of the generated hotel")] = GENERATED_ROOMS,
    pair_share: Annotated[float, typer.Option(min=0, max=1, help="How likely each kind of pair is on each day")] = 1.0,
    database_url: Annotated[str | None, typer.Option(help="An empty PostgreSQL database; embedded by default")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report as JSON")] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep files, logs and the run record in this folder")] = None,
) -> None:
    """Drive terminals and a relay through days of bookings, cut their links, and verify the outcome from outside."""
    began = monotonic()
    workload = _workload(bookings, hotel, _day("--from", first), _day("--to", last), seed, rooms)
    schedule = draw_schedule(workload.read, terminals, seed, pair_share)
    with ExitStack() as stack:
        postgres = None
        if database_url is None:
            postgres = stack.enter_context(EmbeddedPostgres())
            database_url = postgres.url
        else:
            _require_empty(database_url, workload.definition)
            if kill in (Kill.POSTGRES, Kill.ALL):
                raise ReplayRefused(
                    "A PostgreSQL of yours is not killed.", "Leave --database-url out, or kill something else."
                )
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crdt-pms-replay-")))
        folder.mkdir(parents=True, exist_ok=True)
        replay, record = run(_drive, folder, workload, schedule, terminals, seed, cuts, kill, database_url, postgres)
        record.save(folder / "run.json")
        with console.status("Judging the outcome from outside …"):
            violations = verify(record)
        entries, matters = _read_end(database_url, workload.definition.property_id)
    outcome = Outcome(workload.read, replay, entries, matters, violations, monotonic() - began)
    outcome.print_to(console)
    if report is not None:
        report.write_text(json.dumps(outcome.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if outcome.failures:
        sys.exit(1)


@dataclass(frozen=True, slots=True)
class Workload:
    """The bookings of a replay and the hotel that they happen in."""

    read: BookingsRead
    definition: PropertyDefinition


async def _drive(
    folder: Path,
    workload: Workload,
    schedule: Schedule,
    terminals: int,
    seed: int,
    cuts: Cuts,
    kill: Kill,
    database_url: str,
    postgres: EmbeddedPostgres | None,
) -> tuple[Replay, RunRecord]:
    total = len(schedule.before) + sum(len(day.events) for day in schedule.days)
    total += len(workload.read.in_house_at_start) + len(workload.read.due_out_at_start)
    with Progress(
        TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    ) as progress:
        task = progress.add_task("starting processes", total=total)

        def step(where: str, events: int) -> None:
            progress.update(task, description=where, advance=events)

        async with running_cluster(
            folder, workload.definition, terminals, database_url=database_url, proxied=True, replay_control=True
        ) as cluster:
            killer = Killer(cluster, postgres, kill, Random(f"kills/{seed}"))
            replay = Replay(cluster, workload.read, schedule, seed, cuts, killer, step)
            await replay.run()
    record = RunRecord(
        cluster.property_file,
        workload.definition.opening_date,
        {terminal.name: terminal.database for terminal in cluster.terminals},
        libpq_url(database_url),
        replay.driver.history.acknowledged,
        replay.pairs.scheduled,
    )
    return replay, record


def _workload(path: Path | None, hotel: str, first: date, last: date, seed: int, rooms: int) -> Workload:
    try:
        name = hotel_named(hotel)
        if path is None:
            definition = make_property(name, rooms, GENERATED_SHARES, first.isoformat())
            return Workload(generate_bookings(Random(seed), name, first, last, definition.rooms), definition)
        read = read_bookings(path, name, first, last)
    except BookingsMalformed as error:
        raise ReplayRefused(str(error), "Correct that place of the file.") from error
    except (OSError, ValueError) as error:
        raise ReplayRefused(f"{error}.", "Correct the option.") from error
    counts = rooms_needed_by_type(all_bookings(read))
    if not counts:
        raise ReplayRefused(f"No booking of the {hotel} hotel lies between {first} and {last}.", "Choose other days.")
    return Workload(read, make_property(name, sum(counts.values()), counts, first.isoformat()))


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ReplayRefused(f"{option} {text} is no date.", "Write it as YYYY-MM-DD.") from error


def _require_empty(database_url: str, definition: PropertyDefinition) -> None:
    try:
        store = open_postgresql(database_url, definition.property_id)
        with closing(store), store.transaction() as transaction:
            held = transaction.last_position()
    except StoreError as error:
        raise ReplayRefused(str(error), "The replay starts when that is mended.") from error
    if held:
        raise ReplayRefused(
            f"The database holds {held} entries of property {definition.property_id} already.",
            "Give an empty database.",
        )


def _read_end(database_url: str, property_id: str) -> tuple[int, dict[str, int]]:
    """How many entries PostgreSQL holds, and its conflict and alert rows by kind and state."""
    with psycopg.connect(libpq_url(database_url)) as connection:
        (entries,) = connection.execute(
            "SELECT count(*) FROM entry WHERE property_id = %s", (property_id,)
        ).fetchone() or (0,)
        rows = connection.execute(
            "SELECT matter || ' ' || state, count(*) FROM conflict WHERE property_id = %(property)s GROUP BY 1 "
            "UNION ALL SELECT matter, count(*) FROM alert WHERE property_id = %(property)s GROUP BY 1 ORDER BY 1",
            {"property": property_id},
        ).fetchall()
    return entries, dict(rows)
