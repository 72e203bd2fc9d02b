"""What a scenario tells is text under review: a change of the product that changes it shows in a diff.

`CRDT_PMS_REWRITE_TRANSCRIPTS=1 python -m pytest tests/simulations/scenarios/test_transcripts.py` writes them anew; why they
changed belongs into the commit.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crdt_pms.hotel.statuses import HousekeepingCondition
from simulations.scenarios.catalogue import SCENARIOS, TRANSCRIPTS
from simulations.scenarios.props import from_the_street, reported
from simulations.scenarios.script import Script, ScriptBroken, milliseconds_of, time_of
from simulations.scenarios.stage import Performance, perform

REWRITES = os.environ.get("CRDT_PMS_REWRITE_TRANSCRIPTS") == "1"
Performed = Callable[[str], Performance]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_told_as_its_transcript_stands(name: str, performed: Performed) -> None:
    told = performed(name).transcript
    path = TRANSCRIPTS / f"{name}.txt"
    if REWRITES:
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8"), f"{name} is told differently: if that is meant, rewrite it"


@pytest.mark.parametrize("name", SCENARIOS)
def test_in_every_scenario_the_nodes_agree_in_time_and_no_law_is_broken(name: str, performed: Performed) -> None:
    performance = performed(name)
    assert performance.outcome.findings == []
    assert None not in performance.outcome.agreed_after_ms
    assert performance.agreed_after_ms
    assert None not in performance.agreed_after_ms


def test_every_transcript_has_its_scenario() -> None:
    assert sorted(path.stem for path in TRANSCRIPTS.glob("*.txt")) == sorted(SCENARIOS)


def test_a_script_bears_the_name_under_which_it_is_listed() -> None:
    assert {name: script().name for name, script in SCENARIOS.items()} == {name: name for name in SCENARIOS}


def test_a_scenario_is_the_same_whenever_it_is_performed(performed: Performed, tmp_path: Path) -> None:
    name = "flapping_wifi"
    again = perform(SCENARIOS[name](), tmp_path)
    assert again.transcript == performed(name).transcript
    assert again.outcome.hash == performed(name).outcome.hash


def test_a_desk_that_refuses_what_the_script_takes_for_granted_breaks_it(tmp_path: Path) -> None:
    play = Script("broken", "A dirty room", "Nobody has cleaned.", desks=1)
    play.act("1 15:00", 1, "suzuki", from_the_street("abe", "Kenji Abe", "203"))
    with pytest.raises(ScriptBroken, match="not ready"):
        perform(play, tmp_path)


def test_a_desk_that_takes_what_the_script_says_it_refuses_breaks_it(tmp_path: Path) -> None:
    play = Script("broken", "A clean room", "Nothing is in the way.", desks=1)
    play.act("1 15:00", 1, "yamamoto", reported("203", HousekeepingCondition.CLEAN), is_refused=True)
    with pytest.raises(ScriptBroken, match="is not refused"):
        perform(play, tmp_path)


@pytest.mark.parametrize("at", ["1 00:00", "1 23:59", "62 09:05"])
def test_a_time_is_written_as_it_is_read(at: str) -> None:
    assert time_of(milliseconds_of(at)) == f"day {at}"


@pytest.mark.parametrize("at", ["", "09:00", "1 9:00", "1 09:00:00"])
def test_what_is_no_time_of_a_script_is_an_error(at: str) -> None:
    with pytest.raises(ValueError, match="day hh:mm"):
        milliseconds_of(at)
