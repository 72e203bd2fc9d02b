"""Law 13, of journals: a device that opens too many waits in its own sessions, and no other device does.

Of each process run that takes sessions, and of each device, the judge keeps an account of its own: so many journals at once,
and so many more a second. More than that is never learned from the device itself; where something is left nothing is put off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import OpenedJournals
from simulations.checkers.violation import Violation, limited

LAW: Final = 13
_WHOLE: Final = 1_000
"""Accounts are kept in thousandths of a journal, and times in milliseconds."""
_ROUNDING: Final = 2
"""Thousandths by which an account of floating numbers may differ."""


@dataclass(slots=True)
class _Account:
    """What a device has left, in thousandths of a journal, as of a time."""

    left: float
    at_ms: int


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every journal that was learned too early, and every wait of a device that had something left."""
    yield from limited(_wrong(evidence))


def _wrong(evidence: Evidence) -> Iterator[Violation]:
    accounts: dict[tuple[str, int, str], _Account] = {}
    for event in evidence.history:
        if not isinstance(event, OpenedJournals):
            continue
        full = float(event.at_once_max * _WHOLE)
        account = accounts.setdefault((event.node, event.began_ms, event.device), _Account(full, event.at_ms))
        account.left = min(full, account.left + (event.at_ms - account.at_ms) * event.per_second)
        account.at_ms = event.at_ms
        told = f"{event.node}: at {evidence.moment(event.at_ms)} {event.device}"
        if event.journals == 0 and account.left >= _WHOLE + _ROUNDING:
            yield Violation(
                LAW, event.node, f"{told} was made to wait, and had {account.left / _WHOLE:.3f} journals left"
            )
        account.left -= event.journals * _WHOLE
        if event.journals and account.left < -_ROUNDING:
            yield Violation(
                LAW, event.node, f"{told} brought {event.journals} journals, {-account.left / _WHOLE:.3f} too many"
            )
            account.left = 0.0
