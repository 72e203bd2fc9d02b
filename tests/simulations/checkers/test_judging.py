"""On a run on which nothing is wrong no checker finds anything, whatever of it is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulations.checkers.contents import RELAY
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import REBUILT, Applied, Opened, Probe
from simulations.checkers.judging import CHECKERS, judge
from tests.simulations.checkers.tampering import again, changed, events, put
from tests.simulations.checkers.witnessed_run import witnessed


@pytest.mark.parametrize("seed", [2, 3])
def test_a_random_run_is_clean(seed: int, tmp_path: Path) -> None:
    assert judge(witnessed(tmp_path, seed, 3, 120)) == []


@pytest.mark.parametrize("checker", CHECKERS)
def test_each_checker_is_silent_on_a_good_run(checker: str, good: Evidence) -> None:
    assert list(CHECKERS[checker](good)) == []


def test_the_good_run_holds_what_the_checkers_look_for(good: Evidence) -> None:
    assert good.possession.excused
    assert any(opened.rewound for opened in events(good, Opened))
    assert any(len(applied.dots) > 1 for applied in events(good, Applied))
    assert good.reference.tables["conflict"]
    assert good.reference.tables["posting"]
    assert next(iter(good.folds.values())).bookings


def test_a_run_without_history_is_judged_by_what_is_left(good: Evidence) -> None:
    assert judge(again(good, history=(), probes=())) == []


def test_a_world_without_a_relay_is_judged_among_its_terminals(good: Evidence) -> None:
    terminals = [node for node in good.nodes if not node.is_relay]
    history = [event for event in good.history if event.node != RELAY]
    evidence = again(good, nodes=terminals, history=history)
    assert evidence.reference is terminals[0]
    assert judge(evidence) == []


def test_the_relay_is_the_reference_wherever_it_is_listed(good: Evidence) -> None:
    assert again(good, nodes=list(reversed(good.nodes))).reference.name == RELAY


def test_findings_say_which_checker_found_them_and_are_sorted(good: Evidence) -> None:
    room = next(iter(good.reference.tables["room_status"]))
    findings = judge(changed(good, put("room_status", room, updated_ms=1), "desk-2"))
    assert findings == sorted(findings)
    assert {(finding.checker, finding.law, finding.node) for finding in findings} == {("convergence", 1, "desk-2")}


def test_evidence_that_cannot_be_judged_is_refused(good: Evidence) -> None:
    with pytest.raises(ValueError, match="at least one node"):
        again(good, nodes=[])
    with pytest.raises(ValueError, match="a name of its own"):
        again(good, nodes=[good.nodes[1], good.nodes[1]])
    with pytest.raises(ValueError, match="a probe"):
        again(good, probes=[Probe(REBUILT, "desk-9", good.nodes[1])])
    with pytest.raises(ValueError, match="a probe"):
        again(good, probes=[Probe("rebuild", "desk-1", good.nodes[1])])
