"""Records for each ablation a seed in which it shows: `python -m simulations.ablations.recording [NAME …]`.

To be run again whenever the worlds of the seeds have changed. Small worlds that come to an end are preferred, since the tests
run them.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from simulations.ablations.ablation import Ablation
from simulations.ablations.catalogue import ABLATIONS, RECORDED
from simulations.ablations.patching import replaced
from simulations.ablations.searching import Worlds
from simulations.campaign.drawing import draw_plan
from simulations.world import time

SEEDS: Final = range(200)
TERMINALS_MAX: Final = 4
EVENTS_MAX: Final = 20_000
MEMORY: Final = Path("/dev/shm")


def record(worlds: Worlds, ablation: Ablation) -> int | None:
    """The first seed of a small world in which it shows, else of any world; None when there is none."""
    small = [seed for seed in SEEDS if draw_plan(seed).terminals <= TERMINALS_MAX]
    with replaced((time, "EVENTS_MAX", EVENTS_MAX)):
        found = worlds.find(ablation, small)
    found = worlds.find(ablation, SEEDS) if found is None else found
    return None if found is None else found.seed


def main(names: Sequence[str]) -> None:
    """Search for the named ablations, or for all, and write down what was found after each."""
    logging.disable()
    seeds: dict[str, int] = json.loads(RECORDED.read_text())
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        for name in names or ABLATIONS:
            seed = record(Worlds(Path(folder)), ABLATIONS[name])
            sys.stdout.write(f"{name}: {'not found' if seed is None else seed}\n")
            sys.stdout.flush()
            if seed is not None:
                seeds = {**json.loads(RECORDED.read_text()), name: seed}
                RECORDED.write_text(json.dumps({one: seeds[one] for one in ABLATIONS if one in seeds}, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
