"""Terminals agree on the time, whichever of their machines is wrong."""

from __future__ import annotations

import pytest

from crdt_pms.session.clock import AgreedClock

TEN_SECONDS = 10_000


def hearing_each_other(machines_ms: list[int]) -> list[int]:
    """What terminals with these machine clocks take the time to be, at a true time of 0, after each heard every other."""
    clocks = [AgreedClock(lambda: 0) for _ in machines_ms]
    for _ in range(3):
        for number, clock in enumerate(clocks):
            for other, theirs in enumerate(machines_ms):
                if other != number:
                    clock.learn(f"device-{other}", False, theirs - machines_ms[number])
    return [machine + clock.offset_ms for machine, clock in zip(machines_ms, clocks, strict=True)]


def test_two_terminals_meet_in_the_middle_and_do_not_swap_their_errors() -> None:
    assert hearing_each_other([0, TEN_SECONDS]) == [TEN_SECONDS // 2, TEN_SECONDS // 2]


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_of_three_terminals_a_single_wrong_one_follows_the_others(wrong: int) -> None:
    machines = [0, 0, 0]
    machines[wrong] = 24 * 3_600_000
    assert hearing_each_other(machines) == [0, 0, 0]


def test_once_the_relay_was_heard_it_alone_decides() -> None:
    clock = AgreedClock(lambda: 0)
    clock.learn("peer", False, TEN_SECONDS)
    clock.learn("relay", True, 7)
    clock.learn("peer", False, TEN_SECONDS)
    assert clock.offset_ms == 7
