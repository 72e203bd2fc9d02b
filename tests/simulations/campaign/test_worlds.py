"""Worlds run one after the other in one process, and whatever is raised in one of them is found, not lost."""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from crdt_pms.ledger.register import RegisterState
from crdt_pms.replica.replica import Replica
from crdt_pms.state.frontier import Frontier
from simulations.ablations.patching import replaced
from simulations.campaign.drawing import draw_plan
from simulations.campaign.unhandled import CHECKER as UNHANDLED
from simulations.campaign.worlds import Worlds, memory_folder, quiet, run_seeds, worlds
from simulations.world import time
from simulations.world.plan import START_MS
from simulations.world.trace import Trace
from simulations.world.world import World
from tests.simulations.faults.small_world import small_plan


@pytest.fixture
def here() -> Iterator[Worlds]:
    with worlds() as running:
        yield running


def raise_it(*_arguments: object) -> None:
    raise ZeroDivisionError("nobody thought of this")


def test_a_world_that_keeps_the_laws_has_no_findings_and_its_counts(here: Worlds) -> None:
    result = here.run(small_plan(work=6))
    assert result.findings == []
    assert result.counts["actions"] > 0
    assert result.counts["entries_applied"] > result.counts["actions"]
    assert None not in result.agreed_after_ms
    assert len(result.hash) == 64


def test_a_world_is_the_same_whichever_ran_before_it(here: Worlds) -> None:
    plan = small_plan(work=6)
    first = here.run(plan)
    here.run(small_plan(work=6, seed=2))
    assert here.run(plan) == first
    with worlds() as elsewhere:
        assert elsewhere.run(plan) == first


def test_an_error_of_the_product_that_nobody_handles_is_the_law_that_its_node_broke(here: Worlds) -> None:
    with replaced((RegisterState, "apply", raise_it)):
        result = here.run(small_plan(work=6))
    (finding,) = result.findings
    assert (finding.checker, finding.law) == (UNHANDLED, 11)
    assert finding.node.startswith("desk-")
    assert (
        "while running it raised what nobody handles, ZeroDivisionError: nobody thought of this, at crdt_pms/"
        in finding.words
    )
    assert "\n" not in finding.words
    assert result.seed == 1


def test_a_node_that_cannot_load_and_does_not_say_why_broke_the_law_of_loading(here: Worlds) -> None:
    with replaced((Frontier, "load", classmethod(raise_it))):
        (finding,) = here.run(small_plan(work=6)).findings
    assert (finding.checker, finding.law) == (UNHANDLED, 10)
    assert "while starting" in finding.words


def test_an_error_of_the_world_itself_breaks_no_law_and_has_its_traceback(here: Worlds) -> None:
    with replaced((World, "heal", raise_it)):
        (finding,) = here.run(small_plan(work=6)).findings
    assert (finding.checker, finding.law, finding.node) == (UNHANDLED, 0, "")
    assert "in raise_it" in finding.words
    assert finding.words.endswith("ZeroDivisionError: nobody thought of this")


def test_a_world_without_rest_is_not_live(here: Worlds) -> None:
    with patch.object(time, "EVENTS_MAX", 50):
        result = here.run(small_plan(work=6))
    (finding,) = result.findings
    assert (finding.checker, finding.law) == ("liveness", 12)
    assert "no end: of late, from 0d 00:00:00.000 to " in finding.words
    assert re.search(r"desk-\d \S.* \(\d+ times\)", finding.words)


def test_a_world_after_one_that_broke_is_as_ever(here: Worlds) -> None:
    plan = small_plan(work=6)
    whole = here.run(plan)
    with replaced((Replica, "act", raise_it)):
        assert [finding.checker for finding in here.run(plan).findings] == [UNHANDLED]
    assert here.run(plan) == whole


def test_a_world_tells_what_happened_to_whoever_listens(here: Worlds) -> None:
    trace = Trace(START_MS)
    result = here.run(small_plan(work=6), trace)
    assert result.hash == trace.hash
    words = [line.words for line in trace.lines]
    assert words[:2] == ["runs", "runs"]
    assert words[-1] == "the nodes agree"


def test_the_world_of_a_seed_is_that_of_its_plan(here: Worlds) -> None:
    assert run_seeds([5]) == [here.run(draw_plan(5))]


def test_log_lines_and_the_collector_come_back_after_the_worlds() -> None:
    disabled = logging.root.manager.disable
    with pytest.raises(ZeroDivisionError), quiet():
        assert not gc.isenabled()
        assert not logging.getLogger("crdt_pms").isEnabledFor(logging.ERROR)
        raise_it()
    assert gc.isenabled()
    assert logging.root.manager.disable == disabled


def test_nothing_is_left_in_memory_of_worlds_that_are_over() -> None:
    with worlds() as running:
        folder = running._folder
        running.run(small_plan(work=2))
        assert list(folder.iterdir()) == []
    assert not folder.exists()
    assert memory_folder() in (None, folder.parent)
