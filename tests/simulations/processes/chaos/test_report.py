"""What a chaos run tells its user."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from simulations.checkers.judging import Finding
from simulations.processes.chaos.report import FAILURES_SHOWN, as_json, print_report
from simulations.processes.chaos.run import ChaosOutcome
from simulations.processes.chaos.schedule import draw_schedule
from simulations.processes.chaos.witness import Witness

LOST = Finding("acknowledgement", 2, "desk-1", "desk-1: table entry lacks 6a:1")


def outcome(*findings: Finding, odd: tuple[str, ...] = (), agreed_seconds: float | None = 1.5) -> ChaosOutcome:
    witness = Witness()
    witness.odd.extend(odd)
    witness.acted("desk-1", "walk_in", "suzuki", [("6a" * 16, 1)])
    return ChaosOutcome(draw_schedule(7, 30, 3, 1), witness, [], findings, {"lose": 2}, 12, agreed_seconds)


def said(of: ChaosOutcome) -> str:
    told = StringIO()
    print_report(of, Console(file=told, width=200))
    return told.getvalue()


def test_a_run_on_which_nothing_is_wrong_says_what_was_done_and_how_soon_all_agreed() -> None:
    told = said(outcome())
    assert "walk_in" in told
    assert "agreed 1.5 s after the healing, on 12 entries" in told
    assert "✓" in told
    assert as_json(outcome())["failures"] == []


def test_every_broken_law_and_everything_odd_is_told() -> None:
    failed = outcome(LOST, odd=("desk-2 [/api] answered 500",), agreed_seconds=None)
    assert as_json(failed)["failures"] == ["desk-2 [/api] answered 500", f"law 2 (acknowledgement): {LOST.words}"]
    told = said(failed)
    assert "desk-2 [/api] answered 500" in told
    assert LOST.words in told
    assert "never agreed" in told
    assert "✓" not in told


def test_many_findings_are_counted_instead_of_shown() -> None:
    told = said(outcome(*[LOST] * (FAILURES_SHOWN + 3)))
    assert told.count("✗") == FAILURES_SHOWN
    assert "3 more" in told
