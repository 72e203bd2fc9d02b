"""What was raised in a world and nobody handled, as the law that the node broke by it."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import FrameType
from typing import Final

from simulations.checkers.judging import Finding
from simulations.world.machine import Machine

CHECKER: Final = "unhandled"
OF_THE_WORLD: Final = 0
"""No law: what broke is the simulator or the judge."""
LOADING: Final = 10
SWALLOWED: Final = 11
_ROOT: Final = Path(__file__).parents[2]
_PRODUCT: Final = ("crdt_pms", "relay_server", "clients")


def unhandled(error: Exception) -> Finding:
    """The finding of a world that ended by this error.

    A node that starts must load its state or say that it cannot (law 10); one that runs must go on whatever it is given, and
    lose nothing of it (law 11). What was raised with no node at work is told with its traceback: the world itself is wrong.
    """
    stack = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    machine = next((found for frame, _line in stack if (found := _machine_of(frame)) is not None), None)
    product = [(frame, line) for frame, line in stack if _path(frame).parts[:1] and _path(frame).parts[0] in _PRODUCT]
    if machine is None or not product:
        return Finding(CHECKER, OF_THE_WORLD, "", "".join(traceback.format_exception(error)).strip())
    is_start = any(frame.f_code.co_name == "start" and _machine_of(frame) is machine for frame, _line in stack)
    frame, line = product[-1]
    place = f"{_path(frame)}:{line} in {frame.f_code.co_name}"
    doing = "starting" if is_start else "running"
    words = f"{machine.name}: while {doing} it raised what nobody handles, {type(error).__name__}: {error}, at {place}"
    return Finding(CHECKER, LOADING if is_start else SWALLOWED, machine.name, words)


def _machine_of(frame: FrameType) -> Machine | None:
    owner = frame.f_locals.get("self")
    return owner if isinstance(owner, Machine) else None


def _path(frame: FrameType) -> Path:
    path = Path(frame.f_code.co_filename)
    return path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else path
