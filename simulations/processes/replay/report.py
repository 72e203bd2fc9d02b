"""What a replay found, for people (tables) and for programs (JSON)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from simulations.checkers.violation import Violation
from simulations.processes.replay.replay import Replay
from simulations.workloads.bookings_read import BookingsRead


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished and judged replay."""

    read: BookingsRead
    replay: Replay
    entries: int
    readable_matters: Mapping[str, int]
    """Conflict and alert rows in PostgreSQL at the end, by kind and state."""
    violations: Sequence[Violation]
    seconds: float

    @property
    def failures(self) -> list[str]:
        """Everything that makes the replay fail."""
        return [
            *self.replay.pairs.missed,
            *self._never_provoked,
            *(f"law {one.law}: {one.node}: {one.words}" for one in self.violations),
        ]

    @property
    def _never_provoked(self) -> list[str]:
        """Kinds of pairs that were scheduled and fitted nobody on any day: such a replay proves less than it says."""
        pairs = self.replay.pairs
        return [
            f"{pair} was scheduled and never found a candidate: take more days or a larger hotel"
            for pair in pairs.without_candidate
            if not pairs.provoked[pair]
        ]

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        replay, driver = self.replay, self.replay.driver
        return {
            "bookings": len(self.read.bookings),
            "in_house_at_start": len(self.read.in_house_at_start) + len(self.read.due_out_at_start),
            "oddities": _plain(self.read.oddities),
            "events": replay.events,
            "acknowledged": _plain(driver.history.done),
            "refused": _plain(driver.history.refused),
            "booking_engine_not_taken": _plain(replay.origin_not_taken),
            "overtaken": _plain(replay.work.overtaken),
            "given_up": _plain(replay.work.given_up),
            "entries": self.entries,
            "pairs_provoked": _plain(replay.pairs.provoked),
            "pairs_without_candidate": _plain(replay.pairs.without_candidate),
            "pairs_settled": _plain(replay.pairs.settled),
            "decided_by_manager": _plain(replay.manager.decided),
            "matters_seen": _plain(replay.manager.seen),
            "matters_at_the_end": dict(self.readable_matters),
            "cuts": replay.network.cuts_made,
            "kills": _plain(replay.killer.kills),
            "local_action_ms": _quantiles_ms(driver.history.action_seconds),
            "propagation_ms": _quantiles_ms(replay.propagation_seconds),
            "pair_detection_ms": _quantiles_ms(replay.pairs.propagation_seconds),
            "recovery_ms": _quantiles_ms(replay.network.recovery_seconds),
            "bytes_on_links": replay.network.bytes_forwarded,
            "seconds": round(self.seconds, 1),
            "failures": self.failures,
        }

    def print_to(self, console: Console) -> None:
        """The report for people."""
        report = self.as_json()
        for title, names in _SECTIONS.items():
            table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2))
            for name in names:
                value = report[name]
                parts = value.items() if isinstance(value, dict) else [("", value)]
                for number, (key, part) in enumerate(parts):
                    table.add_row("" if number else name.replace("_", " "), str(key), str(part))
            console.print(table)
        if self.failures:
            for failure in self.failures:
                console.print(f"[bold red]✗[/] {failure}", highlight=False)
        else:
            console.print(
                "[bold green]✓[/] laws 1, 2, 3, 5, 7, 8, 9 and 11 hold, and everything that was provoked was detected."
            )


_SECTIONS: Mapping[str, Sequence[str]] = {
    "Workload": ("bookings", "in_house_at_start", "oddities", "events", "entries"),
    "Answers": ("acknowledged", "refused", "booking_engine_not_taken", "overtaken", "given_up"),
    "Conflicts and alerts": (
        "pairs_provoked", "pairs_without_candidate", "pairs_settled", "decided_by_manager", "matters_seen",
        "matters_at_the_end",
    ),
    "Times and sizes": (
        "cuts", "kills", "local_action_ms", "propagation_ms", "pair_detection_ms", "recovery_ms", "bytes_on_links", "seconds",
    ),
}  # fmt: skip


def _plain(counter: Counter[Any]) -> dict[str, int]:
    return {str(name): amount for name, amount in sorted(counter.items(), key=lambda item: str(item[0]))}


def _quantiles_ms(seconds: Iterable[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    if not ordered:
        return {}
    places = {"median": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {
        name: round(1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)], 1)
        for name, share in places.items()
    } | {"samples": len(ordered)}
