"""The verdict on a finished run of real processes."""

from __future__ import annotations

from simulations.checkers.contents import RELAY
from simulations.checkers.errors import RecordUnreadable
from simulations.checkers.evidence import Evidence
from simulations.checkers.judging import CHECKERS
from simulations.checkers.violation import Violation
from simulations.processes.verifier.reading import read_nodes, read_property
from simulations.processes.verifier.record import RunRecord


def verify(record: RunRecord) -> list[Violation]:
    """Every violation, by law. Empty for a run on which nothing is wrong.

    Raises RecordUnreadable or NodeUnreadable when there is something that cannot be judged.
    """
    evidence = gather(record)
    return sorted(violation for check in CHECKERS.values() for violation in check(evidence))


def gather(record: RunRecord) -> Evidence:
    """Read everything that the record names. Raises a JudgeError when something cannot be read."""
    strangers = {one.node for one in record.acknowledged} - {RELAY, *record.terminals}
    if strangers:
        raise RecordUnreadable(f"acknowledged by {sorted(strangers)}, which the record does not list as nodes")
    facts = read_property(record)
    nodes = read_nodes(record, facts.property_id)
    return Evidence.of(facts, nodes, acknowledged=record.acknowledged, scheduled=record.scheduled)
