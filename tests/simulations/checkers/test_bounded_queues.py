"""Law 13: a queue that once held too much is found, once."""

from __future__ import annotations

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Queued
from tests.simulations.checkers.tampering import again, found

CHECKER = "bounded_queues"


def test_a_full_queue_is_no_violation(good: Evidence) -> None:
    assert found(again(good, history=[Queued(1, "desk-1", "frames", 64, 64)]), CHECKER) == []


def test_each_queue_that_held_too_much_is_told_at_its_deepest(good: Evidence) -> None:
    sizes = (65, 90, 70)
    history = [Queued(at, name, "frames", size, 64) for at, size in enumerate(sizes) for name in ("desk-1", "relay")]
    assert [one.words for one in found(again(good, history=history), CHECKER)] == [
        "desk-1: frames held 90 at 0d 00:00:00.001, 64 are allowed",
        "relay: frames held 90 at 0d 00:00:00.001, 64 are allowed",
    ]
