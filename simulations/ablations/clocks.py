"""Ablations of time: how a node's clock is corrected, and what its stamps must exceed."""

# ruff: noqa: SLF001 - an ablation replaces the product's inner parts
from __future__ import annotations

from typing import Any, Final, cast

from crdt_pms.journal.clock import HybridLogicalClock, Stamp
from crdt_pms.session.clock import AgreedClock
from simulations.ablations.ablation import Ablation
from simulations.ablations.patching import replacing

CHECKER: Final = "stamps"
_offset_ms: Final = cast(Any, AgreedClock.offset_ms).fget


def _inverted(clock: Any) -> int:
    return -_offset_ms(clock)


def _uncorrected(_clock: Any) -> int:
    return 0


def _never_merged(_clock: Any, _stamp: Stamp, _now_ms: int) -> bool:
    return False


def _by_the_wall(clock: Any, now_ms: int) -> Stamp:
    clock._last = Stamp(now_ms, 0)
    return clock._last


ABLATIONS: Final = (
    Ablation(
        "clock_sign",
        "A clock is corrected the wrong way round (session/clock.py).",
        CHECKER,
        replacing((AgreedClock, "offset_ms", property(_inverted))),
    ),
    Ablation(
        "clock_offset",
        "A clock is not corrected by what sessions measure (session/clock.py).",
        CHECKER,
        replacing((AgreedClock, "offset_ms", property(_uncorrected))),
    ),
    Ablation(
        "clock_merge",
        "An author's stamps do not go beyond those of what it received (journal/clock.py).",
        CHECKER,
        replacing((HybridLogicalClock, "observe", _never_merged)),
    ),
    Ablation(
        "clock_ascends",
        "Stamps are the time of the wall, backwards too (journal/clock.py).",
        CHECKER,
        replacing((HybridLogicalClock, "issue", _by_the_wall)),
    ),
)
