"""Every scenario by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from simulations.scenarios.plays import (
    cancelled_while_checking_in,
    clean_against_dirty,
    clock_one_day_ahead,
    double_payment,
    flapping_wifi,
    night_the_line_was_down,
    relay_lost_its_disk,
    restored_backup,
    returning_terminal,
    two_desks_sell_the_last_room,
)
from simulations.scenarios.script import Script

TRANSCRIPTS: Final = Path(__file__).parent / "transcripts"
"""Where the transcripts stand, each as `<name>.txt`."""

SCENARIOS: Final[Mapping[str, Callable[[], Script]]] = MappingProxyType(
    {
        play.__name__.rpartition(".")[2]: play.script
        for play in (
            night_the_line_was_down,
            two_desks_sell_the_last_room,
            double_payment,
            clean_against_dirty,
            cancelled_while_checking_in,
            returning_terminal,
            restored_backup,
            flapping_wifi,
            relay_lost_its_disk,
            clock_one_day_ahead,
        )
    }
)
"""A fresh script of each."""
