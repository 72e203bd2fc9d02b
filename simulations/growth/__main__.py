"""`python -m simulations.growth --days 30,365,1095`: see docs/growth.md."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer

from simulations.growth.figures import ORDER, Line, ratios, targets
from simulations.growth.growing import Growing
from simulations.growth.hotel import Files, Size
from simulations.growth.measuring import PARTS, Figures

AWAY_DAYS: Final = 60
SEED: Final = 1


def command(
    days: Annotated[str, typer.Option(help="The ages at which is measured, in days, rising")] = "30,365,1095",
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Where the files lie: a RAM disk makes growing quicker")
    ] = None,
    rooms: Annotated[int, typer.Option(help="Rooms of the hotel")] = Size().rooms,
    stays: Annotated[int, typer.Option(help="Stays that begin on a day")] = Size().stays_a_day,
) -> None:
    """Let a hotel grow and print one JSON line for each age, then ratios and targets."""
    ages = sorted({int(age) for age in days.split(",")})
    with TemporaryDirectory(prefix="crdt-pms-growth-", dir=directory) as folder:
        lines = _lines(Path(folder), ages, Size(rooms, stays))
    for line in lines[1:]:
        _print({"days": line["days"], "ratios_to_first": ratios(lines[0], line)})
    found = list(targets(lines))
    for target in found:
        said = "met" if target.is_met else "MISSED"
        _print({"target": target.words, "measured": target.measured, "at_most": target.at_most, "is": said})
    missed = [target.words for target in found if not target.is_met]
    typer.echo(
        f"{len(found) - len(missed)} of {len(found)} targets met" + "".join(f"\n  missed: {one}" for one in missed)
    )


def _lines(folder: Path, ages: Sequence[int], size: Size) -> list[Line]:
    files = Files(folder / "hotel")
    files.folder.mkdir(parents=True)
    hotel, lines = Growing(files, size, SEED), list[Line]()
    for age in ages:
        began = time.perf_counter()
        keep_at = age - AWAY_DAYS if age > AWAY_DAYS else None
        if keep_at is not None and hotel.days > keep_at:
            typer.echo(f"no file of {AWAY_DAYS} days before day {age} was kept: the ages are too close", err=True)
            keep_at = None
        hotel.forget_former()
        hotel.grow(age, keep_at)
        typer.echo(
            f"grew to day {age} in {time.perf_counter() - began:.0f} s; refused: {dict(hotel.staff.refused)}", err=True
        )
        lines.append(_measured(files, folder / "copy", age, size))
        _print(lines[-1])
    return lines


def _measured(files: Files, copy: Path, age: int, size: Size) -> Line:
    figures: Figures = {"days": age}
    for part in PARTS:
        files.copy_to(copy)
        arguments = [part, str(copy), str(age), str(size.rooms), str(size.stays_a_day)]
        done = subprocess.run(
            [sys.executable, "-m", "simulations.growth.measuring", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        shutil.rmtree(copy)
        if done.returncode:
            typer.echo(done.stderr, err=True)
            raise typer.Exit(1)
        figures |= json.loads(done.stdout)
    return {name: figures[name] for name in ORDER}


def _print(line: object) -> None:
    typer.echo(json.dumps(line))


if __name__ == "__main__":
    typer.run(command)
