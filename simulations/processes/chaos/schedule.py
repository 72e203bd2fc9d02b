"""What staff do when at which desk, and what goes wrong meanwhile: drawn once from a seed, before anything runs.

The schedule is the same for the same seed and size. The run is not: it happens in real time, on a machine that does other
things too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

WORK_PER_SECOND: Final = 4.0
"""Things done at each desk in a second, at intensity 1."""
FAULTS_PER_SECOND: Final = 0.5
"""Faults that begin in a second, at intensity 1."""
PAIR_SHARE: Final = 0.2
"""How much of the work is done at two desks at once, to the same thing."""
PAIR_APART_MS: Final = 60
"""How much later the second of a pair may happen: less than it takes word to get around when the line is bad."""
QUIET_MS: Final = 1_000
"""The hotel works for so long before anything goes wrong."""


class Work(StrEnum):
    """What can be done. The first three come from the booking engine, the others to a desk."""

    BOOK = "book"
    AMEND_BOOKING = "amend_booking"
    CANCEL_BOOKING = "cancel_booking"
    RESERVE = "reserve"
    WALK_IN = "walk_in"
    ASSIGN = "assign"
    CHECK_IN = "check_in"
    MOVE = "move"
    AMEND = "amend"
    CANCEL = "cancel"
    CHARGE = "charge"
    PAY = "pay"
    CHECK_OUT = "check_out"
    CONDITION = "condition"
    NOTE = "note"
    RESOLVE = "resolve"


ORIGIN_WORK: Final = frozenset({Work.BOOK, Work.AMEND_BOOKING, Work.CANCEL_BOOKING})
_DESK_WEIGHTS: Final = {
    Work.RESERVE: 6, Work.WALK_IN: 3, Work.ASSIGN: 4, Work.CHECK_IN: 6, Work.MOVE: 2, Work.AMEND: 4, Work.CANCEL: 2,
    Work.CHARGE: 10, Work.PAY: 6, Work.CHECK_OUT: 3, Work.CONDITION: 10, Work.NOTE: 5, Work.RESOLVE: 3,
}  # fmt: skip
_ORIGIN_WEIGHTS: Final = {Work.BOOK: 6, Work.AMEND_BOOKING: 3, Work.CANCEL_BOOKING: 1}
_PAIR_WEIGHTS: Final = {
    Work.AMEND: 4, Work.CHECK_IN: 4, Work.MOVE: 3, Work.CHECK_OUT: 2, Work.PAY: 4, Work.CONDITION: 4, Work.NOTE: 4,
    Work.CANCEL: 1, Work.RESOLVE: 1,
}  # fmt: skip


class FaultKind(StrEnum):
    """What can go wrong."""

    KILL_TERMINAL = "kill_terminal"
    KILL_RELAY = "kill_relay"
    KILL_RELAY_BEFORE_WAKING = "kill_relay_before_waking"
    """A relay process dies after a commit and before it told the other one."""
    KILL_POSTGRES = "kill_postgres"
    PAUSE_TERMINAL = "pause_terminal"
    """SIGSTOP, and SIGCONT later."""
    PAUSE_RELAY = "pause_relay"
    RESTART_TERMINAL = "restart_terminal"
    RESTART_POSTGRES = "restart_postgres"
    LOSE_FRAMES = "lose_frames"
    DELAY_FRAMES = "delay_frames"
    DUPLICATE_FRAMES = "duplicate_frames"
    REORDER_FRAMES = "reorder_frames"
    CORRUPT_FRAMES = "corrupt_frames"
    BLACKHOLE = "blackhole"
    """One direction of a link loses everything; the other one flows."""
    HALF_OPEN = "half_open"
    """A link forwards nothing any more, and tells nobody."""
    CUT = "cut"
    """Every link of a terminal is down."""
    DISK_FULL = "disk_full"
    """No file of a terminal can grow."""
    RESTORE_TERMINAL = "restore_terminal"
    """A terminal's disk goes back to a copy made earlier."""
    RESTORE_POSTGRES = "restore_postgres"
    """PostgreSQL goes back to a backup made earlier."""


