"""What is measured of a hotel, and what is read of its screens."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI

from clients.terminal.api import build_app
from clients.terminal.terminal import Addresses, Terminal
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.session.pace import Pace
from simulations.growth.figures import ORDER
from simulations.growth.growing import Growing
from simulations.growth.hotel import Files, Size, definition_of, device_of, moment_ms, open_desk_store
from simulations.growth.measuring import PARTS, measure
from simulations.growth.screens import LISTS

SIZE = Size(rooms=16, stays_a_day=4)
NO_LISTS = {"sync", "events", "digest"}


def grown(folder: Path, days: int) -> Files:
    files = Files(folder / "hotel")
    files.folder.mkdir()
    Growing(files, SIZE, seed=1).grow(days, keep_at=1)
    return files


def test_all_figures_of_a_line_are_measured(tmp_path: Path) -> None:
    files, figures = grown(tmp_path, 2), dict[str, object]()
    for part in PARTS:
        figures |= measure(part, files.copy_to(tmp_path / part).folder, 2, SIZE)
    assert {"days", *figures} == set(ORDER)
    assert all(value is not None for value in figures.values())


def test_without_a_former_file_nobody_comes_back(tmp_path: Path) -> None:
    files = grown(tmp_path, 1)
    files.former.unlink()
    assert measure("returning", files.folder, 1, SIZE) == {"after_60_days_s": None}


def test_every_list_of_the_local_api_is_read(tmp_path: Path) -> None:
    definition, device = definition_of(SIZE), device_of(definition_of(SIZE), 1)
    store = open_desk_store(tmp_path / "desk" / "desk.sqlite", definition, device)
    clock = HandedClock(moment_ms(0, 7))
    terminal = Terminal(definition, device, store, clock, Addresses("127.0.0.1", 0, None, ()), Pace())
    paths = cast("dict[str, Any]", _app(terminal).openapi()["paths"])
    terminal.close()
    served = {path.removeprefix("/api/") for path, methods in paths.items() if "get" in methods and "{" not in path}
    assert served - NO_LISTS - {"/health"} == set(LISTS)


def _app(terminal: Terminal) -> FastAPI:
    return build_app(terminal)
