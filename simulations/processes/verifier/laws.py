"""The verdict: all laws that can be judged from outside, on one finished run."""

from __future__ import annotations

from typing import Final

from simulations.processes.verifier import (
    acknowledgements,
    agreement,
    conflict_desk,
    logs,
    money,
    provoked,
    quarantined,
    rooms,
)
from simulations.processes.verifier.evidence import gather
from simulations.processes.verifier.record import RunRecord
from simulations.processes.verifier.violation import Violation

CHECKS: Final = (
    agreement.check,
    acknowledgements.check,
    logs.check,
    conflict_desk.check,
    rooms.check,
    money.check,
    quarantined.check,
    provoked.check,
)


def verify(record: RunRecord) -> list[Violation]:
    """Every violation, by law. Empty for a run on which nothing is wrong.

    Raises RecordUnreadable or NodeUnreadable when there is something that cannot be judged.
    """
    evidence = gather(record)
    return sorted(violation for check in CHECKS for violation in check(evidence))