_LASTING_MS: Final = {
    FaultKind.KILL_TERMINAL: (0, 3_000),
    FaultKind.KILL_RELAY: (0, 3_000),
    FaultKind.KILL_RELAY_BEFORE_WAKING: (0, 3_000),
    FaultKind.KILL_POSTGRES: (0, 2_000),
    FaultKind.PAUSE_TERMINAL: (200, 8_000),
    FaultKind.PAUSE_RELAY: (200, 6_000),
    FaultKind.DELAY_FRAMES: (100, 3_000),
    FaultKind.BLACKHOLE: (500, 14_000),
    FaultKind.HALF_OPEN: (500, 14_000),
    FaultKind.CUT: (300, 10_000),
    FaultKind.DISK_FULL: (500, 5_000),
    FaultKind.RESTORE_TERMINAL: (1_000, 8_000),
    FaultKind.RESTORE_POSTGRES: (1_000, 8_000),
}
"""How long a fault lasts; of a restore, how much older the backup is. What is not here is over at once."""
LASTING_SHARE_MAX: Final = 0.25
"""No fault takes more of the whole run than this."""
_FRAMES_STRUCK: Final = (1, 3)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to be done. `desk` counts from 0; None for the booking engine.

    `pick` chooses among what the desk's screen shows: the same pick finds the same stay or room at two desks. `number` is
    different for every task.
    """

    at_ms: int
    work: Work
    desk: int | None
    pick: int
    number: int


@dataclass(frozen=True, slots=True)
class ChaosFault:
    """One fault. `terminal` counts from 0 and is the one that suffers it; for faults of links `link` counts that terminal's
    links, the first of which leads to a relay; for faults of relay processes it counts these. `is_forth` is the direction of
    what is struck or swallowed."""

    at_ms: int
    kind: FaultKind
    terminal: int
    link: int
    is_forth: bool
    lasting_ms: int
    frames: int


@dataclass(frozen=True, slots=True)
class ChaosSchedule:
    """Everything that a run will try, in the order of time."""

    seed: int
    terminals: int
    duration_ms: int
    tasks: tuple[Task, ...]
    faults: tuple[ChaosFault, ...]


def draw_schedule(seed: int, seconds: float, terminals: int, intensity: float) -> ChaosSchedule:
    """Draw a schedule. `intensity` multiplies how much is done and how often something goes wrong.

    Every kind of fault occurs once before any occurs twice, so that a run of enough faults has them all. Raises ValueError
    for a run of no length, no terminal or no intensity.
    """
    if seconds <= 0 or terminals < 1 or intensity <= 0:
        raise ValueError("give more than 0 seconds, a terminal at least, and an intensity above 0")
    duration_ms = int(seconds * 1000)
    tasks = sorted(_tasks(Random(f"work/{seed}"), duration_ms, terminals, intensity), key=lambda task: task.at_ms)
    faults = sorted(_faults(Random(f"faults/{seed}"), duration_ms, terminals, intensity), key=lambda one: one.at_ms)
    return ChaosSchedule(seed, terminals, duration_ms, tuple(tasks), tuple(faults))


def _tasks(random: Random, duration_ms: int, terminals: int, intensity: float) -> Iterator[Task]:
    amount = max(1, round(duration_ms / 1000 * WORK_PER_SECOND * terminals * intensity))
    for number in range(0, 2 * amount, 2):
        at_ms, pick = random.randrange(duration_ms), random.getrandbits(32)
        if terminals > 1 and random.random() < PAIR_SHARE:
            work = _drawn(random, _PAIR_WEIGHTS)
            here, there = random.sample(range(terminals), 2)
            yield Task(at_ms, work, here, pick, number)
            yield Task(at_ms + random.randrange(PAIR_APART_MS), work, there, pick, number + 1)
            continue
        desk = random.randrange(terminals + 1)
        if desk == terminals:
            yield Task(at_ms, _drawn(random, _ORIGIN_WEIGHTS), None, pick, number)
        else:
            yield Task(at_ms, _drawn(random, _DESK_WEIGHTS), desk, pick, number)


def _faults(random: Random, duration_ms: int, terminals: int, intensity: float) -> Iterator[ChaosFault]:
    amount = max(1, round(duration_ms / 1000 * FAULTS_PER_SECOND * intensity))
    deck: list[FaultKind] = []
    begin_ms = min(QUIET_MS, duration_ms // 4)
    for _ in range(amount):
        if not deck:
            deck = list(FaultKind)
            random.shuffle(deck)
        kind = deck.pop()
        shortest, longest = _LASTING_MS.get(kind, (0, 0))
        longest = min(longest, int(duration_ms * LASTING_SHARE_MAX))
        lasting_ms = random.randint(min(shortest, longest), longest)
        at_ms = random.randrange(begin_ms, duration_ms)
        if kind in (FaultKind.RESTORE_TERMINAL, FaultKind.RESTORE_POSTGRES):
            # The backup is made before.
            at_ms = min(max(at_ms, begin_ms + lasting_ms), duration_ms - 1)
        yield ChaosFault(
            at_ms,
            kind,
            random.randrange(terminals),
            random.randrange(terminals),
            random.random() < 0.5,
            lasting_ms,
            random.randint(*_FRAMES_STRUCK),
        )


def _drawn(random: Random, weights: dict[Work, int]) -> Work:
    return random.choices(list(weights), list(weights.values()))[0]
