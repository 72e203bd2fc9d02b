"""Law 10: a projection rebuilt from the log equals the live one."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import REBUILT
from simulations.checkers.probing import differences
from simulations.checkers.violation import Violation

LAW = 10


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every row that the live projection shows otherwise than the rebuilt one."""
    yield from differences(evidence, REBUILT, LAW, "the projection rebuilt from its log")
