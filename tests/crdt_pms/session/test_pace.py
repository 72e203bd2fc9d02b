"""Links that fail are tried again, less and less often, and a link that opens only to end at once has failed."""

from __future__ import annotations

from random import Random

import pytest

from crdt_pms.session.pace import Pace


@pytest.mark.parametrize("failures", [0, 1, 5, 40, 10_000])
def test_a_pause_is_drawn_within_its_bound(failures: int) -> None:
    pace, random = Pace(0.2, 10.0), Random(1)
    longest = min(10.0, 0.2 * 2 ** min(failures, 30))
    drawn = [pace.pause_seconds(failures, random) for _ in range(500)]
    assert 0 <= min(drawn) < max(drawn) <= longest


def test_a_link_that_stood_makes_the_next_attempt_an_early_one() -> None:
    assert Pace(0.2, 10.0).failures_after(7, 10.0) == 0


def test_a_peer_that_greets_and_leaves_is_not_asked_again_at_once() -> None:
    """A terminal whose disk is full ends every link right after it opened; asking it five times a second helps nobody."""
    pace, random, failures = Pace(0.2, 10.0), Random(1), 0
    waited = 0.0
    for _attempt in range(60):
        failures = pace.failures_after(failures, 0.01)
        waited += pace.pause_seconds(failures, random)
    assert waited > 120
