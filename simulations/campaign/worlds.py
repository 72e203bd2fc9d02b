"""Runs worlds one after the other in one process: by seed, or by a plan that was made of one."""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from simulations.campaign.drawing import draw_plan
from simulations.campaign.unhandled import unhandled
from simulations.checkers.judging import Finding
from simulations.faults.knobs import apply
from simulations.workloads.booking import Booking
from simulations.world.hotel import Hotel
from simulations.world.plan import START_MS, WorldPlan
from simulations.world.running import Witness, run_world
from simulations.world.sharing import shared_work
from simulations.world.time import Restless
from simulations.world.trace import Trace

_MEMORY_FOLDER: Final = Path("/dev/shm")
_WORLDS_BETWEEN_COLLECTIONS: Final = 50


@dataclass(frozen=True, slots=True)
class Result:
    """What a campaign keeps of a world."""

    seed: int
    hash: str
    findings: Sequence[Finding]
    counts: Counter[str]
    agreed_after_ms: Sequence[int | None] = field(default=())


class Worlds:
    """Runs worlds in a folder of its own; one at a time."""

    def __init__(self, folder: Path, bookings: Sequence[Booking] | None = None) -> None:
        """`folder` must exist and is best in memory. `bookings` are real ones to be called in with."""
        self._folder = folder
        self._bookings = bookings
        self._numbers = count()

    def run(self, plan: WorldPlan, trace: Trace | None = None, witness: Witness | None = None) -> Result:
        """Let a world live and judge it. What is raised in it is a finding."""
        number = next(self._numbers)
        if number % _WORLDS_BETWEEN_COLLECTIONS == 0:
            gc.collect()
        trace = trace or Trace(START_MS, keeps_lines=False)
        hotel = Hotel(plan, self._bookings)
        try:
            outcome = run_world(plan, hotel, self._folder / f"world-{number}", trace, apply, witness)
        except Restless as error:
            return Result(plan.seed, trace.hash, [Finding("liveness", 12, "", f"{error}: {trace.lately()}")], Counter())
        except Exception as error:  # noqa: BLE001 - whatever it is, the world shows it
            return Result(plan.seed, trace.hash, [unhandled(error)], Counter())
        return Result(plan.seed, outcome.hash, outcome.findings, outcome.counts, outcome.agreed_after_ms)


@contextmanager
def worlds(bookings: Sequence[Booking] | None = None) -> Iterator[Worlds]:
    """Worlds for as long as the block lasts, with what makes them fast: disks in memory, shared work, no collector."""
    with TemporaryDirectory(prefix="crdt-pms-worlds-", dir=memory_folder()) as folder, quiet(), shared_work():
        yield Worlds(Path(folder), bookings)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the product's log lines, which a trace tells better, and without the collector, which finds little here."""
    disabled, enabled = logging.root.manager.disable, gc.isenabled()
    logging.disable(logging.CRITICAL)
    gc.disable()
    try:
        yield
    finally:
        logging.disable(disabled)
        if enabled:
            gc.enable()


def memory_folder() -> Path | None:
    """A folder in memory, if this machine has one."""
    return _MEMORY_FOLDER if _MEMORY_FOLDER.is_dir() else None


def run_seeds(seeds: Sequence[int], bookings: Sequence[Booking] | None = None) -> list[Result]:
    """The worlds of these seeds, in this process."""
    with worlds(bookings) as here:
        return [here.run(draw_plan(seed)) for seed in seeds]
