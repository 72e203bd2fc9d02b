"""A campaign tells how much happened, and what never did."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from crdt_pms.ledger.matters import Matter
from simulations.campaign.totals import RARE, Totals
from simulations.campaign.worlds import Result
from simulations.checkers.judging import Finding
from simulations.faults.knobs import KNOBS
from simulations.world.bounds import counter_of
from simulations.world.limits import BOUNDS

FOUND = Finding("money", 8, "desk-1", "a yen is missing")


def result(seed: int, **counts: int) -> Result:
    return Result(seed, "", [], Counter(counts))


def test_an_empty_campaign_has_done_nothing_and_everything_is_silent() -> None:
    totals = Totals()
    assert (totals.worlds, totals.actions_of_median_world, totals.failed) == (0, 0, [])
    assert totals.silent == [*sorted(KNOBS), *(one.value for one in Matter if one.value not in RARE), *BOUNDS]


def test_the_median_world_is_the_one_in_the_middle_not_the_average() -> None:
    totals = Totals()
    totals.add([result(1, actions=10), result(2, actions=1_000)])
    totals.add([result(3, actions=60)])
    assert totals.worlds == 3
    assert totals.actions_of_median_world == 60


def test_counts_of_all_worlds_add_up() -> None:
    totals = Totals()
    totals.add(result(seed, fault_kill=2, loss=seed, conflict_terms=1) for seed in range(4))
    assert (totals.faults["kill"], totals.faults["loss"], totals.matters["conflict_terms"]) == (8, 6, 4)


def test_a_knob_counts_whichever_of_its_effects_came_about() -> None:
    totals = Totals()
    totals.add([result(1, disk_outcome_unknown_kept=1), result(2, disk_outcome_unknown_lost=2)])
    assert totals.faults["commit_outcome_unknown"] == 3


def test_what_had_no_effect_is_silent_and_what_had_one_is_not() -> None:
    totals = Totals()
    everything = {effect: 1 for knob in KNOBS.values() for effect in knob.effects} | {one.value: 1 for one in Matter}
    everything |= {counter_of(name): 1 for name in BOUNDS}
    totals.add([result(1, **everything)])
    assert totals.silent == []
    silent = ("fault_pause", "alert_journal_forked", counter_of("queued"))
    without = {name: times for name, times in everything.items() if name not in silent}
    totals = Totals()
    totals.add([result(1, **without)])
    assert totals.silent == ["pause", "alert_journal_forked", "queued"]


def test_worlds_with_findings_have_failed() -> None:
    totals = Totals()
    totals.add([result(1), replace(result(2), findings=[FOUND]), result(3)])
    assert [failed.seed for failed in totals.failed] == [2]


def test_how_long_nodes_took_to_agree_is_kept_of_those_that_did() -> None:
    totals = Totals()
    totals.add([replace(result(1), agreed_after_ms=took) for took in ((500, None), (1_000, 1_500))])
    assert totals.agreed_after_ms == [500, 1_000, 1_500]
