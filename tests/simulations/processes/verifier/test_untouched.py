"""A run on which nothing is wrong has no violation."""

from __future__ import annotations

from simulations.processes.verifier.laws import verify
from simulations.processes.verifier.record import RunRecord


def test_an_untouched_run_has_no_violation(finished_run: RunRecord) -> None:
    assert verify(finished_run) == []
