"""Law 11: a damaged frame that somebody believed is found."""

from __future__ import annotations

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import TookDamaged
from tests.simulations.checkers.tampering import again, found, nodes_of

CHECKER = "intact_frames"


def test_a_damaged_frame_that_was_taken(good: Evidence) -> None:
    assert found(good, CHECKER) == []
    violations = found(again(good, history=[*good.history, TookDamaged(7, "desk-2", "pong")]), CHECKER)
    assert nodes_of(violations) == {"desk-2"}
    assert violations[0].words == "desk-2: at 0d 00:00:00.007 took a damaged frame for this: pong"
