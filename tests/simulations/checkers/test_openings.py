"""Law 13: who opens more journals than it may is found, and so is a device that waits for another one's."""

from __future__ import annotations

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import OpenedJournals
from tests.simulations.checkers.tampering import again, found

CHECKER = "openings"
AT_ONCE_MAX = 2


def opened(at_ms: int, journals: int, device: str = "device-1", began_ms: int = 0) -> OpenedJournals:
    return OpenedJournals(at_ms, "desk-1", device, journals, began_ms, AT_ONCE_MAX, per_second=1.0)


def words(good: Evidence, *history: OpenedJournals) -> list[str]:
    return [one.words for one in found(again(good, history=list(history)), CHECKER)]


def test_what_is_brought_in_its_time_is_no_violation(good: Evidence) -> None:
    assert words(good, opened(0, 2), opened(0, 0), opened(1_000, 1), opened(1_000, 0), opened(60_000, 2)) == []


def test_a_journal_too_early_is_told_once(good: Evidence) -> None:
    assert words(good, opened(0, 2), opened(500, 1), opened(1_500, 1)) == [
        "desk-1: at 0d 00:00:00.500 device-1 brought 1 journals, 0.500 too many"
    ]


def test_no_more_is_saved_up_than_may_be_brought_at_once(good: Evidence) -> None:
    assert words(good, opened(0, 1), opened(60_000, 3)) == [
        "desk-1: at 0d 00:01:00.000 device-1 brought 3 journals, 1.000 too many"
    ]


def test_a_device_that_waits_for_what_another_one_opened_is_told(good: Evidence) -> None:
    assert words(good, opened(0, 2), opened(0, 0), opened(0, 0, "device-2")) == [
        "desk-1: at 0d 00:00:00.000 device-2 was made to wait, and had 2.000 journals left"
    ]


def test_a_process_run_begins_with_all_that_may_be_brought_at_once(good: Evidence) -> None:
    assert words(good, opened(0, 2), opened(0, 2, began_ms=1)) == []
