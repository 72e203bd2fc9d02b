"""What issue 9 asks of the figures: bounds after three years, and that nothing grows with history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

Line = Mapping[str, float | int | str | None]

THREE_YEARS: Final = 1_095
ONE_YEAR: Final = 365
BOUNDS: Final[Mapping[str, float]] = {
    "rss_mb": 180,
    "open_s": 1,
    "action_ms_p50": 1.5,
    "action_ms_p99": 10,
    "list_ms_max": 20,
    "sync_ms": 3,
    "loop_blocked_ms_max": 50,
}
"""The most that a figure may be after three years."""
JOINING_BOUNDS: Final[Mapping[str, float]] = {"fresh_desk_s": 10, "after_60_days_s": 8}
"""The most that a figure may be after one year."""
FLAT: Final = (
    "rss_mb", "open_s", "action_ms_p50", "action_ms_p99", "received_entry_ms", "list_ms_max", "sync_ms", "alerts_ms",
    "hello_bytes",
)  # fmt: skip
FLAT_MAX: Final = 1.3
"""How often the figure of the first line the last one may be."""
ORDER: Final = (
    "days", "entries", "journals", "rss_mb", "open_s", "action_ms_p50", "action_ms_p99", "received_entry_ms", "list_ms_max",
    "list_max", "sync_ms", "alerts_ms", "alerts", "db_mb", "hello_bytes", "fresh_desk_s", "after_60_days_s",
    "loop_blocked_ms_max",
)  # fmt: skip


class Target(NamedTuple):
    """One thing that is asked for, and what was measured."""

    words: str
    measured: float
    at_most: float

    @property
    def is_met(self) -> bool:
        """Whether it holds."""
        return self.measured <= self.at_most


def ratios(first: Line, later: Line) -> dict[str, float]:
    """How often the first line's figures the later one's are."""
    return {name: round(_number(later, name) / max(_number(first, name), 1e-9), 2) for name in FLAT}


def targets(lines: Sequence[Line]) -> Iterator[Target]:
    """What is asked for of these lines; bounds of an age only if a line has that age."""
    last = lines[-1]
    if last["days"] == THREE_YEARS:
        yield from (Target(f"{name} after 3 years", _number(last, name), most) for name, most in BOUNDS.items())
    for line in lines:
        if line["days"] == ONE_YEAR:
            yield from (
                Target(f"{name} after 1 year", _number(line, name), most) for name, most in JOINING_BOUNDS.items()
            )
    if len(lines) > 1:
        found = ratios(lines[0], last)
        yield from (Target(f"{name}, last line to first", ratio, FLAT_MAX) for name, ratio in found.items())


def _number(line: Line, name: str) -> float:
    value = line[name]
    assert isinstance(value, int | float), f"{name} is a number"
    return float(value)
